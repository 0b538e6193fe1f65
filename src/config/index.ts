import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import type { Random } from "../core/random.ts";
import { buildConfig, type Config, type Flags } from "./config.ts";
import { type ConfigProblem, processEnvironment, readEnv } from "./env.ts";
import { keepSecrets } from "./kept-secrets.ts";

/** The configuration cannot be used; every problem is listed at once. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(
      [
        "The configuration cannot be used:",
        ...problems.map(({ name, message }) => `  ${name}: ${message}`),
      ].join("\n"),
    );
    this.problems = problems;
  }
}

/**
 * Reads flags, environment and `.env` (which the environment overrides).
 *
 * @throws ConfigError
 */
export function loadConfig(
  flags: Flags,
  moduleNames: readonly string[],
  random: Random,
  environment: Readonly<Record<string, string | undefined>> = processEnvironment(),
): Config {
  const readFile = (path: string) => readFileSync(path, "utf8");
  const { env, problems } = readEnv({ ...dotEnv(environment), ...environment }, readFile);
  if (problems.length > 0) throw new ConfigError(problems);
  const built = buildConfig(env, flags, moduleNames, (folder) => keepSecrets(folder, random));
  if ("problems" in built) throw new ConfigError(built.problems);
  return built.config;
}

/** The variables of `.env` in the working folder, outside of tests. */
function dotEnv(environment: Readonly<Record<string, string | undefined>>) {
  if (environment["NODE_ENV"] === "test") return {};
  try {
    return parseEnv(readFileSync(".env", "utf8"));
  } catch {
    return {};
  }
}
