import { Server as NetServer } from "node:net";
import { promisify } from "node:util";
import type { FastifyInstance } from "fastify";
import { type Clock, sleep } from "../../core/clock.ts";
import {
  DRAIN_CHECK_INTERVAL_MS,
  DRAIN_LINGER_MS,
  DRAIN_MS_MAX,
  DRAIN_NOTICE_MS,
} from "./limits.ts";

/**
 * The way down. For a moment the server still accepts, answers everything and says
 * `Connection: close` with each answer, so that busy connections end of their clients' accord and
 * balancers see `/ready` fail. Then it stops listening, and for another moment connections that
 * were made last may still bring their request. From then on idle connections are closed, and
 * what has not ended in time is cut off.
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
    await (this.#patient
      ? sleep(this.#clock, DRAIN_NOTICE_MS)
      : this.#whileConnected(DRAIN_NOTICE_MS));
    // Closing the HTTP server would also cut connections whose first request is on its way.
    NetServer.prototype.close.call(server);
    await this.#whileConnected(DRAIN_LINGER_MS);
    let closed = false;
    const closing = this.#fastify.close().finally(() => {
      closed = true;
    });
    const watch = async () => {
      while (!closed && this.#clock.monotonicMs() < endMs) {
        server.closeIdleConnections();
        await sleep(this.#clock, DRAIN_CHECK_INTERVAL_MS);
      }
      if (!closed) server.closeAllConnections();
    };
    await Promise.race([closing, watch()]);
  }

  /** Waits, but not for nobody. */
  async #whileConnected(durationMs: number): Promise<void> {
    const { server } = this.#fastify;
    const countConnections = promisify(server.getConnections.bind(server));
    const endMs = this.#clock.monotonicMs() + durationMs;
    while (this.#clock.monotonicMs() < endMs && (await countConnections()) > 0) {
      await sleep(this.#clock, DRAIN_CHECK_INTERVAL_MS);
    }
  }
}
