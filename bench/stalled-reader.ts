import { setTimeout as pause } from "node:timers/promises";
import { newScreening } from "./support/audience.ts";
import { type Measured, startMeasured } from "./support/measured.ts";
import type { Answer, Question, Row } from "./support/question.ts";
import { alternate, median, pairedRatio, quantile, type Ratio } from "./support/slices.ts";

const SOCKETS = 200;
/** Of which one reads nothing. */
const READERS = SOCKETS - 1;
/** Pushes of a slice, far enough apart that none waits for another. */
const AFTER_MS = [0, 50, 100, 150];
const ROUNDS = 60;
const WARM_UPS = 6;
/** Slices whose delays are put together for one p99. */
const BLOCK = 10;
/** How much the server keeps for one reader before it cuts it off. */
const BOUND_BYTES = 1_024 * 1_024;
const REPETITIONS = 3;
const PATIENCE_MS = 10_000;

export const stalledReader: Question = {
  name: "stalled-reader",
  asks: "what do 199 readers notice of one that has stopped reading, and what does it cost?",
  answer,
};

type Screening = Awaited<ReturnType<typeof newScreening>>;

async function answer(): Promise<Answer> {
  await using stoa = await startMeasured("stoa.ts");
  await stoa.ask("followConnections");
  const delays = await compareDelays(stoa);
  const kept: number[] = [];
  for (let repetition = 0; repetition < REPETITIONS; repetition += 1) {
    kept.push(await measureKept(stoa));
  }
  const unit = "KiB";
  const bound = { value: BOUND_BYTES / 1_024, unit, name: "the bound" };
  const memory: Row = {
    what: "memory kept for the stalled reader just before it is cut off",
    ours: { value: median(kept) / 1_024, unit },
    reference: bound,
    ratio: pairedRatio(
      kept,
      kept.map(() => BOUND_BYTES),
    ),
    aim: { atMost: 1 },
  };
  return { rows: [delays, memory] };
}

/** The same server pushes to readers alone, and to as many beside whom one has stalled. */
async function compareDelays(stoa: Measured): Promise<Row> {
  await using listeners = await startMeasured("listeners.ts");
  const groups = { with: await newScreening(stoa), without: await newScreening(stoa) };
  const delays = { with: [] as number[][], without: [] as number[][] };
  await open(listeners, "with", groups.with, SOCKETS);
  await open(listeners, "without", groups.without, READERS);
  await stall(stoa, listeners, "with", groups.with);
  const slice = (group: keyof typeof groups) => async () => {
    await listeners.ask("reset", group);
    const event = { ...groups[group].event(1), afterMs: AFTER_MS };
    const pushed = await stoa.ask<number[]>("pushOnSchedule", event);
    const done = await listeners.ask<number[]>("done", { group, frames: pushed.length });
    delays[group].push(pushed.map((at, push) => ((done[push] ?? Number.NaN) - at) / 1_000));
    return {};
  };
  const sides = { with: slice("with"), without: slice("without") };
  await alternate(sides, { rounds: ROUNDS, warmUps: WARM_UPS });
  const p99s = (group: keyof typeof groups) => blockwise(delays[group].slice(WARM_UPS));
  const ratio: Ratio = pairedRatio(p99s("with"), p99s("without"));
  const p99 = (group: keyof typeof groups) => quantile(delays[group].slice(WARM_UPS).flat(), 0.99);
  return {
    what: "until the last of 199 others has a push, 99 of 100 times within",
    ours: { value: p99("with"), unit: "ms" },
    reference: { value: p99("without"), unit: "ms", name: "199 without a stalled one" },
    ratio,
    aim: { atMost: 1.1 },
  };
}

function blockwise(slices: readonly number[][]): number[] {
  const count = Math.floor(slices.length / BLOCK);
  return Array.from({ length: count }, (_, at) =>
    quantile(slices.slice(at * BLOCK, (at + 1) * BLOCK).flat(), 0.99),
  );
}

async function open(listeners: Measured, group: string, { handshake }: Screening, count: number) {
  await listeners.ask("open", { ...handshake, group, count });
}

/** One of the group reads no more, and what the kernel takes for it is full. */
async function stall(stoa: Measured, listeners: Measured, group: string, { event }: Screening) {
  await listeners.ask("stall", group);
  await listeners.ask("reset", group);
  const rhythm = { atOnce: 10, intervalMs: 40, times: 2, settleMs: 0 };
  let frames = 0;
  do {
    await stoa.ask("push", { ...event(100), rhythm });
    frames += rhythm.atOnce * rhythm.times;
    await listeners.ask("done", { group, frames });
  } while (!(await isFull(stoa)));
  await listeners.ask("reset", group);
}

/** The kernel's buffers grow while they are filled: full is what stays full. */
async function isFull(stoa: Measured): Promise<boolean> {
  const { bytesMax } = await backlog(stoa);
  if (bytesMax === 0) return false;
  await pause(300);
  return (await backlog(stoa)).bytesMax === bytesMax;
}

interface Backlog {
  readonly connections: number;
  /** What the kernel has not taken of the slowest. */
  readonly bytesMax: number;
}

function backlog(stoa: Measured): Promise<Backlog> {
  return stoa.ask("backlog");
}

/**
 * What JavaScript keeps more, in bytes, when almost as much waits for a stalled reader as may. One
 * more step, and it is cut off; the others have every push all the while.
 */
async function measureKept(stoa: Measured): Promise<number> {
  await until(stoa, "The sockets of before have gone", ({ connections }) => connections === 0);
  await using listeners = await startMeasured("listeners.ts");
  const group = "readers";
  const screening = await newScreening(stoa);
  await open(listeners, group, screening, SOCKETS);
  const event = screening.event(1);
  const push = async (pushes: number) => {
    const rhythm = { atOnce: 50, intervalMs: 40, times: Math.ceil(pushes / 50), settleMs: 100 };
    await listeners.ask("reset", group);
    await stoa.ask("push", { ...event, rhythm });
    const frames = rhythm.atOnce * rhythm.times;
    await listeners.ask("done", { group, frames });
    return frames;
  };
  const frames = await push(500);
  const frameBytes = (await listeners.ask<number>("bytes", group)) / frames / SOCKETS;
  await stall(stoa, listeners, group, screening);
  const before = await stoa.keptBytes();
  await push((BOUND_BYTES / frameBytes) * 0.8);
  const kept = (await stoa.keptBytes()) - before;
  if ((await backlog(stoa)).connections < SOCKETS) throw new Error("It was cut off too soon.");
  await push((BOUND_BYTES / frameBytes) * 0.3);
  await until(stoa, "The stalled reader is cut off", ({ connections }) => connections === READERS);
  return kept;
}

async function until(stoa: Measured, what: string, isSo: (now: Backlog) => boolean) {
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (!isSo(await backlog(stoa))) {
    if (performance.now() > deadlineMs) throw new Error(`Waited in vain for this: ${what}.`);
    await pause(20);
  }
}
