import { backOffMs, type CloseInfo, type Environment, type SocketLike } from "./environment.ts";

/** An answer, an error or a push, as it came. */
export interface Frame {
  readonly type: string;
  readonly eid: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly error: string | undefined;
}

export type Status = "connecting" | "open" | "closed";

export interface LinkListener {
  onUp(): void;
  onFrame(frame: Frame): void;
  /** The connection is gone; `why` is absent when this side ended it. */
  onDown(why: CloseInfo | undefined): void;
  onStatus(status: Status, why: CloseInfo | undefined): void;
}

/** After this long without a frame the service is asked whether it is there … */
const SILENCE_MS = 25_000;
/** … and has this long to answer. */
const PATIENCE_MS = 10_000;
/** The same when the machine may have been asleep and somebody looks at the screen. */
const WAKE_PATIENCE_MS = 3_000;
/** How long the opening of a connection may take. */
const DIAL_MS_MAX = 10_000;
/** Close codes after which coming back is pointless (`docs/protocol/socket.md`). */
const NO_RETURN = { from: 3500, to: 3999 } as const;

const PING = JSON.stringify({ type: "ping", data: {}, eid: "ping", ts: 0 });

/**
 * One connection at a time, for as long as it is wanted.
 *
 * It begins `closed`. `start` makes it `connecting`: a socket is dialled, and when it opens the
 * link is `open`. When the socket ends, fails to open in time or falls silent, the link is
 * `connecting` again and dials after a pause that grows with each failure and starts over once a
 * frame was received. A close code that forbids coming back, and `stop`, make it `closed`.
 *
 * Browsers do not show a page the service's pings, so after a time without any frame a `ping`
 * frame asks for a sign of life.
 */
export class Link {
  readonly #url: string;
  readonly #environment: Environment;
  readonly #listener: LinkListener;
  #status: Status = "closed";
  #socket: SocketLike | undefined;
  #isUp = false;
  #failures = 0;
  /** The timer of the present state: dialling, pausing or waiting for a sign of life. */
  #cancelTimer: () => void = () => {};
  #stopWaking: (() => void) | undefined;

  constructor(url: string, environment: Environment, listener: LinkListener) {
    this.#url = url;
    this.#environment = environment;
    this.#listener = listener;
  }

  get status(): Status {
    return this.#status;
  }

  start(): void {
    if (this.#status !== "closed") return;
    this.#stopWaking ??= this.#environment.onWake(() => this.#onWake());
    this.#failures = 0;
    this.#dial();
  }

  /** Ends the present connection, if any, and dials at once. */
  restart(): void {
    if (this.#status === "closed") {
      this.start();
      return;
    }
    this.#setStatus("connecting", undefined);
    this.#hangUp(undefined);
    this.#failures = 0;
    this.#dial();
  }

  stop(why?: CloseInfo): void {
    this.#stopWaking?.();
    this.#stopWaking = undefined;
    this.#hangUp(why);
    this.#setStatus("closed", why);
  }

  /** Sends when the link is open. */
  send(text: string): void {
    if (this.#isUp) this.#socket?.send(text);
  }

  #setStatus(status: Status, why: CloseInfo | undefined): void {
    if (this.#status === status) return;
    this.#status = status;
    this.#listener.onStatus(status, why);
  }

  #timer(delayMs: number, run: () => void): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#environment.after(delayMs, run);
  }

  #dial(): void {
    const socket = this.#environment.createSocket(this.#url);
    this.#socket = socket;
    this.#setStatus("connecting", undefined);
    // What a socket that was given up still has to say is not heard.
    const isPresent = () => this.#socket === socket;
    socket.addEventListener("open", () => {
      if (isPresent()) this.#onOpen();
    });
    socket.addEventListener("message", ({ data }) => {
      if (isPresent()) this.#onMessage(data);
    });
    socket.addEventListener("close", ({ code, reason }) => {
      if (isPresent()) this.#onEnd({ code, reason });
    });
    // An error is always followed by a close.
    socket.addEventListener("error", () => {});
    this.#timer(DIAL_MS_MAX, () => this.#onEnd(undefined));
  }

  #onOpen(): void {
    this.#isUp = true;
    this.#listen(SILENCE_MS);
    this.#setStatus("open", undefined);
    this.#listener.onUp();
  }

  /** Waits for a frame; then asks for one; then gives the connection up. */
  #listen(silenceMs: number): void {
    this.#timer(silenceMs, () => this.#ask(PATIENCE_MS));
  }

  #ask(patienceMs: number): void {
    this.send(PING);
    this.#timer(patienceMs, () => this.#onEnd(undefined));
  }

  #onMessage(data: unknown): void {
    this.#failures = 0;
    this.#listen(SILENCE_MS);
    const frame = readFrame(data);
    if (frame !== undefined) this.#listener.onFrame(frame);
  }

  #onWake(): void {
    if (this.#isUp) this.#ask(WAKE_PATIENCE_MS);
    else if (this.#socket === undefined && this.#status === "connecting") this.#dial();
  }

  #onEnd(why: CloseInfo | undefined): void {
    if (why !== undefined && why.code >= NO_RETURN.from && why.code <= NO_RETURN.to) {
      this.stop(why);
      return;
    }
    this.#setStatus("connecting", why);
    this.#hangUp(why);
    const pauseMs = backOffMs(this.#failures, this.#environment.random());
    this.#failures += 1;
    this.#timer(pauseMs, () => this.#dial());
  }

  #hangUp(why: CloseInfo | undefined): void {
    this.#cancelTimer();
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close(1000);
    if (!this.#isUp) return;
    this.#isUp = false;
    this.#listener.onDown(why);
  }
}

/** What a frame means here; undefined for what no request or subscription can want. */
function readFrame(data: unknown): Frame | undefined {
  if (typeof data !== "string") return undefined;
  const value: unknown = JSON.parse(data);
  if (typeof value !== "object" || value === null) return undefined;
  const { type, eid, data: content, error } = value as Readonly<Record<string, unknown>>;
  if (typeof type !== "string" || typeof eid !== "string") return undefined;
  return {
    type,
    eid,
    data: (content ?? {}) as Frame["data"],
    error: typeof error === "string" ? error : undefined,
  };
}
