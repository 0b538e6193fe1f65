import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import type { Reply } from "./commands.ts";

/** Something in a process of its own, so that nothing else is measured with it. */
export interface Measured extends AsyncDisposable {
  readonly pid: number;
  ask<T = unknown>(command: string, input?: unknown): Promise<T>;
  /** See `commands.ts`. */
  cpuMicros(): Promise<number>;
  residentBytes(): Promise<number>;
  keptBytes(): Promise<number>;
}

const FOLDER = path.join(import.meta.dirname, "../processes");
const END_MS_MAX = 15_000;

/**
 * Starts a file of `bench/processes`. Disposing of it asks it to end by closing the channel; what
 * it holds, such as a folder, it gives back itself.
 *
 * @param nodeOptions further flags of node, such as those of the profiler
 */
export async function startMeasured(
  file: string,
  args: readonly string[] = [],
  nodeOptions: readonly string[] = profilerOptions(file),
): Promise<Measured> {
  const child = fork(path.join(FOLDER, file), args, {
    execArgv: ["--expose-gc", ...nodeOptions],
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"] },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    serialization: "advanced",
  });
  const waiting = new Map<number, (reply: Reply | undefined) => void>();
  const exited = once(child, "exit");
  child.on("message", (reply: Reply) => waiting.get(reply.id)?.(reply));
  void exited.then(() => {
    for (const answer of waiting.values()) answer(undefined);
  });
  const isReady = await Promise.race([once(child, "message"), exited.then(() => false)]);
  if (isReady === false) throw new Error(`${file} did not start.`);

  let requests = 0;
  const ask = async <T>(command: string, input?: unknown): Promise<T> => {
    requests += 1;
    const id = requests;
    const replied = new Promise<Reply | undefined>((resolve) => waiting.set(id, resolve));
    child.send({ id, command, input });
    const reply = await replied;
    waiting.delete(id);
    if (reply === undefined) throw new Error(`${file} ended during ${command}.`);
    if ("failure" in reply) throw new Error(`${file}, ${command}: ${reply.failure}`);
    return reply.answer as T;
  };
  return {
    pid: child.pid ?? 0,
    ask,
    cpuMicros: () => ask("cpuMicros"),
    residentBytes: () => ask("residentBytes"),
    keptBytes: () => ask("keptBytes"),
    [Symbol.asyncDispose]: () => end(child, exited, ask),
  };
}

async function end(
  child: ChildProcess,
  exited: Promise<unknown>,
  ask: (command: string) => Promise<unknown>,
): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const timer = setTimeout(() => child.kill("SIGKILL"), END_MS_MAX);
  await ask("end").catch(() => {});
  if (child.connected) child.disconnect();
  await exited;
  clearTimeout(timer);
}

/** `BENCH_PROFILE=stoa.ts` writes a profile of that process into the working folder. */
function profilerOptions(file: string): string[] {
  return process.env["BENCH_PROFILE"] === file ? ["--cpu-prof", "--cpu-prof-interval=200"] : [];
}
