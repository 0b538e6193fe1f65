import { randomBytes } from "node:crypto";
import { link, readFile, readlink, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { type Clock, sleep, type Timer } from "../../../core/clock.ts";
import { DatabaseUnavailable } from "../../../core/database.ts";

/**
 * PGlite takes no lock, and two processes on one folder lose each other's rows; this is the lock.
 *
 * A file names the process that holds the folder. A process that ended without removing the file
 * is recognised at once where the system tells enough: same boot, same process namespace (that
 * is, no other container), and the process is gone or its id belongs to one that began at another
 * time. Where that cannot be known, the file's time decides, which its holder renews: a file that
 * nobody renews for a while belongs to nobody.
 */
export interface FolderLock {
  release(): Promise<void>;
}

/** The process in the file. What the system does not tell is null. */
interface Holder {
  readonly pid: number;
  /** Clock ticks from boot to the start of the process. */
  readonly startedAt: string | null;
  readonly bootId: string | null;
  readonly pidNamespace: string | null;
}

type Verdict = "alive" | "ended" | "unknown";

export const LOCK_FILE = "pglite.lock";
/** Taking over is exclusive, too, and lasts as long as this file. */
const TAKEOVER_FILE = "pglite.lock.takeover";
const RENEW_INTERVAL_MS = 2_000;
/** A file that was not renewed for so long belongs to nobody. */
const SILENCE_MS = 4 * RENEW_INTERVAL_MS;
/** A file so old needs no watching, whatever the clocks of two machines differ by. */
const OLD_MS = 60_000;
const POLL_MS = 100;
const ATTEMPTS_MAX = 100;

/** @throws DatabaseUnavailable naming the process that uses the folder */
export async function lockFolder(folder: string, clock: Clock): Promise<FolderLock> {
  const file = path.join(folder, LOCK_FILE);
  const own = `${file}.${randomBytes(8).toString("hex")}`;
  await writeFile(own, JSON.stringify(await thisProcess()), { mode: 0o600 });
  try {
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
      // A hard link appears with its content, and only where there is no file.
      if (await created(() => link(own, file))) return hold(file, clock);
      const text = await readIfThere(file);
      if (text === undefined) continue;
      const holder = parseHolder(text);
      if (!(await hasEnded(file, holder, clock))) throw inUse(folder, holder);
      if (await takeOver(file, own, text, clock)) return hold(file, clock);
    }
    throw new DatabaseUnavailable(`The lock ${file} could not be taken.`, { passing: false });
  } finally {
    await rm(own, { force: true });
  }
}

function inUse(folder: string, holder: Holder | undefined): DatabaseUnavailable {
  return new DatabaseUnavailable(
    `The data folder ${folder} is in use by ` +
      `${holder === undefined ? "another process" : `the process ${holder.pid}`}. ` +
      "Stop that one, or give this one a data folder of its own (STOA_DATA).",
    { passing: false },
  );
}

function hold(file: string, clock: Clock): FolderLock {
  let timer: Timer;
  let released = false;
  const renewLater = () => {
    timer = clock.after(RENEW_INTERVAL_MS, () => void renew());
  };
  const renew = async () => {
    const now = new Date(clock.nowMs());
    // A folder that somebody removed has nothing to protect any more.
    await utimes(file, now, now).catch(() => {});
    if (!released) renewLater();
  };
  renewLater();
  return {
    async release() {
      released = true;
      timer.cancel();
      await rm(file, { force: true });
    },
  };
}

/** Replaces the file if it is still the one with this text; false when somebody was faster. */
async function takeOver(file: string, own: string, text: string, clock: Clock): Promise<boolean> {
  const guard = path.join(path.dirname(file), TAKEOVER_FILE);
  if (!(await created(() => writeFile(guard, "", { flag: "wx" })))) {
    // A process that ended within these few steps leaves the guard behind.
    const age = clock.nowMs() - (await modifiedMs(guard));
    if (age > SILENCE_MS) await rm(guard, { force: true });
    else await sleep(clock, POLL_MS);
    return false;
  }
  try {
    if ((await readIfThere(file)) !== text) return false;
    await rename(own, file);
    return true;
  } finally {
    await rm(guard, { force: true });
  }
}

/** Undefined when the file makes no sense, as one that a power cut left empty. */
function parseHolder(text: string): Holder | undefined {
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return undefined;
  }
}

async function hasEnded(file: string, holder: Holder | undefined, clock: Clock): Promise<boolean> {
  const verdict = await judge(holder);
  if (verdict !== "unknown") return verdict === "ended";
  const seenMs = await modifiedMs(file);
  if (clock.nowMs() - seenMs > OLD_MS) return true;
  const endMs = clock.monotonicMs() + SILENCE_MS;
  while (clock.monotonicMs() < endMs) {
    await sleep(clock, POLL_MS);
    if ((await modifiedMs(file)) !== seenMs) return false;
  }
  return true;
}

async function judge(holder: Holder | undefined): Promise<Verdict> {
  if (holder === undefined) return "unknown";
  const self = await thisProcess();
  const comparable = holder.bootId === self.bootId && holder.pidNamespace === self.pidNamespace;
  if (!comparable) return "unknown";
  if (!exists(holder.pid)) return "ended";
  const startedAt = await startOf(holder.pid);
  if (startedAt === null || holder.startedAt === null) return "unknown";
  return startedAt === holder.startedAt ? "alive" : "ended";
}

async function thisProcess(): Promise<Holder> {
  return {
    pid: process.pid,
    startedAt: await startOf(process.pid),
    bootId: await orNull(readFile("/proc/sys/kernel/random/boot_id", "utf8")),
    pidNamespace: await orNull(readlink("/proc/self/ns/pid")),
  };
}

/** Field 22 of proc(5)'s stat; the second field, a name in parentheses, may contain anything. */
async function startOf(pid: number): Promise<string | null> {
  const text = await orNull(readFile(`/proc/${pid}/stat`, "utf8"));
  if (text === null) return null;
  return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? null;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== "ESRCH";
  }
}

/** False when the file that was to be created is there already. */
async function created(create: () => Promise<void>): Promise<boolean> {
  try {
    await create();
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** When the file was renewed; long ago when it is gone. */
async function modifiedMs(file: string): Promise<number> {
  const found = await orNull(stat(file));
  return found?.mtimeMs ?? 0;
}

async function orNull<T>(value: Promise<T>): Promise<T | null> {
  try {
    return await value;
  } catch {
    return null;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
