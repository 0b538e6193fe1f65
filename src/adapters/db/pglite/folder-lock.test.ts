import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type TestContext, test } from "node:test";
import type { Clock } from "../../../core/clock.ts";
import { DatabaseUnavailable } from "../../../core/database.ts";
import { systemClock } from "../../system/clock.ts";
import { LOCK_FILE, lockFolder } from "./folder-lock.ts";

async function newFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "stoa-lock-"));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

/** What a holder writes, as this process would but for the given differences. */
async function leaveLock(folder: string, differences: object): Promise<string> {
  const file = path.join(folder, LOCK_FILE);
  const lock = await lockFolder(folder, systemClock);
  const text = await readFile(file, "utf8");
  await lock.release();
  await writeFile(file, JSON.stringify({ ...JSON.parse(text), ...differences }));
  return file;
}

/** Time that passes as soon as somebody waits for it; `onWait` runs each time. */
function hastyClock(onWait: () => Promise<void> = async () => {}): Clock {
  let passedMs = 0;
  return {
    nowMs: () => Date.now() + passedMs,
    monotonicMs: () => passedMs,
    after(delayMs, run) {
      const timer = setImmediate(async () => {
        passedMs += delayMs;
        await onWait();
        run();
      });
      return { cancel: () => clearImmediate(timer) };
    },
  };
}

function inUse(pid: number) {
  return (error: unknown) =>
    error instanceof DatabaseUnavailable &&
    !error.passing &&
    error.message.includes(`is in use by the process ${pid}.`);
}

test("a folder has one holder at a time, and leaves nothing behind", async (t) => {
  const folder = await newFolder(t);
  const lock = await lockFolder(folder, systemClock);
  await assert.rejects(lockFolder(folder, systemClock), inUse(process.pid));
  await lock.release();
  const again = await lockFolder(folder, systemClock);
  await again.release();
  assert.deepEqual(await readdir(folder), []);
});

test("the lock of a process that ended is taken over at once", async (t) => {
  const folder = await newFolder(t);
  // Larger than any process id that Linux gives.
  await leaveLock(folder, { pid: 2 ** 22 + 1 });
  const lock = await lockFolder(folder, systemClock);
  await assert.rejects(lockFolder(folder, systemClock), inUse(process.pid));
  await lock.release();
});

const noProc = !existsSync("/proc/self/stat") && "this system does not tell when a process began";

test("a process id that was given away again holds nothing", { skip: noProc }, async (t) => {
  const folder = await newFolder(t);
  await leaveLock(folder, { startedAt: "1" });
  const lock = await lockFolder(folder, systemClock);
  await lock.release();
});

test("of many that find the lock of an ended process, one gets it", async (t) => {
  const folder = await newFolder(t);
  await leaveLock(folder, { pid: 2 ** 22 + 1 });
  const attempts = await Promise.allSettled(
    Array.from({ length: 10 }, () => lockFolder(folder, systemClock)),
  );
  const taken = attempts.flatMap((it) => (it.status === "fulfilled" ? [it.value] : []));
  assert.equal(taken.length, 1);
  for (const attempt of attempts) {
    if (attempt.status === "rejected") assert.ok(inUse(process.pid)(attempt.reason));
  }
  await taken[0]?.release();
  assert.deepEqual(await readdir(folder), []);
});

test("the lock of another container is respected while it is renewed", async (t) => {
  const folder = await newFolder(t);
  const file = await leaveLock(folder, { pid: 1, pidNamespace: "pid:[1]" });
  let renewedMs = Date.now();
  const renewed = hastyClock(async () => {
    renewedMs += 1_000;
    await utimes(file, new Date(renewedMs), new Date(renewedMs));
  });
  await assert.rejects(lockFolder(folder, renewed), inUse(1));
});

test("the lock of another container, or boot, lapses when nobody renews it", async (t) => {
  const folder = await newFolder(t);
  for (const differences of [{ pidNamespace: "pid:[1]" }, { bootId: "another boot" }]) {
    await leaveLock(folder, differences);
    const startedMs = performance.now();
    const lock = await lockFolder(folder, hastyClock());
    assert.ok(performance.now() - startedMs < 5_000);
    await lock.release();
  }
});

test("an old lock of another boot lapses without watching", async (t) => {
  const folder = await newFolder(t);
  const file = await leaveLock(folder, { bootId: "another boot" });
  const longAgo = new Date(Date.now() - 61_000);
  await utimes(file, longAgo, longAgo);
  const lock = await lockFolder(folder, systemClock);
  await lock.release();
});

test("a guard that a process left when it ended in a takeover stops nobody for long", async (t) => {
  const folder = await newFolder(t);
  await leaveLock(folder, { pid: 2 ** 22 + 1 });
  await writeFile(path.join(folder, `${LOCK_FILE}.takeover`), "");
  const lock = await lockFolder(folder, hastyClock());
  await lock.release();
  assert.deepEqual(await readdir(folder), []);
});

test("a lock that a power cut left empty counts by its age alone", async (t) => {
  const folder = await newFolder(t);
  const file = path.join(folder, LOCK_FILE);
  await writeFile(file, "");
  let renewedMs = Date.now();
  const renewed = hastyClock(async () => {
    renewedMs += 1_000;
    await utimes(file, new Date(renewedMs), new Date(renewedMs));
  });
  await assert.rejects(lockFolder(folder, renewed), /is in use by another process/);
  const lock = await lockFolder(folder, hastyClock());
  await lock.release();
});
