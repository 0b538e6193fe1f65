import { promisify } from "node:util";
import type { FastifyInstance } from "fastify";
import { type Clock, sleep } from "../../core/clock.ts";
import { DRAIN_CHECK_INTERVAL_MS, DRAIN_MS_MAX, DRAIN_NOTICE_MS } from "./limits.ts";

/**
 * The way down. For a moment the server still accepts, answers everything and says
 * `Connection: close` with each answer, so that busy connections end of their clients' accord and
 * balancers see `/ready` fail. Then it stops listening and closes connections as they become
 * idle. What has not ended in time is cut off.
 */
export class Drain {
  readonly #fastify: FastifyInstance;
  readonly #clock: Clock;
  #running: Promise<void> | undefined;

  constructor(fastify: FastifyInstance, clock: Clock) {
    this.#fastify = fastify;
    this.#clock = clock;
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
    await this.#notice();
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

  /** Lets everybody notice, for as long as anybody is connected and not longer than the notice. */
  async #notice(): Promise<void> {
    const { server } = this.#fastify;
    const countConnections = promisify(server.getConnections.bind(server));
    const endMs = this.#clock.monotonicMs() + DRAIN_NOTICE_MS;
    while (this.#clock.monotonicMs() < endMs && (await countConnections()) > 0) {
      await sleep(this.#clock, DRAIN_CHECK_INTERVAL_MS);
    }
  }
}
