import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createLog } from "../../src/adapters/log/pino.ts";
import { type App, type Ports, startApp } from "../../src/app.ts";
import { type Config, deriveSecrets } from "../../src/config/config.ts";
import { type DatabasePlace, freshDatabase } from "./database.ts";

/** A whole installation for a test, on a port of its own. */
export interface TestApp extends AsyncDisposable {
  readonly app: App;
  readonly config: Config;
  readonly url: string;
  /** The same database, a second node or a node after a restart. */
  restart(): Promise<App>;
}

export interface TestAppOptions {
  readonly ports?: Ports;
  readonly config?: Partial<Config>;
  readonly place?: DatabasePlace;
}

const PLENTY = { burst: 1_000_000, perSecond: 1_000_000 };

/** The configuration of a test's node: nothing shared with other tests but the servers. */
function testConfig(place: DatabasePlace, dataFolder: string): Config {
  return {
    production: false,
    dataFolder,
    only: undefined,
    http: {
      host: "127.0.0.1",
      port: 0,
      publicUrl: undefined,
      frontendUrl: undefined,
      allowedOrigins: [],
      trustedProxies: [],
      metricsAddress: undefined,
    },
    shards: [],
    shardsInside: 2,
    shardSecret: undefined,
    webhook: undefined,
    database: { url: place.url, poolSize: 10 },
    bus: { url: undefined },
    mail: { smtpUrl: undefined, from: "Stoa <stoa@stoa.test>" },
    secrets: deriveSecrets("t".repeat(64), [Buffer.alloc(32, 9).toString("base64")]),
    logLevel: "silent",
    budget: PLENTY,
    demo: true,
  };
}

/** Starts an app over a fresh database with the demo data; disposing of it stops and deletes. */
export async function startTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const place = options.place ?? (await freshDatabase());
  const dataFolder =
    place.url === undefined
      ? place.dataFolder
      : await mkdtemp(path.join(tmpdir(), "stoa-test-app-"));
  const config = { ...testConfig(place, dataFolder), ...options.config };
  const ports: Ports = { log: createLog({ level: "silent" }), strict: true, ...options.ports };
  const started: App[] = [];
  const start = async () => {
    const app = await startApp(config, ports);
    started.push(app);
    return app;
  };
  const app = await start();
  return {
    app,
    config,
    url: app.url,
    restart: start,
    async [Symbol.asyncDispose]() {
      for (const running of started) await running.stop();
      if (options.place === undefined) await place[Symbol.asyncDispose]();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}
