import { nowMicros } from "./commands.ts";

/** How a server is made to push, the same for each that is compared. */
export interface Rhythm {
  /** Pushes in one turn of the event loop. */
  readonly atOnce: number;
  readonly intervalMs: number;
  /** How often `atOnce` of them. */
  readonly times: number;
  /** The first of these times are not measured: what is steady has begun before one looks. */
  readonly leadIn: number;
  /** How long after the last of them the processor time is read, so that all is written. */
  readonly settleMs: number;
}

export interface Pushed {
  /** Processor time from the first push after the lead-in until all is written, in microseconds. */
  readonly cpuMicros: number;
}

/** Pushes by the server's own clock, so that no command costs it time meanwhile. */
export async function pushInRhythm(push: () => void, rhythm: Rhythm): Promise<Pushed> {
  const { atOnce, intervalMs, times, leadIn, settleMs } = rhythm;
  let before = process.cpuUsage();
  await atIntervals(intervalMs, times, (time) => {
    if (time === leadIn) before = process.cpuUsage();
    for (let at = 0; at < atOnce; at += 1) push();
  });
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  const { user, system } = process.cpuUsage(before);
  return { cpuMicros: user + system };
}

/** Acts so many times, each an interval after the beginning of the one before. */
export async function atIntervals(
  intervalMs: number,
  times: number,
  act: (time: number) => unknown,
): Promise<void> {
  const schedule = Array.from({ length: times }, (_, time) => time * intervalMs);
  await onSchedule(schedule, act);
}

/** Acts at these times after now, as close to them as the event loop allows. */
async function onSchedule(
  afterMs: readonly number[],
  act: (time: number) => unknown,
): Promise<void> {
  const startedMs = performance.now();
  for (const [time, ms] of afterMs.entries()) {
    const waitMs = startedMs + ms - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    await act(time);
  }
}

/** Pushes at these times after now, and answers when each was made. */
export async function pushOnSchedule(
  push: () => void,
  afterMs: readonly number[],
): Promise<readonly number[]> {
  const atMicros: number[] = [];
  await onSchedule(afterMs, () => {
    atMicros.push(nowMicros());
    push();
  });
  return atMicros;
}
