import { parseArgs } from "node:util";
import { ConfigError } from "../config/index.ts";
import { admin } from "./admin.ts";
import type { Command } from "./command.ts";
import { methods } from "./methods.ts";
import { migrate } from "./migrate.ts";
import { secrets } from "./secrets.ts";
import { serve } from "./serve.ts";
import { shard } from "./shard.ts";
import { verify } from "./verify.ts";

const COMMANDS: Readonly<Record<string, Command>> = {
  serve,
  shard,
  migrate,
  methods,
  admin,
  secrets,
  verify,
};

const EXIT_USAGE = 2;

function usage(): string {
  const commands = Object.entries(COMMANDS).map(
    ([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`,
  );
  return `Usage: stoa [command] [flags]

${commands.join("\n")}

Flags:
  -a host:port   where to listen                (RUN_ADDRESS, HOST and PORT)
  -d url         the PostgreSQL database        (DATABASE_URI, DATABASE_URL)
  --only NAME    serve one module, at the root
  --help         this text

Without a command it serves. Every setting is described in .env.example.
`;
}

/** Runs one command and answers the exit code: 0, 1 when it failed, 2 when not understood. */
export async function runCli(args: readonly string[]): Promise<number> {
  let parsed: ReturnType<typeof parseFlags>;
  try {
    parsed = parseFlags(args);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    console.error(usage());
    return EXIT_USAGE;
  }
  const { values, positionals } = parsed;
  if (values.help) {
    console.log(usage());
    return 0;
  }
  const [name = "serve", ...surplus] = positionals;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined || surplus.length > 0) {
    console.error(`stoa does not know: ${positionals.join(" ")}`);
    console.error(usage());
    return EXIT_USAGE;
  }
  try {
    await command.run({ address: values.address, database: values.database, only: values.only });
    return 0;
  } catch (error) {
    if (error instanceof ConfigError) {
      console.error(error.message);
      return EXIT_USAGE;
    }
    console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return 1;
  }
}

function parseFlags(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      address: { type: "string", short: "a" },
      database: { type: "string", short: "d" },
      only: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
}
