import { sleep } from "../../core/clock.ts";
import { READINESS_TIMEOUT_MS } from "./limits.ts";
import type { HttpParts, Readiness } from "./parts.ts";
import type { HttpServer } from "./server.ts";

const JSON_TYPE = "application/json; charset=utf-8";

type Status = "ready" | "unready" | "draining";

/**
 * `/health` tells that the process answers, whatever the rest does: who restarts it asks there.
 * `/ready` tells whether it should get requests: who balances asks there.
 */
export function registerHealth(server: HttpServer, parts: HttpParts): void {
  const { fastify } = server;
  const alive = JSON.stringify({ status: "alive", ...(parts.config.demo ? { demo: true } : {}) });
  fastify.get("/health", (_request, reply) => reply.type(JSON_TYPE).send(alive));
  const check = shared(() => checkAll(parts));
  fastify.get("/ready", async (_request, reply) => {
    const checks = await check();
    const ok = Object.values(checks).every((check) => check.ok);
    const status: Status = server.draining() ? "draining" : ok ? "ready" : "unready";
    if (status !== "ready") reply.code(503).header("retry-after", "1");
    reply.type(JSON_TYPE);
    return JSON.stringify({ status, checks: parts.config.production ? bare(checks) : checks });
  });
}

/** Who asks while an answer is on its way gets that one: strangers' questions cost no more. */
function shared<T>(ask: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => {
    running ??= ask().finally(() => {
      running = undefined;
    });
    return running;
  };
}

async function checkAll({ readiness, clock, log }: HttpParts) {
  const answered = new AbortController();
  const late = sleep(clock, READINESS_TIMEOUT_MS, answered.signal).then(() => TOO_LATE);
  try {
    return await Promise.race([readiness(), late]);
  } catch (cause) {
    log.error({ err: cause }, "the readiness could not be found out");
    return FAILED;
  } finally {
    answered.abort();
  }
}

const TOO_LATE: Readonly<Record<string, Readiness>> = { answeredInTime: { ok: false } };
const FAILED: Readonly<Record<string, Readiness>> = { checked: { ok: false } };

/** In production strangers learn which part is away, and no more. */
function bare(checks: Readonly<Record<string, Readiness>>): Record<string, Readiness> {
  return Object.fromEntries(Object.entries(checks).map(([name, { ok }]) => [name, { ok }]));
}
