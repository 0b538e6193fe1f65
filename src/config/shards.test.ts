import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { buildConfig, type Flags } from "./config.ts";
import { readEnv } from "./env.ts";
import { buildShardConfig } from "./shard-config.ts";

const SECRET = "s".repeat(32);
const kept = () => ({
  secretKeyBase: "k".repeat(64),
  vaultKey: Buffer.alloc(32, 7).toString("base64"),
});
const noFile = () => {
  throw new Error("there is no such file");
};
type Environment = Record<string, string>;

function build(environment: Environment) {
  const { env, problems } = readEnv(environment, noFile);
  assert.deepEqual(problems, []);
  const built = buildConfig(env, {}, [], kept);
  assert.ok("config" in built, JSON.stringify(built));
  return built.config;
}

function problemsOf(environment: Environment): string[] {
  const { env, problems } = readEnv(environment, noFile);
  const built = buildConfig(env, {}, [], kept);
  return [...problems, ...("problems" in built ? built.problems : [])].map(({ name }) => name);
}

describe("the shards of the configuration", () => {
  it("are two inside of the process, or as many as one says", () => {
    const { shards, shardsInside, shardSecret } = build({});
    assert.deepEqual([shards, shardsInside, shardSecret], [[], 2, undefined]);
    assert.equal(build({ STOA_SHARDS: "64" }).shardsInside, 64);
    for (const count of ["0", "65", "two"]) {
      assert.deepEqual(problemsOf({ STOA_SHARDS: count }), ["STOA_SHARDS"], count);
    }
  });

  it("are in the order of their numbers, as host and port or as URLs", () => {
    const environment = Object.fromEntries(
      Array.from({ length: 12 }, (_, shard) => [
        `SHARD_ADDRESS_${shard}`,
        `127.0.0.1:${9000 + shard}`,
      ]),
    );
    const { shards } = build({
      ...environment,
      SHARD_ADDRESS_1: "https://shard-1.example/",
      SHARD_ADDRESS_2: "[::1]:9002",
      SHARD_SECRET: SECRET,
      SHARD_ADDRESS_3: "localhost:9003",
    });
    assert.deepEqual(
      shards.map(({ url }) => url),
      [
        "http://127.0.0.1:9000",
        "https://shard-1.example",
        "http://[::1]:9002",
        "http://localhost:9003",
        ...Array.from({ length: 8 }, (_, at) => `http://127.0.0.1:${9004 + at}`),
      ],
    );
  });

  it("stop the start when one is left out, and say which", () => {
    const environment = { SHARD_ADDRESS_0: "127.0.0.1:1", SHARD_ADDRESS_3: "127.0.0.1:4" };
    const { problems } = readEnv({ ...environment, SHARD_ADDRESS_2: "" }, noFile);
    assert.deepEqual(
      problems.map(({ name }) => name),
      ["SHARD_ADDRESS_1", "SHARD_ADDRESS_2"],
    );
    assert.match(problems[0]?.message ?? "", /is missing: there is a SHARD_ADDRESS_3/);
    assert.deepEqual(problemsOf({ SHARD_ADDRESS_1: "127.0.0.1:1" }), ["SHARD_ADDRESS_0"]);
  });

  it("refuse what is no number, no address or an address twice", () => {
    const first = { SHARD_ADDRESS_0: "127.0.0.1:1" };
    for (const number of ["64", "00", "01", "A", "1A", "", "-1", "100", "1_0"]) {
      const name = `SHARD_ADDRESS_${number}`;
      assert.deepEqual(problemsOf({ ...first, [name]: "127.0.0.1:2" }), [name]);
    }
    for (const address of [
      "nowhere",
      ":8080",
      "host:",
      "host:99999",
      "ftp://host:1",
      "http://host:1/path",
      "http://host:1/?a",
      "http://host:1/#a",
      "http://me@host:1",
      "postgres://host:1",
      "127.0.0.1:1",
      "http://127.0.0.1:1",
    ]) {
      const environment = { ...first, SHARD_ADDRESS_1: address };
      assert.deepEqual(problemsOf(environment), ["SHARD_ADDRESS_1"], address);
    }
    const one = { ...first, STOA_SHARDS: "2" };
    assert.deepEqual(problemsOf(one), ["STOA_SHARDS"], "inside and outside at once");
  });

  it("are reached in the clear on this machine only, and elsewhere with a secret", () => {
    const far = { SHARD_ADDRESS_0: "shard.example:9000" };
    assert.deepEqual(problemsOf(far), ["SHARD_ADDRESS_0", "SHARD_SECRET"]);
    assert.deepEqual(problemsOf({ ...far, SHARD_SECRET: SECRET }), ["SHARD_ADDRESS_0"]);
    const named = { ...far, STOA_PLAINTEXT_HOSTS: "shard.example", SHARD_SECRET: SECRET };
    assert.equal(build(named).shardSecret, SECRET);
    assert.deepEqual(problemsOf({ ...named, SHARD_SECRET: "" }), ["SHARD_SECRET"]);
    assert.deepEqual(problemsOf({ SHARD_ADDRESS_0: "https://shard.example" }), ["SHARD_SECRET"]);
    for (const secret of ["short", `${SECRET} `, "ü".repeat(40)]) {
      const environment = { ...named, SHARD_SECRET: secret };
      assert.ok(problemsOf(environment).includes("SHARD_SECRET"), secret);
    }
  });
});

describe("the configuration of a shard", () => {
  const of = (environment: Environment, flags: Flags) => {
    const { env } = readEnv(environment, noFile);
    const built = buildShardConfig(env, flags);
    return "config" in built ? built.config : built.problems.map(({ name }) => name);
  };
  const database = "postgres://127.0.0.1/shard_0";

  it("needs a database, and in production nothing of the service's", () => {
    assert.deepEqual(of({}, {}), ["-d"]);
    assert.deepEqual(of({ NODE_ENV: "production" }, { database }), {
      production: true,
      dataFolder: "./data",
      logLevel: "info",
      host: "127.0.0.1",
      port: 8080,
      database: { url: database, poolSize: 10 },
      secret: undefined,
    });
  });

  it("needs a secret where others can connect", () => {
    assert.deepEqual(of({}, { database, address: ":9000" }), ["SHARD_SECRET"]);
    const config = of({ SHARD_SECRET: SECRET }, { database, address: ":9000" });
    assert.deepEqual("host" in config && [config.host, config.port], ["0.0.0.0", 9000]);
  });

  it("refuses what is not for it", () => {
    assert.deepEqual(of({}, { database, only: "wallet" }), ["--only"]);
    assert.deepEqual(of({}, { database: "postgres://db.example/x" }), ["DATABASE_URL"]);
    assert.deepEqual(of({ AMQP_URL: "amqp://far.example" }, { database, address: "x" }), ["-a"]);
  });
});
