import { type CallError, clientError, readError } from "./call-error.ts";
import type { Environment } from "./environment.ts";
import type { Frame } from "./link.ts";

/** What to ask. */
export interface Request {
  readonly type: string;
  readonly data: unknown;
  readonly eid: string;
  readonly timeoutMs: number;
  /**
   * Sent again, unchanged, when the connection was lost before the answer came: the service
   * recognises the repeat by eid, ts and data. Otherwise it fails then.
   */
  readonly repeats: boolean;
}

/** Called in the very turn in which the answer arrives, so that pushes behind it find it done. */
export interface Outcome {
  onAnswer(data: Readonly<Record<string, unknown>>): void;
  onError(error: CallError): void;
}

interface Pending extends Outcome {
  readonly key: string;
  readonly text: string;
  readonly repeats: boolean;
  isSent: boolean;
  cancelTimer(): void;
}

/** The service takes 64 at once; a few are left to whoever else uses the socket. */
const RUNNING_MAX = 48;
const PENDING_MAX = 1_000;
/** The largest frame the service takes. */
const FRAME_BYTES_MAX = 64 * 1024;

/** Requests that wait for their answers, in the order they were made. */
export class Requests {
  readonly #environment: Environment;
  readonly #send: (text: string) => void;
  readonly #pending = new Map<string, Pending>();
  #isUp = false;
  #running = 0;

  constructor(environment: Environment, send: (text: string) => void) {
    this.#environment = environment;
    this.#send = send;
  }

  /** Makes a request; the answer forgets it, and nobody hears of its outcome any more. */
  make({ type, data, eid, timeoutMs, repeats }: Request, outcome: Outcome): () => void {
    const ts = this.#environment.nowMs();
    const text = JSON.stringify({ type, data, eid, ts });
    if (this.#pending.size >= PENDING_MAX || isTooLarge(text)) {
      const code = this.#pending.size >= PENDING_MAX ? "TOO_MANY" : "TOO_LARGE";
      outcome.onError(clientError(code));
      return () => {};
    }
    const key = keyOf(type, eid);
    const expire = () => this.#settle(key)?.onError(clientError("TIMEOUT"));
    const cancelTimer = this.#environment.after(timeoutMs, expire);
    this.#pending.set(key, { ...outcome, key, text, repeats, isSent: false, cancelTimer });
    this.#pump();
    return () => void this.#settle(key);
  }

  /** Answers whether the frame was the answer to a request. */
  take({ type, eid, data, error }: Frame): boolean {
    const request = this.#settle(keyOf(type, eid));
    if (request === undefined) return false;
    if (error === undefined) request.onAnswer(data);
    else request.onError(readError(error, data));
    return true;
  }

  up(): void {
    this.#isUp = true;
    this.#pump();
  }

  down(): void {
    this.#isUp = false;
    this.#running = 0;
    for (const request of [...this.#pending.values()]) {
      request.isSent = false;
      if (!request.repeats) this.#settle(request.key)?.onError(clientError("DISCONNECTED"));
    }
  }

  failAll(error: CallError): void {
    for (const { key } of [...this.#pending.values()]) this.#settle(key)?.onError(error);
  }

  /** Sends what may be sent, oldest first. */
  #pump(): void {
    if (!this.#isUp) return;
    for (const request of this.#pending.values()) {
      if (this.#running >= RUNNING_MAX) return;
      if (request.isSent) continue;
      request.isSent = true;
      this.#running += 1;
      this.#send(request.text);
    }
  }

  #settle(key: string): Pending | undefined {
    const request = this.#pending.get(key);
    if (request === undefined) return undefined;
    this.#pending.delete(key);
    request.cancelTimer();
    if (request.isSent) {
      this.#running -= 1;
      this.#pump();
    }
    return request;
  }
}

function keyOf(type: string, eid: string): string {
  return `${type} ${eid}`;
}

function isTooLarge(text: string): boolean {
  // A character takes at most three bytes of UTF-8 for each of its UTF-16 units.
  if (text.length * 3 <= FRAME_BYTES_MAX) return false;
  return new TextEncoder().encode(text).length > FRAME_BYTES_MAX;
}
