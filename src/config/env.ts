import { isIP } from "node:net";
import { z } from "zod";
import type { ConfigProblem } from "./problem.ts";
import { readShardAddresses, SHARD_ADDRESS, SHARDS_MAX } from "./shard-addresses.ts";

/**
 * Every environment variable Stoa knows: the only place that reads them. `.env.example` is held
 * against this schema by a test.
 */

const isPort = (port: number) => Number.isInteger(port) && port >= 0 && port <= 65_535;

/** `host:port`, `[v6]:port` or `:port`. */
const Address = z.string().refine((text) => {
  const at = text.lastIndexOf(":");
  return at >= 0 && /^\d+$/.test(text.slice(at + 1)) && isPort(Number(text.slice(at + 1)));
}, "expected host:port");

const Url = (...protocols: string[]) =>
  z
    .string()
    .refine(
      (text) => URL.canParse(text) && protocols.includes(new URL(text).protocol),
      `expected a URL that begins with ${protocols.map((p) => `${p}//`).join(" or ")}`,
    );

const PostgresUrl = Url("postgres:", "postgresql:");

/** A page whose own addresses are behind the hash, so it has none itself. */
const FrontendUrl = Url("http:", "https:").refine(
  (text) => !/[?#]/.test(text),
  "expected the address of a page without ? and #",
);

const Origin = z
  .string()
  .refine((text) => URL.canParse(text) && new URL(text).origin === text, "expected an origin");

/** An address, or a range `10.0.0.0/8`. */
const NetworkRange = z.string().refine((text) => {
  const [address = "", bits, more] = text.split("/");
  const family = isIP(address);
  if (family === 0 || more !== undefined) return false;
  return (
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
  );
}, "expected an IP address or a range");

const listOf = (item: z.ZodType<string, string>) =>
  z
    .string()
    .transform((text) =>
      text
        .split(",")
        .map((part) => part.trim())
        .filter((part) => part !== ""),
    )
    .pipe(z.array(item).max(100));

const Switch = z.enum(["on", "off"]).transform((text) => text === "on");

const integerText = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, "expected a whole number")
    .transform(Number)
    .pipe(z.int().min(min).max(max));

const Key256 = z
  .string()
  .refine(
    (text) => /^[A-Za-z0-9+/]{43}=$/.test(text),
    "expected 32 bytes in base64, as `stoa secrets` prints them",
  );

const SharedSecret = z
  .string()
  .regex(/^[A-Za-z0-9._~+/=-]{32,1024}$/, "expected 32 or more letters, digits and ._~+/=-");

const Variables = z.strictObject({
  NODE_ENV: z.enum(["production", "development", "test"]).optional(),
  HOST: z.string().min(1).max(255).optional(),
  PORT: integerText(0, 65_535).optional(),
  RUN_ADDRESS: Address.optional(),
  DATABASE_URL: PostgresUrl.optional(),
  DATABASE_URI: PostgresUrl.optional(),
  POOL_SIZE: integerText(1, 200).optional(),
  AMQP_URL: Url("amqp:", "amqps:").optional(),
  SMTP_URL: Url("smtp:", "smtps:").optional(),
  FROM_EMAIL: z
    .string()
    .min(3)
    .max(320)
    .regex(/^[^\r\n]+$/, "expected one line")
    .optional(),
  PUBLIC_URL: Url("http:", "https:").optional(),
  FRONTEND_URL: FrontendUrl.optional(),
  ALLOWED_ORIGINS: listOf(Origin).optional(),
  TRUSTED_PROXIES: listOf(NetworkRange).optional(),
  METRICS_ADDRESS: Address.optional(),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"]).optional(),
  SECRET_KEY_BASE: z.string().min(64).max(1_024).optional(),
  VAULT_KEY: listOf(Key256).optional(),
  STOA_DATA: z.string().min(1).max(4_096).optional(),
  STOA_DEMO: Switch.optional(),
  STOA_CALLS_PER_SECOND: integerText(1, 1_000_000).optional(),
  STOA_CALLS_BURST: integerText(1, 10_000_000).optional(),
  STOA_PLAINTEXT_HOSTS: listOf(z.string().min(1).max(255)).optional(),
  STOA_SHARDS: integerText(1, SHARDS_MAX).optional(),
  SHARD_SECRET: SharedSecret.optional(),
  WALLET_WEBHOOK_URL: Url("http:", "https:").optional(),
  WALLET_WEBHOOK_SECRET: SharedSecret.optional(),
});

export interface Env extends z.infer<typeof Variables> {
  /** `SHARD_ADDRESS_0` and so on, as URLs in the order of their numbers; absent without any. */
  readonly SHARD_ADDRESSES?: readonly string[];
}

/** Variables that may instead name a file with their value, as `SECRET_KEY_BASE_FILE`. */
const FROM_FILE = [
  "DATABASE_URL",
  "AMQP_URL",
  "SMTP_URL",
  "SECRET_KEY_BASE",
  "VAULT_KEY",
  "SHARD_SECRET",
  "WALLET_WEBHOOK_SECRET",
] as const satisfies readonly (keyof z.infer<typeof Variables>)[];

/** Every name that may be set; of the numbered ones the first. */
export const ENV_NAMES: readonly string[] = [
  ...Object.keys(Variables.shape),
  `${SHARD_ADDRESS}0`,
  ...FROM_FILE.map((name) => `${name}_FILE`),
];

export function processEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

/**
 * Reads the variables Stoa knows out of an environment. An empty value counts as unset, other
 * programs' variables are ignored, unknown `STOA_*` ones are problems.
 */
export function readEnv(
  environment: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
): { env: Env; problems: ConfigProblem[] } {
  const problems: ConfigProblem[] = [];
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || value === "") continue;
    if (name in Variables.shape) given[name] = value;
    else if (name.startsWith("STOA_")) problems.push({ name, message: "is not a known variable" });
  }
  for (const name of FROM_FILE) {
    const path = environment[`${name}_FILE`];
    if (path === undefined || path === "") continue;
    try {
      given[name] ??= readFile(path).trim();
    } catch {
      problems.push({ name: `${name}_FILE`, message: "names a file that cannot be read" });
    }
  }
  const shards = readShardAddresses(environment);
  problems.push(...shards.problems);
  const parsed = Variables.safeParse(given);
  const { urls } = shards;
  const addressed = urls.length === 0 ? {} : { SHARD_ADDRESSES: urls };
  if (parsed.success) return { env: { ...parsed.data, ...addressed }, problems };
  for (const issue of parsed.error.issues) {
    problems.push({ name: String(issue.path[0] ?? "environment"), message: issue.message });
  }
  return { env: {}, problems };
}
