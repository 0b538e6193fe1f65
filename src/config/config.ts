import { createHash, hkdfSync } from "node:crypto";
import type { Budget } from "../core/limits.ts";
import { CALL_BUDGET } from "../core/limits.ts";
import type { Env } from "./env.ts";
import { type Address, hostOf, isLoopback, parseAddress, plaintextProblems } from "./network.ts";
import type { ConfigProblem } from "./problem.ts";

/** The whole configuration, checked, as the composition root takes it. */
export interface Config {
  readonly production: boolean;
  readonly dataFolder: string;
  /** The one module to serve, at the root; undefined serves all. */
  readonly only: string | undefined;
  readonly http: {
    readonly host: string;
    readonly port: number;
    /** Without a trailing slash; undefined until the port is known: then host and port. */
    readonly publicUrl: string | undefined;
    /** The page that links in mails lead to, without a trailing slash; undefined is our own. */
    readonly frontendUrl: string | undefined;
    readonly allowedOrigins: readonly string[];
    readonly trustedProxies: readonly string[];
    readonly metricsAddress: Address | undefined;
  };
  readonly database: { readonly url: string | undefined; readonly poolSize: number };
  /** Shards that are processes of their own, in the order of their numbers; none is inside then. */
  readonly shards: ReadonlyArray<{ readonly url: string }>;
  /** How many shards there are inside of this process when there are no others. */
  readonly shardsInside: number;
  /** What proves to a shard that its orchestrator speaks. */
  readonly shardSecret: string | undefined;
  /** Where the operator's own program is told how transfers end. */
  readonly webhook: { readonly url: string; readonly secret: string } | undefined;
  readonly bus: { readonly url: string | undefined };
  readonly mail: { readonly smtpUrl: string | undefined; readonly from: string };
  readonly secrets: Secrets;
  readonly logLevel: "debug" | "info" | "warn" | "error" | "silent";
  readonly budget: Budget;
  readonly demo: boolean;
}

export interface Secrets {
  /** Signs access tokens. */
  readonly tokenSecret: Uint8Array;
  /** Names people by tags within a screening. */
  readonly tagSecret: Uint8Array;
  /** Recognises repeated calls. */
  readonly repeatSecret: Uint8Array;
  /** The first encrypts, all decrypt. */
  readonly vaultKeys: readonly { readonly id: string; readonly key: Uint8Array }[];
}

export interface Flags {
  readonly address?: string | undefined;
  readonly database?: string | undefined;
  readonly only?: string | undefined;
}

const DEFAULT_HOST = "127.0.0.1";
const DEFAULT_PORT = 8080;
export const DEFAULT_POOL_SIZE = 10;
const DEFAULT_SHARDS_INSIDE = 2;

/**
 * Puts flags and environment together: a flag wins over `RUN_ADDRESS` and `DATABASE_URI`, they
 * over `HOST`, `PORT` and `DATABASE_URL`.
 *
 * @param keep gives generated secrets outside production, kept in the data folder
 */
export function buildConfig(
  env: Env,
  flags: Flags,
  moduleNames: readonly string[],
  keep: (dataFolder: string) => { secretKeyBase: string; vaultKey: string },
): { config: Config } | { problems: ConfigProblem[] } {
  const problems: ConfigProblem[] = [];
  const production = env.NODE_ENV === "production";
  const dataFolder = env.STOA_DATA ?? "./data";
  const place = placeOf(env, flags);
  problems.push(...place.problems);
  if (flags.only !== undefined && !moduleNames.includes(flags.only)) {
    problems.push({ name: "--only", message: `expected one of ${moduleNames.join(", ")}` });
  }
  problems.push(
    ...plaintextProblems(env, place.databaseUrl, production),
    ...shardProblems(env),
    ...webhookProblems(env),
    ...productionProblems(env, production),
  );
  if (problems.length > 0) return { problems };
  const { host, port, databaseUrl } = place;
  const { secretKeyBase, vaultKeys } = secretTexts(env, () => keep(dataFolder));
  return {
    config: {
      production,
      dataFolder,
      only: flags.only,
      http: {
        host,
        port,
        publicUrl: withoutSlash(env.PUBLIC_URL),
        frontendUrl: withoutSlash(env.FRONTEND_URL),
        allowedOrigins: env.ALLOWED_ORIGINS ?? [],
        trustedProxies: env.TRUSTED_PROXIES ?? [],
        metricsAddress: env.METRICS_ADDRESS ? parseAddress(env.METRICS_ADDRESS) : undefined,
      },
      database: { url: databaseUrl, poolSize: env.POOL_SIZE ?? DEFAULT_POOL_SIZE },
      shards: (env.SHARD_ADDRESSES ?? []).map((url) => ({ url })),
      shardsInside: env.STOA_SHARDS ?? DEFAULT_SHARDS_INSIDE,
      shardSecret: env.SHARD_SECRET,
      webhook: webhookOf(env),
      bus: { url: env.AMQP_URL },
      mail: { smtpUrl: env.SMTP_URL, from: env.FROM_EMAIL ?? "Stoa <stoa@localhost.invalid>" },
      secrets: deriveSecrets(secretKeyBase, vaultKeys),
      logLevel: env.LOG_LEVEL ?? (production ? "info" : "warn"),
      budget: {
        perSecond: env.STOA_CALLS_PER_SECOND ?? CALL_BUDGET.perSecond,
        burst: env.STOA_CALLS_BURST ?? CALL_BUDGET.burst,
      },
      // Everybody knows the demo people's password, so a network gets them only on request.
      demo: env.STOA_DEMO ?? (!production && isLoopback(host)),
    },
  };
}

function withoutSlash(url: string | undefined): string | undefined {
  return url?.replace(/(?<!\/)\/+$/, "");
}

/** Where to listen and where the database is: flags win over the environment. */
export function placeOf(env: Env, flags: Flags) {
  const problems: ConfigProblem[] = [];
  const given = flags.address ?? env.RUN_ADDRESS;
  const address = given === undefined ? undefined : parseAddress(given);
  if (given !== undefined && address === undefined) {
    problems.push({ name: "-a", message: "expected host:port" });
  }
  if (flags.database !== undefined && !/^postgres(ql)?:\/\//.test(flags.database)) {
    problems.push({ name: "-d", message: "expected a URL that begins with postgres://" });
  }
  return {
    host: address?.host ?? env.HOST ?? DEFAULT_HOST,
    port: address?.port ?? env.PORT ?? DEFAULT_PORT,
    databaseUrl: flags.database ?? env.DATABASE_URI ?? env.DATABASE_URL,
    problems,
  };
}

function shardProblems(env: Env): ConfigProblem[] {
  const { SHARD_ADDRESSES: addresses = [], SHARD_SECRET: secret, STOA_SHARDS: inside } = env;
  if (addresses.length === 0) return [];
  const problems: ConfigProblem[] = [];
  if (inside !== undefined) {
    const message = "is for shards inside of the process, and SHARD_ADDRESS_0 names another one";
    problems.push({ name: "STOA_SHARDS", message });
  }
  const isFar = addresses.some((text) => !isLoopback(hostOf(new URL(text))));
  if (isFar && secret === undefined) {
    const message = "is needed for shards on other machines; `stoa secrets` makes one";
    problems.push({ name: "SHARD_SECRET", message });
  }
  return problems;
}

function webhookProblems(env: Env): ConfigProblem[] {
  const { WALLET_WEBHOOK_URL: url, WALLET_WEBHOOK_SECRET: secret } = env;
  if ((url === undefined) === (secret === undefined)) return [];
  const name = url === undefined ? "WALLET_WEBHOOK_URL" : "WALLET_WEBHOOK_SECRET";
  return [{ name, message: "is needed: a webhook has an address and a secret that signs" }];
}

function webhookOf(env: Env): Config["webhook"] {
  const { WALLET_WEBHOOK_URL: url, WALLET_WEBHOOK_SECRET: secret } = env;
  return url === undefined || secret === undefined ? undefined : { url, secret };
}

/** Separate keys for separate purposes (RFC 5869), from one secret of the operator. */
export function deriveSecrets(secretKeyBase: string, vaultKeys: readonly string[]): Secrets {
  const derive = (purpose: string) =>
    new Uint8Array(hkdfSync("sha256", secretKeyBase, "stoa", purpose, 32));
  return {
    tokenSecret: derive("access tokens"),
    tagSecret: derive("cinema tags"),
    repeatSecret: derive("repeats"),
    vaultKeys: vaultKeys.map((text) => {
      const key = new Uint8Array(Buffer.from(text, "base64"));
      return { id: createHash("sha256").update(key).digest("hex").slice(0, 8), key };
    }),
  };
}

function secretTexts(env: Env, keep: () => { secretKeyBase: string; vaultKey: string }) {
  if (env.SECRET_KEY_BASE !== undefined && env.VAULT_KEY !== undefined) {
    return { secretKeyBase: env.SECRET_KEY_BASE, vaultKeys: env.VAULT_KEY };
  }
  const kept = keep();
  return {
    secretKeyBase: env.SECRET_KEY_BASE ?? kept.secretKeyBase,
    vaultKeys: env.VAULT_KEY ?? [kept.vaultKey],
  };
}

type Needed = "SECRET_KEY_BASE" | "VAULT_KEY" | "PUBLIC_URL" | "FROM_EMAIL";

function productionProblems(env: Env, production: boolean): ConfigProblem[] {
  if (!production) return [];
  const problems: ConfigProblem[] = [];
  const need = (name: Needed, message: string) => {
    if (env[name] === undefined) problems.push({ name, message });
  };
  need("SECRET_KEY_BASE", "is needed in production; `stoa secrets` makes one");
  need("VAULT_KEY", "is needed in production; `stoa secrets` makes one");
  need("PUBLIC_URL", "is needed in production: the address people open, https://…");
  if (env.SMTP_URL !== undefined) {
    need("FROM_EMAIL", "is needed in production where SMTP_URL is: the sender, name@your.domain");
  }
  return problems;
}
