import { isIP } from "node:net";
import type { Env } from "./env.ts";
import type { ConfigProblem } from "./problem.ts";

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `127.0.0.1:8080`, `[::1]:8080`, `:8080` (every interface), or undefined. */
export function parseAddress(text: string): Address | undefined {
  const match = /^(\[[0-9A-Fa-f:.]+\]|[^:\s]*):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match?.[1] === undefined || port > 65_535) return undefined;
  return { host: match[1].replace(/^\[|\]$/g, "") || "0.0.0.0", port };
}

/** The machine itself, by an address or by a socket in its file system. */
export function isLoopback(host: string): boolean {
  if (host === "" || host === "localhost" || host === "::1") return true;
  if (host.startsWith("/")) return true;
  return isIP(host) === 4 && host.startsWith("127.");
}

/** The host of a URL, an IPv6 address without its brackets. */
export function hostOf(url: URL): string {
  // PostgreSQL's URLs may name the host among the parameters, which then counts.
  return (url.searchParams.get("host") ?? url.hostname).replace(/^\[|\]$/g, "");
}

/** Connections that leave the machine are encrypted, unless the host is named as an exception. */
export function plaintextProblems(
  env: Env,
  databaseUrl: string | undefined,
  production: boolean,
): ConfigProblem[] {
  const allowed = new Set(env.STOA_PLAINTEXT_HOSTS ?? []);
  const problems: ConfigProblem[] = [];
  const check = (name: string, text: string | undefined, encrypted: (url: URL) => boolean) => {
    if (text === undefined || !URL.canParse(text)) return;
    const url = new URL(text);
    const host = hostOf(url);
    if (isLoopback(host) || allowed.has(host) || encrypted(url)) return;
    const advice = `use TLS, or list ${host} in STOA_PLAINTEXT_HOSTS`;
    problems.push({ name, message: `would cross the network unencrypted: ${advice}` });
  };
  check("DATABASE_URL", databaseUrl, (url) =>
    ["verify-full", "verify-ca"].includes(url.searchParams.get("sslmode") ?? ""),
  );
  check("AMQP_URL", env.AMQP_URL, (url) => url.protocol === "amqps:");
  check("SMTP_URL", env.SMTP_URL, (url) => url.protocol === "smtps:");
  for (const [shard, text] of (env.SHARD_ADDRESSES ?? []).entries()) {
    check(`SHARD_ADDRESS_${shard}`, text, (url) => url.protocol === "https:");
  }
  check("WALLET_WEBHOOK_URL", env.WALLET_WEBHOOK_URL, (url) => url.protocol === "https:");
  if (!production) return problems;
  check("PUBLIC_URL", env.PUBLIC_URL, (url) => url.protocol === "https:");
  check("FRONTEND_URL", env.FRONTEND_URL, (url) => url.protocol === "https:");
  return problems;
}
