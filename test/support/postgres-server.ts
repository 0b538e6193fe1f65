import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, globSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { Client } from "pg";
import { folderFor, freePort } from "./own-server.ts";
import { endWithTests, killTree, signalTree } from "./process-tree.ts";
import { waitFor } from "./wait-for.ts";

/** A PostgreSQL server of a test's own, to be treated as badly as the test likes. */
export interface PostgresServer extends AsyncDisposable {
  /** Of its database `postgres`; the same after every restart. */
  readonly url: string;
  /** Starts it, and resolves when it answers queries. */
  start(): Promise<void>;
  /** Whether its processes run, be they paused. */
  running(): boolean;
  /** As `pg_ctl stop -m`: immediate leaves what a crash leaves. */
  stop(mode: keyof typeof STOP_SIGNALS): Promise<void>;
  /** SIGKILL of all its processes at once, as when the machine is out of memory. */
  kill(): Promise<void>;
  /** SIGSTOP of all its processes: connections stay, and nobody answers. */
  pause(): void;
  resume(): void;
  /** Its log so far. */
  output(): string;
}

export interface PostgresServerOptions {
  /** An empty folder for its data, which is the caller's to delete; else one of its own. */
  readonly folder?: string;
  readonly settings?: Readonly<Record<string, string>>;
  /** Small by default, so that a small disk is enough; a busy server wants larger ones. */
  readonly walSegmentMiB?: number;
}

const STOP_SIGNALS = { smart: "SIGTERM", fast: "SIGINT", immediate: "SIGQUIT" } as const;
const START_TIMEOUT_MS = 60_000;
const BINARIES = globSync("/usr/lib/postgresql/*/bin")
  .filter((folder) => existsSync(path.join(folder, "initdb")))
  .sort()
  .at(-1);

/** PostgreSQL refuses to be run by root. */
const owner = process.getuid?.() === 0 ? postgresUser() : undefined;

/** Why there can be none here; false when there can. */
export const NO_POSTGRES = whyNot();

function whyNot(): string | false {
  if (BINARIES === undefined) return "PostgreSQL is not installed under /usr/lib/postgresql";
  if (owner === null) return "root may not run PostgreSQL, and there is no user postgres";
  return false;
}

function postgresUser(): { uid: number; gid: number } | null {
  const idOf = (flag: string) =>
    Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8", stdio: "pipe" }));
  try {
    return { uid: idOf("-u"), gid: idOf("-g") };
  } catch {
    return null;
  }
}

/** Makes an empty cluster on a free port of 127.0.0.1 and starts it. */
export async function startPostgresServer(
  options: PostgresServerOptions = {},
): Promise<PostgresServer> {
  const parent = options.folder ?? (await folderFor("stoa-postgres-"));
  if (owner) chownSync(parent, owner.uid, owner.gid);
  const folder = path.join(parent, "cluster");
  const binary = (name: string) => path.join(BINARIES ?? "", name);
  const layOut = ["-D", folder, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale"];
  execFileSync(
    binary("initdb"),
    [...layOut, "--no-sync", `--wal-segsize=${options.walSegmentMiB ?? 1}`],
    {
      ...owner,
      cwd: parent,
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  const port = await freePort();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const settings = {
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: "",
    shared_buffers: "32MB",
    ...options.settings,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  let output = "";
  let child: ChildProcess | undefined;
  const running = () => child !== undefined && child.exitCode === null && child.signalCode === null;

  const server: PostgresServer = {
    url,
    running,
    output: () => output,
    async start() {
      const started = spawn(binary("postgres"), ["-D", folder, ...flags], {
        ...owner,
        cwd: parent,
        stdio: ["ignore", "ignore", "pipe"],
      });
      child = endWithTests(started);
      started.stderr.on("data", (bytes: Buffer) => {
        output += bytes.toString("utf8");
      });
      const answersOrEnded = async () => !running() || (await answers(url));
      await waitFor(answersOrEnded, { what: "PostgreSQL answers", timeoutMs: START_TIMEOUT_MS });
      if (!running()) throw new Error(`PostgreSQL ended:\n${output.slice(-2_000)}`);
    },
    async stop(mode) {
      if (child === undefined || !running()) return;
      const ended = once(child, "exit");
      child.kill(STOP_SIGNALS[mode]);
      await ended;
    },
    async kill() {
      if (child?.pid === undefined || !running()) return;
      const ended = once(child, "exit");
      killTree(child.pid);
      await ended;
    },
    pause: () => signalTree(child?.pid ?? 0, "SIGSTOP"),
    resume: () => signalTree(child?.pid ?? 0, "SIGCONT"),
    async [Symbol.asyncDispose]() {
      await server.kill();
      await rm(folder, { recursive: true, force: true });
      if (options.folder === undefined) await rm(parent, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query("select 1");
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}
