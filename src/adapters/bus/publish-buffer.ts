/**
 * What a node has to say to the others and the broker has not confirmed yet, in the order it was
 * said. A message waits, is in flight after `next`, and leaves when it is confirmed; when the
 * connection breaks, what was in flight goes back to its place.
 *
 * The buffer is bounded. What is over is dropped at the old end: a message is a hint that something
 * was committed, and the newest hint makes a receiver catch up on all before it.
 */

/** Waiting and in flight together: some minutes of a busy node's hints. */
export const BUFFER_BYTES_MAX = 16 * 1_048_576;
export const BUFFER_MESSAGES_MAX = 20_000;
export const IN_FLIGHT_MESSAGES_MAX = 512;

export interface Outgoing {
  readonly sequence: number;
  readonly channel: string;
  readonly body: Buffer;
}

export class PublishBuffer {
  readonly #waiting: Outgoing[] = [];
  readonly #inFlight = new Set<Outgoing>();
  #bytes = 0;
  #sequence = 0;

  /** @returns how many messages were dropped to stay within bounds, this one possibly included */
  add(channel: string, message: string): number {
    const body = Buffer.from(message);
    this.#waiting.push({ sequence: this.#sequence, channel, body });
    this.#sequence += 1;
    this.#bytes += body.length;
    let dropped = 0;
    while (this.#isOver() && this.#waiting.length > 0) {
      this.#bytes -= this.#waiting.shift()?.body.length ?? 0;
      dropped += 1;
    }
    return dropped;
  }

  /** The oldest message that waits; undefined when none does, or enough are in flight. */
  next(): Outgoing | undefined {
    if (this.#inFlight.size >= IN_FLIGHT_MESSAGES_MAX) return undefined;
    const message = this.#waiting.shift();
    if (message !== undefined) this.#inFlight.add(message);
    return message;
  }

  /** The message is done with: the broker confirmed it, or refused it for good. */
  done(message: Outgoing): void {
    if (this.#inFlight.delete(message)) this.#bytes -= message.body.length;
  }

  /** It is unknown whether the broker has the message: it is to be sent once more. */
  putBack(message: Outgoing): void {
    if (!this.#inFlight.delete(message)) return;
    const place = this.#waiting.findIndex(({ sequence }) => sequence > message.sequence);
    this.#waiting.splice(place === -1 ? this.#waiting.length : place, 0, message);
  }

  isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#inFlight.size === 0;
  }

  #isOver(): boolean {
    const messages = this.#waiting.length + this.#inFlight.size;
    return this.#bytes > BUFFER_BYTES_MAX || messages > BUFFER_MESSAGES_MAX;
  }
}
