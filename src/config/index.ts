import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import type { Random } from "../core/random.ts";
import { buildConfig, type Config, type Flags } from "./config.ts";
import { type Env, processEnvironment, readEnv } from "./env.ts";
import { keepSecrets } from "./kept-secrets.ts";
import type { ConfigProblem } from "./problem.ts";
import { buildShardConfig, type ShardConfig } from "./shard-config.ts";

/** The configuration cannot be used; every problem is listed at once. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(
      [
        "The configuration cannot be used:",
        ...problems.map(({ name, message }) => `  ${name}: ${message}`),
      ].join("\n"),
    );
    this.problems = problems;
  }
}

/**
 * Reads flags, environment and `.env` (which the environment overrides).
 *
 * @throws ConfigError
 */
export function loadConfig(
  flags: Flags,
  moduleNames: readonly string[],
  random: Random,
  environment: Readonly<Record<string, string | undefined>> = processEnvironment(),
): Config {
  const env = environmentOf(environment);
  const built = buildConfig(env, flags, moduleNames, (folder) => keepSecrets(folder, random));
  if ("problems" in built) throw new ConfigError(built.problems);
  return built.config;
}

/**
 * The configuration of a shard that is a process of its own. It needs few of the settings, and none
 * of the secrets of the service.
 *
 * @throws ConfigError
 */
export function loadShardConfig(
  flags: Flags,
  environment: Readonly<Record<string, string | undefined>> = processEnvironment(),
): ShardConfig {
  const built = buildShardConfig(environmentOf(environment), flags);
  if ("problems" in built) throw new ConfigError(built.problems);
  return built.config;
}

function environmentOf(environment: Readonly<Record<string, string | undefined>>): Env {
  const readFile = (path: string) => readFileSync(path, "utf8");
  const { env, problems } = readEnv({ ...dotEnv(environment), ...environment }, readFile);
  if (problems.length > 0) throw new ConfigError(problems);
  return env;
}

/** The variables of `.env` in the working folder, outside of tests. */
function dotEnv(environment: Readonly<Record<string, string | undefined>>) {
  if (environment["NODE_ENV"] === "test") return {};
  try {
    return parseEnv(readFileSync(".env", "utf8"));
  } catch {
    return {};
  }
}
