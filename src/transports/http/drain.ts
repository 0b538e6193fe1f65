import { Server as NetServer } from "node:net";
import { promisify } from "node:util";
import type { FastifyInstance } from "fastify";
import { type Clock, sleep } from "../../core/clock.ts";
import {
  DRAIN_CHECK_INTERVAL_MS,
  DRAIN_LINGER_MS,
  DRAIN_MS_MAX,
  DRAIN_NOTICE_MS,
  DRAIN_NOTICE_MS_MAX,
} from "./limits.ts";

/**
 * The way down. For a moment the server still accepts, answers everything and says
 * `Connection: close` with each answer, so that busy connections end of their clients' accord and
 * balancers see `/ready` fail; the moment is longer while clients that have not heard of it still
 * connect. Then it stops listening, and for another moment connections that were made last may
 * still bring their request. From then on idle connections are closed, and what has not ended in
 * time is cut off.
 */
export class Drain {
  readonly #fastify: FastifyInstance;
  readonly #clock: Clock;
  readonly #patient: boolean;
  #running: Promise<void> | undefined;

  /** @param patient gives notice also when nobody is connected: a balancer may just be about to */
  constructor(fastify: FastifyInstance, clock: Clock, patient: boolean) {
    this.#fastify = fastify;
    this.#clock = clock;
    this.#patient = patient;
  }

  get started(): boolean {
    return this.#running !== undefined;
  }

  /** Resolves when the server is closed; calling it again waits for the same end. */
  run(): Promise<void> {
    this.#running ??= this.#run();
    return this.#running;
  }

  async #run(): Promise<void> {
    const { server } = this.#fastify;
    const endMs = this.#clock.monotonicMs() + DRAIN_MS_MAX;
    await this.#giveNotice(endMs);
    // Closing the HTTP server would also cut connections whose first request is on its way.
    NetServer.prototype.close.call(server);
    await this.#linger(DRAIN_LINGER_MS, endMs);
    let closed = false;
    const closing = this.#fastify.close().finally(() => {
      closed = true;
    });
    const watch = async () => {
      while (!closed && this.#clock.monotonicMs() < endMs) {
        server.closeIdleConnections();
        await this.#turn();
      }
      if (!closed) server.closeAllConnections();
    };
    await Promise.race([closing, watch()]);
  }

  /** What has connected when listening ends and was not accepted yet is reset by the system. */
  async #giveNotice(endMs: number): Promise<void> {
    const { server } = this.#fastify;
    let arrived = 0;
    const count = () => {
      arrived += 1;
    };
    server.on("connection", count);
    await this.#linger(DRAIN_NOTICE_MS, endMs, this.#patient);
    const longestMs = this.#clock.monotonicMs() + DRAIN_NOTICE_MS_MAX - DRAIN_NOTICE_MS;
    do {
      arrived = 0;
      if (await this.#isLonely()) break;
      await this.#turn();
    } while (arrived > 0 && this.#clock.monotonicMs() < longestMs);
    server.off("connection", count);
  }

  /**
   * Waits, but not for nobody unless `patient`. It counts turns rather than time: what arrived
   * while the process was held up, by a busy machine for instance, is read and answered first.
   */
  async #linger(durationMs: number, endMs: number, patient = false): Promise<void> {
    for (let turn = 0; turn < durationMs / DRAIN_CHECK_INTERVAL_MS; turn += 1) {
      const isOver = this.#clock.monotonicMs() >= endMs;
      if (isOver || (!patient && (await this.#isLonely()))) return;
      await this.#turn();
    }
  }

  async #isLonely(): Promise<boolean> {
    const { server } = this.#fastify;
    return (await promisify(server.getConnections.bind(server))()) === 0;
  }

  /**
   * A timer may run before the network was looked at, and then a connection with a request in it
   * still seems idle. Between two timers there is such a look.
   */
  async #turn(): Promise<void> {
    await sleep(this.#clock, DRAIN_CHECK_INTERVAL_MS);
    await sleep(this.#clock, 0);
  }
}
