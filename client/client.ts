import type {
  AnyApi,
  Api,
  Input,
  MethodName,
  Output,
  Push,
  State,
  SubscriptionInput,
  SubscriptionName,
} from "./api.ts";
import { type CallError, clientError } from "./call-error.ts";
import { type CloseInfo, DEFAULT_ENVIRONMENT, type Environment, newEid } from "./environment.ts";
import { type Frame, Link, type Status } from "./link.ts";
import { Requests } from "./requests.ts";
import { LiveSubscription, type Place, type UntypedHandlers } from "./subscription.ts";

export interface ConnectOptions extends Partial<Environment> {
  /** The socket's address, `wss://example.org/socket`. */
  readonly url: string;
  /** How long a call waits for its answer, reconnects included. */
  readonly timeoutMs?: number;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

/** What an application does with a subscription. */
export interface Handlers<N extends SubscriptionName<A>, A extends AnyApi = Api> {
  /**
   * The state as it is now, all of it: at the start, and again whenever what was missed could not
   * be had in full.
   */
  onState(state: State<N, A>, place: Place): void;
  /** A change of the state. Every one arrives, once, in order. */
  onEvent(...push: Push<N, A>): void;
  /**
   * The service refuses the subscription for a reason that does not pass by itself. It is asked
   * again at the next connection, unless the subscription is closed.
   */
  onError(error: CallError): void;
}

export interface Subscribed {
  /** Up to where the application was told; undefined before the first state. */
  readonly place: Place | undefined;
  close(): void;
}

/** The close code of a socket whose sign-in has ended. */
const SESSION_ENDED = 3001;
const TIMEOUT_MS = 15_000;

/** Connects to the service and stays connected until `close`. */
export function connect<A extends AnyApi = Api>(options: ConnectOptions): Client<A> {
  return new Client<A>(options);
}

export class Client<A extends AnyApi = Api> {
  readonly #environment: Environment;
  readonly #timeoutMs: number;
  readonly #link: Link;
  readonly #requests: Requests;
  readonly #subscriptions = new Set<LiveSubscription>();
  readonly #routes = new Map<string, LiveSubscription>();
  readonly #statusListeners = new Set<(status: Status, why?: CloseInfo) => void>();
  #isClosed = false;

  constructor({ url, timeoutMs = TIMEOUT_MS, ...environment }: ConnectOptions) {
    this.#environment = { ...DEFAULT_ENVIRONMENT, ...environment };
    this.#timeoutMs = timeoutMs;
    this.#link = new Link(url, this.#environment, {
      onUp: () => this.#onUp(),
      onFrame: (frame) => this.#onFrame(frame),
      onDown: (why) => this.#onDown(why),
      onStatus: (status, why) => this.#onStatus(status, why),
    });
    this.#requests = new Requests(this.#environment, (text) => this.#link.send(text));
    this.#link.start();
  }

  /** `connecting` also while the connection is lost and being made again. */
  get status(): Status {
    return this.#link.status;
  }

  /** Calls with every change of the status; the answer ends that. */
  onStatus(listener: (status: Status, why?: CloseInfo) => void): () => void {
    this.#statusListeners.add(listener);
    return () => void this.#statusListeners.delete(listener);
  }

  /**
   * Calls a method. A call that was not answered before the connection was lost is sent again;
   * one that changes something has one effect all the same, for a person that is signed in.
   *
   * @throws CallError, or the signal's reason when that aborts
   */
  call<N extends MethodName<A>>(
    name: N,
    input: Input<N, A>,
    { signal, timeoutMs = this.#timeoutMs }: CallOptions = {},
  ): Promise<Output<N, A>> {
    return new Promise((resolve, reject) => {
      if (this.status === "closed") throw clientError("CLOSED");
      signal?.throwIfAborted();
      const request = { type: name, data: input, eid: newEid(), timeoutMs, repeats: true };
      const done = () => signal?.removeEventListener("abort", abort);
      const forget = this.#requests.make(request, {
        onAnswer(data) {
          done();
          // The service checks its answers against the schema this type is inferred from.
          resolve(data as Output<N, A>);
        },
        onError(error) {
          done();
          reject(error);
        },
      });
      function abort() {
        forget();
        reject(signal?.reason);
      }
      signal?.addEventListener("abort", abort, { once: true });
    });
  }

  /** Subscribes, and stays subscribed over lost connections, until the answer is closed. */
  subscribe<N extends SubscriptionName<A>>(
    name: N,
    input: SubscriptionInput<N, A>,
    handlers: Handlers<N, A>,
  ): Subscribed {
    const subscription = new LiveSubscription(
      name,
      input as object,
      // Names and types were checked above; from here on a push is any push.
      handlers as unknown as UntypedHandlers,
      {
        environment: this.#environment,
        requests: this.#requests,
        route: (eid, to) => void this.#routes.set(eid, to),
        unroute: (eid) => void this.#routes.delete(eid),
      },
    );
    this.#subscriptions.add(subscription);
    if (this.status === "open") subscription.open();
    return {
      get place() {
        return subscription.place;
      },
      close: () => {
        this.#subscriptions.delete(subscription);
        subscription.close();
      },
    };
  }

  /** Connects anew, as whoever the cookie now signs in: all subscriptions begin with a snapshot. */
  reconnect(): void {
    if (this.#isClosed) return;
    for (const subscription of this.#subscriptions) subscription.forgetPlace();
    this.#link.restart();
  }

  /** Ends the connection for good. */
  close(): void {
    this.#isClosed = true;
    this.#link.stop();
  }

  #onUp(): void {
    for (const subscription of this.#subscriptions) subscription.open();
    this.#requests.up();
  }

  #onFrame(frame: Frame): void {
    if (!this.#requests.take(frame)) this.#routes.get(frame.eid)?.take(frame);
  }

  #onDown(why: CloseInfo | undefined): void {
    for (const subscription of this.#subscriptions) {
      subscription.pause();
      // Whoever comes back is another: what they may see is not what was missed.
      if (why?.code === SESSION_ENDED) subscription.forgetPlace();
    }
    this.#requests.down();
  }

  #onStatus(status: Status, why: CloseInfo | undefined): void {
    if (status === "closed") this.#requests.failAll(clientError("CLOSED"));
    for (const listener of this.#statusListeners) listener(status, why);
  }
}
