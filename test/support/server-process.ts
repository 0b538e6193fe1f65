import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { endWithTests } from "./process-tree.ts";

/** A command of the real program in a process of its own, as an operator starts it. */
export interface StoaProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  /** Resolves to the exit code when it has ended; null when a signal ended it. */
  readonly exited: Promise<number | null>;
  /** What it printed so far. */
  output(): string;
  /** SIGKILL: nothing of it runs any more when this resolves. */
  kill(): Promise<void>;
  /** SIGTERM; resolves to the exit code. */
  stop(): Promise<number | null>;
  /** SIGSTOP: it does nothing until `resume`, and nobody is told. */
  pause(): void;
  resume(): void;
}

export interface ServerProcess extends StoaProcess {
  readonly url: string;
}

export interface ServerOptions {
  readonly dataFolder: string;
  readonly databaseUrl?: string | undefined;
  readonly busUrl?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** Started in place of the program: one of a test's own that takes messages of its parent. */
  readonly program?: string;
}

const ENTRY = path.join(import.meta.dirname, "../../bin/stoa.mjs");
const START_TIMEOUT_MS = 60_000;
const LISTENS = /listens at (http:\/\/\S+)/;

/** Starts a command and does not wait for anything. */
export function spawnStoa(options: ServerOptions): StoaProcess {
  const { dataFolder, databaseUrl, busUrl, env = {}, args = ["serve"], program } = options;
  // Where many are started, one after the other, this spares each the reading of the same code.
  const { NODE_COMPILE_CACHE: cache } = process.env;
  const child = spawn(process.execPath, [program ?? ENTRY, ...args], {
    stdio: ["ignore", "pipe", "pipe", program === undefined ? "ignore" : "ipc"],
    env: {
      PATH: process.env["PATH"] ?? "",
      NODE_ENV: "test",
      PORT: "0",
      ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: cache }),
      STOA_DATA: dataFolder,
      STOA_CALLS_PER_SECOND: "100000",
      STOA_CALLS_BURST: "100000",
      ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
      ...(busUrl === undefined ? {} : { AMQP_URL: busUrl }),
      ...env,
    },
  });
  endWithTests(child);
  let output = "";
  const hear = (bytes: Buffer) => {
    output += bytes.toString("utf8");
  };
  child.stdout?.on("data", hear);
  child.stderr?.on("data", hear);
  // After "close" everything it printed has been heard.
  const exited = once(child, "close").then(() => child.exitCode);
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    return exited;
  };
  return {
    child,
    exited,
    output: () => output,
    kill: async () => void (await end("SIGKILL")),
    stop: () => end("SIGTERM"),
    pause: () => void child.kill("SIGSTOP"),
    resume: () => void child.kill("SIGCONT"),
    [Symbol.asyncDispose]: async () => void (await end("SIGKILL")),
  };
}

/** Starts it on a free port and resolves when it says where it listens. */
export async function startServerProcess(options: ServerOptions): Promise<ServerProcess> {
  const running = spawnStoa(options);
  const listening = new Promise<string>((resolve) => {
    running.child.stdout?.on("data", () => {
      const url = LISTENS.exec(running.output())?.[1];
      if (url !== undefined) resolve(url);
    });
  });
  const tooLate = AbortSignal.timeout(START_TIMEOUT_MS);
  const url = await Promise.race([
    listening,
    running.exited.then(() => undefined),
    once(tooLate, "abort").then(() => undefined),
  ]);
  if (url === undefined) {
    await running.kill();
    throw new Error(`The server did not start:\n${running.output()}`);
  }
  return { ...running, url };
}
