import { nowMicros } from "./commands.ts";

/** How a server is made to push, the same for each that is compared. */
export interface Rhythm {
  /** Pushes in one turn of the event loop. */
  readonly atOnce: number;
  readonly intervalMs: number;
  /** How often `atOnce` of them. */
  readonly times: number;
  /** How long after the last of them the processor time is read, so that all is written. */
  readonly settleMs: number;
}

export interface Pushed {
  /** Processor time from the first push until all is written, in microseconds. */
  readonly cpuMicros: number;
  /** When each push was made. */
  readonly atMicros: readonly number[];
}

/** Pushes by the server's own clock, so that no command costs it time meanwhile. */
export function pushInRhythm(push: () => void, rhythm: Rhythm): Promise<Pushed> {
  const { atOnce, intervalMs, times, settleMs } = rhythm;
  const before = process.cpuUsage();
  const startedMs = performance.now();
  const atMicros: number[] = [];
  return new Promise((resolve) => {
    const finish = () => {
      const { user, system } = process.cpuUsage(before);
      resolve({ cpuMicros: user + system, atMicros });
    };
    const step = (time: number) => {
      for (let at = 0; at < atOnce; at += 1) {
        atMicros.push(nowMicros());
        push();
      }
      const next = time + 1;
      const waitMs = Math.max(0, startedMs + next * intervalMs - performance.now());
      if (next === times) setTimeout(finish, settleMs);
      else setTimeout(step, waitMs, next);
    };
    step(0);
  });
}
