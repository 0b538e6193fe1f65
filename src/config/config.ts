import { createHash, hkdfSync } from "node:crypto";
import { isIP } from "node:net";
import type { Budget } from "../core/limits.ts";
import { CALL_BUDGET } from "../core/limits.ts";
import type { ConfigProblem, Env } from "./env.ts";

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
    readonly allowedOrigins: readonly string[];
    readonly trustedProxies: readonly string[];
    readonly metricsAddress: Address | undefined;
  };
  readonly database: { readonly url: string | undefined; readonly poolSize: number };
  readonly bus: { readonly url: string | undefined };
  readonly mail: { readonly smtpUrl: string | undefined; readonly from: string };
  readonly secrets: Secrets;
  readonly logLevel: "debug" | "info" | "warn" | "error" | "silent";
  readonly budget: Budget;
  readonly demo: boolean;
}

export interface Address {
  readonly host: string;
  readonly port: number;
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
const DEFAULT_POOL_SIZE = 10;

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
  const fromAddress = flags.address ?? env.RUN_ADDRESS;
  const address = fromAddress === undefined ? undefined : parseAddress(fromAddress);
  if (fromAddress !== undefined && address === undefined) {
    problems.push({ name: "-a", message: "expected host:port" });
  }
  if (flags.only !== undefined && !moduleNames.includes(flags.only)) {
    problems.push({ name: "--only", message: `expected one of ${moduleNames.join(", ")}` });
  }
  const databaseUrl = flags.database ?? env.DATABASE_URI ?? env.DATABASE_URL;
  if (flags.database !== undefined && !/^postgres(ql)?:\/\//.test(flags.database)) {
    problems.push({ name: "-d", message: "expected a URL that begins with postgres://" });
  }
  problems.push(
    ...plaintextProblems(env, databaseUrl, production),
    ...productionProblems(env, production),
  );
  if (problems.length > 0) return { problems };
  const host = address?.host ?? env.HOST ?? DEFAULT_HOST;
  const { secretKeyBase, vaultKeys } = secretTexts(env, () => keep(dataFolder));
  return {
    config: {
      production,
      dataFolder,
      only: flags.only,
      http: {
        host,
        port: address?.port ?? env.PORT ?? DEFAULT_PORT,
        publicUrl: env.PUBLIC_URL?.replace(/(?<!\/)\/+$/, ""),
        allowedOrigins: env.ALLOWED_ORIGINS ?? [],
        trustedProxies: env.TRUSTED_PROXIES ?? [],
        metricsAddress: env.METRICS_ADDRESS ? parseAddress(env.METRICS_ADDRESS) : undefined,
      },
      database: { url: databaseUrl, poolSize: env.POOL_SIZE ?? DEFAULT_POOL_SIZE },
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

/** `127.0.0.1:8080`, `[::1]:8080`, `:8080` (every interface), or undefined. */
export function parseAddress(text: string): Address | undefined {
  const match = /^(\[[0-9A-Fa-f:.]+\]|[^:\s]*):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match?.[1] === undefined || port > 65_535) return undefined;
  return { host: match[1].replace(/^\[|\]$/g, "") || "0.0.0.0", port };
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

function productionProblems(env: Env, production: boolean): ConfigProblem[] {
  if (!production) return [];
  const problems: ConfigProblem[] = [];
  const need = (name: "SECRET_KEY_BASE" | "VAULT_KEY" | "PUBLIC_URL", message: string) => {
    if (env[name] === undefined) problems.push({ name, message });
  };
  need("SECRET_KEY_BASE", "is needed in production; `stoa secrets` makes one");
  need("VAULT_KEY", "is needed in production; `stoa secrets` makes one");
  need("PUBLIC_URL", "is needed in production: the address people open, https://…");
  return problems;
}

/** Connections that leave the machine are encrypted, unless the host is named as an exception. */
function plaintextProblems(
  env: Env,
  databaseUrl: string | undefined,
  production: boolean,
): ConfigProblem[] {
  const allowed = new Set(env.STOA_PLAINTEXT_HOSTS ?? []);
  const problems: ConfigProblem[] = [];
  const check = (name: string, text: string | undefined, encrypted: (url: URL) => boolean) => {
    if (text === undefined || !URL.canParse(text)) return;
    const url = new URL(text);
    // PostgreSQL's URLs may name the host among the parameters, which then counts.
    const host = (url.searchParams.get("host") ?? url.hostname).replace(/^\[|\]$/g, "");
    if (isLoopback(host) || allowed.has(host) || encrypted(url)) return;
    const advice = `use TLS, or list ${host} in STOA_PLAINTEXT_HOSTS`;
    problems.push({ name, message: `would cross the network unencrypted: ${advice}` });
  };
  check("DATABASE_URL", databaseUrl, (url) =>
    ["verify-full", "verify-ca"].includes(url.searchParams.get("sslmode") ?? ""),
  );
  check("AMQP_URL", env.AMQP_URL, (url) => url.protocol === "amqps:");
  check("SMTP_URL", env.SMTP_URL, (url) => url.protocol === "smtps:");
  if (production) check("PUBLIC_URL", env.PUBLIC_URL, (url) => url.protocol === "https:");
  return problems;
}

/** The machine itself, by an address or by a socket in its file system. */
function isLoopback(host: string): boolean {
  if (host === "" || host === "localhost" || host === "::1") return true;
  if (host.startsWith("/")) return true;
  return isIP(host) === 4 && host.startsWith("127.");
}
