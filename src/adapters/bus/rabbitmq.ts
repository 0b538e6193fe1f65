import { Connection } from "rabbitmq-client";
import type { Bus } from "../../core/bus.ts";
import { type Clock, sleep } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import { newToken, type Random } from "../../core/random.ts";
import { createLocalSubscribers } from "./local.ts";
import { RabbitPublisher } from "./rabbitmq-publisher.ts";

export interface RabbitBusOptions {
  /** `amqp://` or `amqps://`, with user, password and virtual host. */
  readonly url: string;
  /** Nodes of one installation share it; others use another one, or another virtual host. */
  readonly exchange?: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const EXCHANGE = "stoa.bus";

/**
 * The smallest that every broker allows. The client reckons with the size that it asked for, not
 * with what the broker answers: with a larger one it would misread a broker that allows less.
 */
const FRAME_BYTES_MAX = 8_192;
/** A peer that says nothing for twice as long is gone. */
const HEARTBEAT_S = 10;
const CONNECT_TIMEOUT_MS = 5_000;
const RECONNECT_MS_MIN = 100;
const RECONNECT_MS_MAX = 5_000;
/** How long closing waits for outstanding confirmations, and then for the broker's farewell. */
const CLOSE_TIMEOUT_MS = 2_000;
/** What the broker keeps for a node that does not read; older messages are dropped. */
const QUEUE_BYTES_MAX = 32 * 1_048_576;

/**
 * The bus between nodes: one durable fanout exchange, with the channel as routing key, and an
 * exclusive queue a node, which ends with its connection. Messages of this node reach its own
 * subscribers directly, so that the broker's absence changes nothing for them; the copies that
 * come back are known by the node's id and skipped.
 *
 * The connection is made again for ever, and everything is declared anew each time. What is
 * published meanwhile waits in a bounded buffer; what others publish meanwhile is missed.
 */
export function createRabbitBus(options: RabbitBusOptions): Bus {
  const { url, exchange = EXCHANGE, clock, random, log } = options;
  const nodeId = newToken(random);
  const local = createLocalSubscribers(log);
  const connection = connect(url, log);
  const publisher = new RabbitPublisher({ connection, exchange, nodeId, clock, random, log });
  const consumer = connection.createConsumer(
    {
      queueOptions: {
        exclusive: true,
        durable: false,
        arguments: { "x-max-length-bytes": QUEUE_BYTES_MAX },
      },
      exchanges: [{ exchange, type: "fanout", durable: true }],
      queueBindings: [{ exchange, routingKey: "" }],
      noAck: true,
    },
    ({ appId, routingKey, body }) => {
      if (appId !== nodeId && Buffer.isBuffer(body)) local.deliver(routingKey, body.toString());
    },
  );
  consumer.on("error", (err: unknown) => log.debug({ err }, "the bus's consumer failed"));

  let closing: Promise<void> | undefined;
  const shutDown = async () => {
    local.clear();
    const connected = connection.ready;
    if (connected) await withinCloseTimeout(publisher.drained());
    const parts = Promise.allSettled([publisher.close(), consumer.close()]);
    if (connected) await withinCloseTimeout(parts.then(() => connection.close()));
    // Ends at once whatever still waits for the broker, reconnecting included.
    connection.unsafeDestroy();
    await parts;
  };
  const withinCloseTimeout = async (work: Promise<void>) => {
    const done = new AbortController();
    await Promise.race([work, sleep(clock, CLOSE_TIMEOUT_MS, done.signal)]);
    done.abort();
  };

  return {
    publish(channel, message) {
      if (closing !== undefined) return;
      local.deliverSoon(channel, message);
      publisher.publish(channel, message);
    },
    subscribe: (channel, onMessage) => local.add(channel, onMessage),
    connected: () =>
      closing === undefined &&
      connection.ready &&
      publisher.isReady() &&
      consumer.consumerTag !== "",
    close() {
      closing ??= shutDown();
      return closing;
    },
  };
}

function connect(url: string, log: Log): Connection {
  const connection = new Connection({
    url,
    connectionName: "stoa",
    connectionTimeout: CONNECT_TIMEOUT_MS,
    frameMax: FRAME_BYTES_MAX,
    heartbeat: HEARTBEAT_S,
    noDelay: true,
    retryLow: RECONNECT_MS_MIN,
    retryHigh: RECONNECT_MS_MAX,
  });
  connection.on("connection", () => log.info({}, "the bus is connected"));
  connection.on("error", (err: unknown) => log.warn({ err }, "the bus lost its connection"));
  connection.on("connection.blocked", (reason) => log.warn({ reason }, "the broker takes nothing"));
  connection.on("connection.unblocked", () => log.info({}, "the broker takes messages again"));
  return connection;
}
