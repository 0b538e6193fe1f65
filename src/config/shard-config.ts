import { type Config, DEFAULT_POOL_SIZE, type Flags, placeOf } from "./config.ts";
import type { Env } from "./env.ts";
import { isLoopback, plaintextProblems } from "./network.ts";
import type { ConfigProblem } from "./problem.ts";

/** The configuration of a shard that is a process of its own, checked. */
export interface ShardConfig extends Pick<Config, "production" | "dataFolder" | "logLevel"> {
  readonly host: string;
  readonly port: number;
  readonly database: { readonly url: string; readonly poolSize: number };
  /** What its orchestrator proves itself with; undefined takes everybody who can connect. */
  readonly secret: string | undefined;
}

export function buildShardConfig(
  env: Env,
  flags: Flags,
): { config: ShardConfig } | { problems: ConfigProblem[] } {
  const production = env.NODE_ENV === "production";
  const { host, port, databaseUrl, problems } = placeOf(env, flags);
  if (databaseUrl === undefined) {
    problems.push({
      name: "-d",
      message: "is needed: a shard has a PostgreSQL database of its own",
    });
  }
  if (flags.only !== undefined) {
    problems.push({ name: "--only", message: "is for the service; a shard serves no module" });
  }
  if (env.SHARD_SECRET === undefined && !isLoopback(host)) {
    const message =
      "is needed where others than this machine can connect; `stoa secrets` makes one";
    problems.push({ name: "SHARD_SECRET", message });
  }
  problems.push(
    ...plaintextProblems(
      { STOA_PLAINTEXT_HOSTS: env.STOA_PLAINTEXT_HOSTS },
      databaseUrl,
      production,
    ),
  );
  if (problems.length > 0 || databaseUrl === undefined) return { problems };
  return {
    config: {
      production,
      dataFolder: env.STOA_DATA ?? "./data",
      logLevel: env.LOG_LEVEL ?? (production ? "info" : "warn"),
      host,
      port,
      database: { url: databaseUrl, poolSize: env.POOL_SIZE ?? DEFAULT_POOL_SIZE },
      secret: env.SHARD_SECRET,
    },
  };
}
