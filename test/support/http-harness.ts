import { createLog } from "../../src/adapters/log/pino.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import type { Actor, Person } from "../../src/core/actor.ts";
import { ANONYMOUS } from "../../src/core/actor.ts";
import type { Database } from "../../src/core/database.ts";
import type { Log } from "../../src/core/log.ts";
import type { Module } from "../../src/core/module.ts";
import {
  createHttpServer,
  type HttpConfig,
  type HttpParts,
  type HttpServer,
  Metrics,
  registerSite,
} from "../../src/transports/http/index.ts";
import { createHarness, type Harness } from "./module-harness.ts";

export interface HttpHarness extends AsyncDisposable {
  readonly server: HttpServer;
  readonly harness: Harness;
  readonly metrics: Metrics;
  readonly parts: HttpParts;
  readonly port: number;
  /** `http://127.0.0.1:port`, without a trailing slash. */
  readonly url: string;
}

export interface HttpHarnessOptions {
  readonly modules: readonly Module[];
  readonly config?: Partial<HttpConfig>;
  readonly parts?: Partial<HttpParts>;
  readonly log?: Log;
  /** Registers what the test wants beside `/api`. */
  readonly register?: (server: HttpServer, parts: HttpParts) => void | Promise<void>;
}

/** A listening server over modules that need no database, with the real pipeline between. */
export async function startHttp(options: HttpHarnessOptions): Promise<HttpHarness> {
  const log = options.log ?? createLog({ level: "silent" });
  const metrics = new Metrics();
  const harness = await createHarness({
    database: NO_DATABASE,
    observe: metrics.observe,
    authenticator: () => ({
      authenticate: ({ bearer, cookie }) => personOf(bearer ?? cookie),
      onRevoked: () => {},
    }),
    modules: () => options.modules,
  });
  const parts: HttpParts = {
    dispatch: harness.dispatch,
    registry: harness.registry,
    log,
    ids: harness.ports.ids,
    clock: systemClock,
    metrics,
    readiness: async () => ({ database: { ok: true } }),
    ...options.parts,
    config: {
      production: false,
      secureCookies: false,
      allowedOrigins: [],
      trustedProxies: [],
      ...options.config,
    },
  };
  const server = createHttpServer(parts);
  registerSite(server, parts);
  await options.register?.(server, parts);
  const url = await server.fastify.listen({ host: "127.0.0.1", port: 0 });
  return {
    server,
    harness,
    metrics,
    parts,
    url,
    port: Number(new URL(url).port),
    async [Symbol.asyncDispose]() {
      server.fastify.server.closeAllConnections();
      await server.fastify.close();
      await harness[Symbol.asyncDispose]();
    },
  };
}

/** What the fake sign-in takes for this person, as bearer token and as cookie. */
export function tokenOf(person: Person): string {
  return Buffer.from(JSON.stringify(person)).toString("base64url");
}

function personOf(token: string | undefined): Actor {
  if (token === undefined) return ANONYMOUS;
  try {
    return JSON.parse(Buffer.from(token, "base64url").toString()) as Person;
  } catch {
    return ANONYMOUS;
  }
}

const refuse = (): never => {
  throw new Error("This harness has no database.");
};

const NO_DATABASE: Database = {
  engine: "pglite",
  transaction: refuse,
  statement: refuse,
  single: refuse,
  ping: refuse,
  close: async () => {},
};
