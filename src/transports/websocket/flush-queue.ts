import type { Clock, Timer } from "../../core/clock.ts";
import { COALESCE_MS, FLUSHES_PER_TURN_MAX } from "./limits.ts";

/** Something with bytes to write. */
export interface Flushable {
  /** In the queue's list of those that wait for the next window. */
  queued: boolean;
  /** In the queue's list of those to be written at the end of this turn. */
  urgent: boolean;
  /** Writes what waits. Answers whether some of it still waits, because the reader is behind. */
  flush(): boolean;
}

/**
 * Decides when sockets are written to, with one timer for all of them.
 *
 * Answers go out at the end of the turn of the event loop that made them. Pushes do as well when
 * none went out in the last {@link COALESCE_MS}; else they wait for the rest of that time, so that
 * under load a socket is written to once in a while with many pushes, and a push that comes alone
 * is not late.
 */
export class FlushQueue {
  readonly #clock: Clock;
  #waiting: Flushable[] = [];
  #urgent: Flushable[] = [];
  #window: Timer | undefined;
  #endOfTurnSet = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** For pushes. */
  later(socket: Flushable): void {
    if (socket.queued) return;
    socket.queued = true;
    this.#waiting.push(socket);
    if (this.#window === undefined) this.#atEndOfTurn();
  }

  /** For answers. */
  soon(socket: Flushable): void {
    if (socket.urgent) return;
    socket.urgent = true;
    this.#urgent.push(socket);
    this.#atEndOfTurn();
  }

  close(): void {
    this.#window?.cancel();
    this.#waiting = [];
    this.#urgent = [];
  }

  #atEndOfTurn(): void {
    if (this.#endOfTurnSet) return;
    this.#endOfTurnSet = true;
    process.nextTick(() => {
      this.#endOfTurnSet = false;
      this.#flushUrgent();
      if (this.#window === undefined) this.#flushWaiting();
    });
  }

  #flushUrgent(): void {
    const sockets = this.#urgent;
    this.#urgent = [];
    for (const socket of sockets) {
      socket.urgent = false;
      if (socket.flush()) this.later(socket);
    }
  }

  #flushWaiting(): void {
    if (this.#waiting.length === 0) return;
    const sockets = this.#waiting.slice(0, FLUSHES_PER_TURN_MAX);
    this.#waiting = this.#waiting.slice(FLUSHES_PER_TURN_MAX);
    this.#window = this.#clock.after(this.#waiting.length > 0 ? 0 : COALESCE_MS, () => {
      this.#window = undefined;
      this.#flushWaiting();
    });
    for (const socket of sockets) {
      socket.queued = false;
      if (socket.flush()) this.later(socket);
    }
  }
}
