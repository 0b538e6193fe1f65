import type { Clock, Timer } from "../../../core/clock.ts";
import type { Log } from "../../../core/log.ts";
import type { UnitOfWork } from "../../../core/unit-of-work.ts";
import { touchSessions } from "../store/sessions.ts";

/** How exactly a session's last use is known, and how often it is written down at most. */
export const SEEN_RESOLUTION_MS = 60_000;
/** Sessions written in one statement, and remembered until then. */
const SESSIONS_MAX = 20_000;

/** Collects when sessions were used and writes it down once a minute, away from the calls. */
export class LastSeen {
  readonly #work: UnitOfWork;
  readonly #clock: Clock;
  readonly #log: Log;
  #seenAtMs = new Map<string, number>();
  #timer: Timer | undefined;
  #closed = false;

  constructor(parts: { readonly work: UnitOfWork; readonly clock: Clock; readonly log: Log }) {
    this.#work = parts.work;
    this.#clock = parts.clock;
    this.#log = parts.log;
  }

  start(): void {
    if (this.#closed) return;
    this.#timer = this.#clock.after(SEEN_RESOLUTION_MS, () => {
      void this.#write().finally(() => this.start());
    });
  }

  /** What was not written yet is lost, at most a minute of it. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  note(sessionId: string, nowMs: number): void {
    if (this.#seenAtMs.size < SESSIONS_MAX) this.#seenAtMs.set(sessionId, nowMs);
  }

  async #write(): Promise<void> {
    const seenAtMs = this.#seenAtMs;
    if (seenAtMs.size === 0) return;
    this.#seenAtMs = new Map();
    try {
      await this.#work.write(({ tx }) => touchSessions(tx, seenAtMs), { repeatable: true });
    } catch (cause) {
      this.#log.warn({ err: cause }, "the last use of sessions could not be written down");
    }
  }
}
