import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { systemRandom } from "../../src/adapters/system/random.ts";
import { type App, startApp } from "../../src/app.ts";
import type { Config } from "../../src/config/config.ts";
import { loadConfig } from "../../src/config/index.ts";
import { createIds } from "../../src/core/ids.ts";
import { AccessTokens } from "../../src/modules/auth/authenticator/access-tokens.ts";
import { hashToken } from "../../src/modules/auth/credentials/tokens.ts";
import { insertAccount, setOperator } from "../../src/modules/auth/store/accounts.ts";
import { insertSession } from "../../src/modules/auth/store/sessions.ts";
import { MODULE_NAMES } from "../../src/modules.ts";
import { callWithin } from "../../test/support/in-process.ts";
import { createStage, type Stage, type StageOptions } from "../../test/support/stage.ts";

/** A signed-in person. */
export interface BenchPerson {
  readonly accountId: string;
  /** The access token. */
  readonly token: string;
}

/** A whole node, as production runs it, over data of its own. */
export interface BenchApp extends AsyncDisposable {
  readonly app: App;
  /** Accounts with a session each, made without the work that a password costs. */
  newPeople(count: number, as?: { readonly operator: boolean }): Promise<BenchPerson[]>;
  newStage(options?: StageOptions): Promise<Stage>;
}

const DAY_MS = 24 * 3_600_000;

/** @param databaseUrl undefined for the embedded database */
export async function startBenchApp(
  databaseUrl?: string,
  env: Readonly<Record<string, string>> = {},
): Promise<BenchApp> {
  const dataFolder = await mkdtemp(path.join(tmpdir(), "stoa-bench-"));
  const config = loadConfig({}, MODULE_NAMES, systemRandom, {
    NODE_ENV: "production",
    PORT: "0",
    STOA_DATA: dataFolder,
    PUBLIC_URL: "https://bench.test",
    SECRET_KEY_BASE: randomBytes(48).toString("hex"),
    VAULT_KEY: randomBytes(32).toString("base64"),
    SMTP_URL: "smtp://127.0.0.1:1",
    STOA_CALLS_PER_SECOND: "1000000",
    STOA_CALLS_BURST: "1000000",
    ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
    ...env,
  });
  const app = await startApp(config);
  const newPeople = (count: number, { operator } = { operator: false }) =>
    makePeople(app, config, count, operator);
  return {
    app,
    newPeople,
    async newStage(options) {
      const [operator] = await newPeople(1, { operator: true });
      return createStage(callWithin(app, operator?.token), options);
    },
    async [Symbol.asyncDispose]() {
      await app.stop();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

async function makePeople(
  { work }: App,
  { secrets }: Config,
  count: number,
  operator: boolean,
): Promise<BenchPerson[]> {
  const ids = createIds(systemClock, systemRandom);
  const tokens = new AccessTokens(secrets.tokenSecret, "Stoa");
  const createdAtMs = systemClock.nowMs();
  const people = Array.from({ length: count }, () => ({ accountId: ids.uuid(), id: ids.uuid() }));
  await work.write(async ({ tx }) => {
    for (const { accountId, id } of people) {
      const username = `p-${accountId.slice(-12)}`;
      const account = { id: accountId, username, displayName: username, createdAtMs };
      await insertAccount(tx, { ...account, passwordHash: "nobody signs in with it" });
      if (operator) await setOperator(tx, accountId);
      await insertSession(tx, {
        id,
        accountId,
        cookieHash: hashToken(id),
        cookieSealed: "",
        address: "127.0.0.1",
        userAgent: "bench",
        createdAtMs,
        expiresAtMs: createdAtMs + DAY_MS,
      });
    }
  });
  return Promise.all(
    people.map(async ({ accountId, id: sessionId }) => {
      const { token } = await tokens.sign({ accountId, sessionId, epoch: 0 }, createdAtMs);
      return { accountId, token };
    }),
  );
}
