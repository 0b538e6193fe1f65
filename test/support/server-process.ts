import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";

/** The real program in a process of its own, as an operator starts it. */
export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  readonly child: ChildProcess;
  /** What it printed so far. */
  output(): string;
  /** SIGKILL: nothing of it runs any more when this resolves. */
  kill(): Promise<void>;
  /** SIGTERM; resolves to the exit code. */
  stop(): Promise<number | null>;
}

export interface ServerOptions {
  readonly dataFolder: string;
  readonly databaseUrl?: string | undefined;
  readonly busUrl?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

const ENTRY = path.join(import.meta.dirname, "../../bin/stoa.mjs");
const START_TIMEOUT_MS = 60_000;
const LISTENS = /listens at (http:\/\/\S+)/;

/** Starts it on a free port and resolves when it says where it listens. */
export async function startServerProcess(options: ServerOptions): Promise<ServerProcess> {
  const { dataFolder, databaseUrl, busUrl, env = {}, args = ["serve"] } = options;
  const child = spawn(process.execPath, [ENTRY, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"] ?? "",
      NODE_ENV: "test",
      PORT: "0",
      STOA_DATA: dataFolder,
      STOA_CALLS_PER_SECOND: "100000",
      STOA_CALLS_BURST: "100000",
      ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
      ...(busUrl === undefined ? {} : { AMQP_URL: busUrl }),
      ...env,
    },
  });
  const exited = once(child, "exit");
  let output = "";
  const listening = new Promise<string>((resolve) => {
    const hear = (bytes: Buffer) => {
      output += bytes.toString("utf8");
      const url = LISTENS.exec(output)?.[1];
      if (url !== undefined) resolve(url);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
  });
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await exited;
  };
  const tooLate = AbortSignal.timeout(START_TIMEOUT_MS);
  const url = await Promise.race([
    listening,
    exited.then(() => undefined),
    once(tooLate, "abort").then(() => undefined),
  ]);
  if (url === undefined) {
    await end("SIGKILL");
    throw new Error(`The server did not start:\n${output}`);
  }
  return {
    url,
    child,
    output: () => output,
    kill: () => end("SIGKILL"),
    async stop() {
      await end("SIGTERM");
      return child.exitCode;
    },
    [Symbol.asyncDispose]: () => end("SIGKILL"),
  };
}
