import type { Cancellation, Clock, Timer } from "./clock.ts";

/**
 * The time limits of calls. All have the same length, so the one that began first ends first, and
 * one timer serves them all.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #durationMs: number;
  /** In the order in which they are due. */
  readonly #running = new Set<Deadline>();
  #timer: Timer | undefined;

  constructor(clock: Clock, durationMs: number) {
    this.#clock = clock;
    this.#durationMs = durationMs;
  }

  /** @param gone aborted when the caller has gone */
  start(gone: AbortSignal | undefined): Deadline {
    const deadline = new Deadline(this.#clock.monotonicMs() + this.#durationMs, gone);
    this.#running.add(deadline);
    if (this.#timer === undefined) this.#arm(this.#durationMs);
    return deadline;
  }

  /** The call has ended. */
  end(deadline: Deadline): void {
    this.#running.delete(deadline);
    deadline.end();
  }

  #arm(delayMs: number): void {
    this.#timer = this.#clock.after(delayMs, () => this.#expire());
  }

  #expire(): void {
    this.#timer = undefined;
    const nowMs = this.#clock.monotonicMs();
    for (const deadline of this.#running) {
      if (deadline.dueMs > nowMs) {
        this.#arm(deadline.dueMs - nowMs);
        return;
      }
      this.#running.delete(deadline);
      deadline.expire();
    }
  }
}

/**
 * Until when a call is worth going on with: its time is not over, and its caller has not gone. Most
 * calls are over before anybody asks, so the signal is made for those that do.
 */
export class Deadline implements Cancellation {
  readonly dueMs: number;
  /** Called when the time is over. */
  onExpired: (() => void) | undefined;
  readonly #gone: AbortSignal | undefined;
  #isOver = false;
  #controller: AbortController | undefined;
  readonly #onGone = (): void => this.#controller?.abort();

  constructor(dueMs: number, gone: AbortSignal | undefined) {
    this.dueMs = dueMs;
    this.#gone = gone;
  }

  get aborted(): boolean {
    return this.#isOver || this.#gone?.aborted === true;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.aborted) this.#controller.abort();
      else this.#gone?.addEventListener("abort", this.#onGone, { once: true });
    }
    return this.#controller.signal;
  }

  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void {
    this.signal.addEventListener(type, listener, options);
  }

  removeEventListener(type: "abort", listener: () => void): void {
    this.#controller?.signal.removeEventListener(type, listener);
  }

  expire(): void {
    this.#isOver = true;
    this.#controller?.abort();
    this.onExpired?.();
  }

  end(): void {
    if (this.#controller !== undefined) this.#gone?.removeEventListener("abort", this.#onGone);
  }
}
