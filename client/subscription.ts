import { type CallError, readError } from "./call-error.ts";
import { backOffMs, type Environment, newEid } from "./environment.ts";
import type { Frame } from "./link.ts";
import type { Requests } from "./requests.ts";

/** What the application does with a subscription; names and types are checked by the client. */
export interface UntypedHandlers {
  onState(state: unknown, place: Place): void;
  onEvent(type: string, data: unknown): void;
  onError(error: CallError): void;
}

/** A place in a topic's history. */
export interface Place {
  readonly epoch: string;
  readonly offset: number;
}

/** What a subscription needs of its client. */
export interface SubscriptionHost {
  readonly environment: Environment;
  readonly requests: Requests;
  /** Frames with this eid are for this subscription. */
  route(eid: string, subscription: LiveSubscription): void;
  unroute(eid: string): void;
}

const TIMEOUT_MS = 15_000;
const SUBSCRIPTION_LOST = "SUBSCRIPTION_LOST";

/**
 * A subscription that outlives its connections.
 *
 * Each time the link comes up it is opened under a fresh eid, with the place it had reached. The
 * answer brings either all that was missed, which is handed on as if it had just been pushed, or a
 * snapshot. Refusals that may pass are tried again after a pause; others are told to the
 * application, and tried again at the next connection, which may be somebody else's.
 */
export class LiveSubscription {
  readonly #name: string;
  readonly #input: object;
  readonly #handlers: UntypedHandlers;
  readonly #host: SubscriptionHost;
  #place: Place | undefined;
  #eid: string | undefined;
  #failures = 0;
  #isClosed = false;
  #cancelRetry: () => void = () => {};

  constructor(name: string, input: object, handlers: UntypedHandlers, host: SubscriptionHost) {
    this.#name = name;
    this.#input = input;
    this.#handlers = handlers;
    this.#host = host;
  }

  get place(): Place | undefined {
    return this.#place;
  }

  /** The link is up. */
  open(): void {
    this.#cancelRetry();
    const eid = newEid();
    this.#eid = eid;
    this.#host.route(eid, this);
    const request = {
      type: this.#name,
      data: { ...this.#input, ...this.#place },
      eid,
      timeoutMs: TIMEOUT_MS,
      repeats: false,
    };
    this.#host.requests.make(request, {
      onAnswer: (data) => this.#onOpened(data),
      onError: (error) => this.#onRefused(error),
    });
  }

  /** The link is down. */
  pause(): void {
    this.#cancelRetry();
    this.#forgetEid();
  }

  /** What follows begins with a snapshot. */
  forgetPlace(): void {
    this.#place = undefined;
  }

  /** A push, or the news that there will be none any more. */
  take({ type, data, error }: Frame): void {
    if (error !== undefined) {
      this.#onRefused(readError(error, data));
      return;
    }
    const { offset, ...event } = data;
    if (offset !== undefined) this.#onEvent(type, event, Number(offset));
    // A signal has no place in the stream: it is told now or never.
    else if (!this.#isClosed && this.#place !== undefined) this.#tellEvent(type, event);
  }

  /** Ends the subscription, here and, if it is open, there. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelRetry();
    const eid = this.#eid;
    this.#forgetEid();
    if (eid !== undefined) this.#end(eid);
  }

  /** Tells the service; whatever comes of it, nobody listens any more. */
  #end(eid: string): void {
    const type = this.#name.replace(/\.([^.]*)$/, ".un$1");
    const request = { type, data: {}, eid, timeoutMs: TIMEOUT_MS, repeats: false };
    this.#host.requests.make(request, { onAnswer: () => {}, onError: () => {} });
  }

  #onOpened(answer: Readonly<Record<string, unknown>>): void {
    if (this.#isClosed) return;
    this.#failures = 0;
    const { epoch, offset, recovered, state, missed } = answer;
    const place = { epoch: String(epoch), offset: Number(offset) };
    if (recovered !== true) {
      this.#place = place;
      this.#tell(() => this.#handlers.onState(state, place));
      return;
    }
    for (const { type, data } of missed as ReadonlyArray<Pick<Frame, "type" | "data">>) {
      const { offset: at, ...event } = data;
      this.#onEvent(type, event, Number(at));
    }
  }

  #onEvent(type: string, data: unknown, offset: number): void {
    const place = this.#place;
    if (this.#isClosed || place === undefined || offset <= place.offset) return;
    this.#place = { epoch: place.epoch, offset };
    this.#tellEvent(type, data);
  }

  #tellEvent(type: string, data: unknown): void {
    this.#tell(() => this.#handlers.onEvent(type, data));
  }

  #onRefused(error: CallError): void {
    // The answer may yet come, to nobody.
    if (error.code === "TIMEOUT" && this.#eid !== undefined) this.#end(this.#eid);
    this.#forgetEid();
    if (this.#isClosed || error.code === "DISCONNECTED" || error.code === "CLOSED") return;
    if (error.code === SUBSCRIPTION_LOST) this.#place = undefined;
    if (error.retryAfterMs === undefined && error.code !== "TIMEOUT") {
      this.#tell(() => this.#handlers.onError(error));
      return;
    }
    const { environment } = this.#host;
    const pauseMs = backOffMs(this.#failures, environment.random());
    this.#failures += 1;
    const delayMs = Math.max(pauseMs, error.retryAfterMs ?? 0);
    this.#cancelRetry = environment.after(delayMs, () => this.open());
  }

  #forgetEid(): void {
    if (this.#eid !== undefined) this.#host.unroute(this.#eid);
    this.#eid = undefined;
  }

  /** An error of the application is not ours to swallow, nor may it stop what follows. */
  #tell(handle: () => void): void {
    try {
      handle();
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
