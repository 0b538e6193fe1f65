import { statfsSync } from "node:fs";
import type { Clock } from "../../../core/clock.ts";
import { DatabaseUnavailable } from "../../../core/database.ts";

/** How many bytes a folder's file system has left for this process. */
export type FreeBytesOf = (folder: string) => number;

/** Below this nothing is written: the log between two checkpoints must find room. */
export const FREE_BYTES_MIN = 16 * 1_048_576;
/** Below this every transaction looks; above it, one look a second is enough. */
const FREE_BYTES_NEAR = 64 * 1_048_576;
const LOOK_INTERVAL_MS = 1_000;

const freeBytesOf: FreeBytesOf = (folder) => {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
};

/** PGlite hangs when the disk is full; this keeps it from getting there. */
export class FreeSpace {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #freeBytesOf: FreeBytesOf;
  #freeBytes = 0;
  #lookedAtMs = 0;

  constructor(folder: string, clock: Clock, look: FreeBytesOf = freeBytesOf) {
    this.#folder = folder;
    this.#clock = clock;
    this.#freeBytesOf = look;
  }

  /** Whether there is room to write. */
  suffices(): boolean {
    const nowMs = this.#clock.monotonicMs();
    if (this.#freeBytes < FREE_BYTES_NEAR || nowMs - this.#lookedAtMs >= LOOK_INTERVAL_MS) {
      this.#freeBytes = this.#freeBytesOf(this.#folder);
      this.#lookedAtMs = nowMs;
    }
    return this.#freeBytes >= FREE_BYTES_MIN;
  }

  /** @throws DatabaseUnavailable */
  assertSuffices(): void {
    if (this.suffices()) return;
    throw new DatabaseUnavailable(
      `Less than ${FREE_BYTES_MIN} bytes are free where the data is, and nothing can be written.`,
      { passing: false },
    );
  }
}
