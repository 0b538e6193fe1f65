import { Duplex } from "node:stream";
import { joined } from "./bytes.ts";
import type { PgliteHost } from "./host.ts";
import type { WorkerLink } from "./worker-link.ts";

/** AuthenticationOk and ReadyForQuery (idle), PostgreSQL documentation §55.7. */
const WELCOME = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);
/** The first byte of Terminate. */
const TERMINATE = 0x58;

/**
 * PGlite has one session for ever: what an earlier client left in it, an open transaction above
 * all, would be the next client's.
 */
const RESET = ["rollback", "discard all"];

/**
 * What the driver takes for a socket to a server. A start-up message is answered here, because
 * PGlite's session is already open; every other message goes to the worker. The driver corks the
 * messages of one statement, and they must arrive together: PGlite answers after each delivery as
 * if the client were done. The stream ends with its worker, because the session did.
 */
export class WireStream extends Duplex {
  readonly #host: PgliteHost;
  readonly #onLost = (): void => {
    this.destroy(this.#link?.lost.reason);
  };
  #link: WorkerLink | undefined;
  #started = false;

  constructor(host: PgliteHost) {
    super();
    this.#host = host;
  }

  connect(): this {
    this.#connect().then(
      () => this.emit("connect"),
      (error: Error) => this.destroy(error),
    );
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#send([chunk]);
    done();
  }

  override _writev(chunks: Array<{ chunk: Buffer }>, done: () => void): void {
    this.#send(chunks.map(({ chunk }) => chunk));
    done();
  }

  override _final(done: () => void): void {
    this.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#link?.lost.removeEventListener("abort", this.#onLost);
    done(error);
  }

  async #connect(): Promise<void> {
    const link = await this.#host.link();
    for (const statement of RESET) await link.command(statement);
    if (this.destroyed) return;
    this.#link = link;
    link.lost.addEventListener("abort", this.#onLost);
  }

  #send(messages: readonly Buffer[]): void {
    if (!this.#started) {
      this.#started = true;
      this.push(WELCOME);
      return;
    }
    if (messages[0]?.[0] === TERMINATE) return;
    // The driver's buffers are slices of a pool, which cannot be handed to another thread.
    this.#link?.ask(joined(messages)).then(
      (bytes) => {
        if (!this.destroyed) this.push(bytes);
      },
      (error: Error) => this.destroy(error),
    );
  }
}
