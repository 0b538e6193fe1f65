import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const REPOSITORY = path.join(import.meta.dirname, "../..");
const LISTENS = /listens at (http:\/\/\S+)/;
const START_MS_MAX = 120_000;

/** What is committed, in a folder of its own, as somebody has it who just heard of it. */
export interface Clone extends AsyncDisposable {
  /** Runs a command in it to its end; answers how long it took, in milliseconds. */
  run(command: string, ...args: readonly string[]): Promise<number>;
  /** Starts the service over a data folder, with a command that goes on. */
  start(dataFolder: string, command: string, ...args: readonly string[]): Promise<Started>;
  /** A data folder that is not there yet. */
  dataFolder(name: string): string;
}

export interface Started extends AsyncDisposable {
  readonly url: string;
  /** From the command until it said where it listens. */
  readonly readyMs: number;
  /** From the command until the first answer of a method. */
  readonly answeredMs: number;
}

export async function cloneRepository(): Promise<Clone> {
  const folder = await mkdtemp(path.join(tmpdir(), "stoa-clone-"));
  const cwd = path.join(folder, "stoa");
  await promisify(execFile)("git", ["clone", "--quiet", REPOSITORY, cwd]);
  return {
    async run(command, ...args) {
      const startedMs = performance.now();
      await promisify(execFile)(command, args, { cwd, env: environment() });
      return performance.now() - startedMs;
    },
    start: (dataFolder, command, ...args) => start(cwd, dataFolder, command, args),
    dataFolder: (name) => path.join(folder, name),
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Nothing of this project's own npm reaches the clone's. */
function environment(): NodeJS.ProcessEnv {
  const own = path.join(REPOSITORY, "node_modules");
  const paths = (process.env["PATH"] ?? "").split(path.delimiter);
  const given = Object.entries(process.env).filter(([name]) => !/^(npm_|STOA_|NODE)/.test(name));
  const PATH = paths.filter((place) => !place.startsWith(own)).join(path.delimiter);
  return { ...Object.fromEntries(given), PATH };
}

async function start(
  cwd: string,
  dataFolder: string,
  command: string,
  args: readonly string[],
): Promise<Started> {
  const startedMs = performance.now();
  const env = { ...environment(), PORT: "0", STOA_DATA: dataFolder, DATABASE_URL: "" };
  // A group of its own: npm and what it starts are ended together.
  const child = spawn(command, args, {
    cwd,
    env,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  try {
    const url = await listening(child);
    const readyMs = performance.now() - startedMs;
    const headers = { "content-type": "application/json" };
    const answered = await fetch(`${url}/api/cinema.getOne`, {
      method: "POST",
      headers,
      body: '{"id":1}',
    });
    if (answered.status !== 200) throw new Error(await answered.text());
    await answered.arrayBuffer();
    const answeredMs = performance.now() - startedMs;
    return { url, readyMs, answeredMs, [Symbol.asyncDispose]: () => stop(child) };
  } catch (error) {
    await stop(child);
    throw error;
  }
}

function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = "";
    const timer = setTimeout(
      () => reject(new Error(`It does not start:\n${output}`)),
      START_MS_MAX,
    );
    const hear = (bytes: Buffer) => {
      output += bytes.toString();
      const url = LISTENS.exec(output)?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    child.once("exit", () => {
      clearTimeout(timer);
      reject(new Error(`It ended:\n${output}`));
    });
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  process.kill(-(child.pid ?? 0), "SIGTERM");
  await exited;
}
