import type { Channel, Connection } from "rabbitmq-client";
import { AMQPError } from "rabbitmq-client";
import { pauseAfter } from "../../core/backoff.ts";
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import type { Random } from "../../core/random.ts";
import { type Outgoing, PublishBuffer } from "./publish-buffer.ts";

/** Far below a broker's own limit, at which it would close the channel. */
const MESSAGE_BYTES_MAX = 1_048_576;

const PAUSE_MS = { first: 50, longest: 5_000 } as const;

export interface PublisherOptions {
  readonly connection: Connection;
  readonly exchange: string;
  /** Goes along with each message, so that this node can tell its own. */
  readonly nodeId: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/**
 * Keeps one confirming channel open and sends the buffer through it in order. A closed channel is
 * opened again for ever, after growing pauses; what it had not confirmed is sent once more, so a
 * message can arrive twice.
 */
export class RabbitPublisher {
  readonly #options: PublisherOptions;
  readonly #buffer = new PublishBuffer();
  readonly #whenEmpty: (() => void)[] = [];
  #channel: Channel | undefined;
  #failures = 0;
  #dropped = 0;
  #closed = false;

  constructor(options: PublisherOptions) {
    this.#options = options;
    void this.#open();
  }

  isReady(): boolean {
    return this.#channel?.active ?? false;
  }

  publish(channel: string, message: string): void {
    if (this.#closed) return;
    if (Buffer.byteLength(message) > MESSAGE_BYTES_MAX) {
      const bytes = Buffer.byteLength(message);
      this.#options.log.error({ channel, bytes }, "a message is too large for the bus");
      return;
    }
    this.#noteDropped(this.#buffer.add(channel, message));
    this.#pump();
  }

  /** Resolves when the broker has confirmed everything; it does not resolve while it is away. */
  drained(): Promise<void> {
    if (this.#buffer.isEmpty()) return Promise.resolve();
    return new Promise((resolve) => this.#whenEmpty.push(resolve));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#channel?.close();
  }

  async #open(): Promise<void> {
    const { connection, exchange, log } = this.#options;
    if (this.#closed) return;
    try {
      const channel = await connection.acquire({ emitErrorsFromChannel: true });
      channel.on("error", (err: unknown) => this.#warn(err, "the bus's channel failed"));
      channel.once("close", () => this.#onChannelClosed());
      await channel.exchangeDeclare({ exchange, type: "fanout", durable: true });
      await channel.confirmSelect();
      this.#channel = channel;
      this.#failures = 0;
      if (this.#dropped > 0) {
        log.warn({ messages: this.#dropped }, "the bus dropped messages while it was cut off");
        this.#dropped = 0;
      }
      this.#pump();
    } catch (err) {
      this.#warn(err, "the bus's channel could not be opened");
      this.#openLater();
    }
  }

  #onChannelClosed(): void {
    // A channel that fails before it is ready is dealt with where it is opened.
    if (this.#channel === undefined) return;
    this.#channel = undefined;
    this.#openLater();
  }

  #openLater(): void {
    if (this.#closed) return;
    const { clock, random } = this.#options;
    this.#failures += 1;
    clock.after(pauseAfter(this.#failures, PAUSE_MS, random), () => void this.#open());
  }

  #pump(): void {
    const channel = this.#channel;
    while (channel?.active) {
      const message = this.#buffer.next();
      if (message === undefined) break;
      void this.#send(channel, message);
    }
  }

  async #send(channel: Channel, message: Outgoing): Promise<void> {
    const { exchange, nodeId } = this.#options;
    try {
      await channel.basicPublish(
        { exchange, routingKey: message.channel, appId: nodeId },
        message.body,
      );
      this.#buffer.done(message);
    } catch (err) {
      if (err instanceof AMQPError && err.code === "NACK") {
        this.#buffer.done(message);
        this.#warn(err, "the broker refused a message");
      } else {
        this.#buffer.putBack(message);
      }
    }
    this.#pump();
    if (this.#buffer.isEmpty()) for (const resolve of this.#whenEmpty.splice(0)) resolve();
  }

  #noteDropped(messages: number): void {
    if (messages > 0 && this.#dropped === 0) {
      this.#options.log.warn({}, "the bus's buffer is full: the oldest messages are dropped");
    }
    this.#dropped += messages;
  }

  #warn(err: unknown, message: string): void {
    if (!this.#closed) this.#options.log.warn({ err }, message);
  }
}
