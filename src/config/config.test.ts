import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { buildConfig, type Flags } from "./config.ts";
import { type Env, readEnv } from "./env.ts";
import { parseAddress } from "./network.ts";

const MODULES = ["auth", "cinema"];
const KEY = Buffer.alloc(32, 7).toString("base64");
const kept = () => ({ secretKeyBase: "k".repeat(64), vaultKey: KEY });
const noFile = () => {
  throw new Error("there is no such file");
};

function read(environment: Record<string, string>): Env {
  const { env, problems } = readEnv(environment, noFile);
  assert.deepEqual(problems, []);
  return env;
}

function build(environment: Record<string, string>, flags: Flags = {}) {
  const built = buildConfig(read(environment), flags, MODULES, kept);
  assert.ok("config" in built, JSON.stringify(built));
  return built.config;
}

function problemsOf(environment: Record<string, string>, flags: Flags = {}): string[] {
  const { env, problems } = readEnv(environment, noFile);
  const built = buildConfig(env, flags, MODULES, kept);
  return [...problems, ...("problems" in built ? built.problems : [])].map(({ name }) => name);
}

describe("the configuration", () => {
  it("needs nothing", () => {
    const config = build({});
    assert.equal(config.http.host, "127.0.0.1");
    assert.equal(config.http.port, 8080);
    assert.equal(config.dataFolder, "./data");
    assert.equal(config.database.url, undefined);
    assert.equal(config.demo, true);
  });

  it("offers demo people to this machine only, unless it is told to", () => {
    assert.equal(build({ HOST: "0.0.0.0" }).demo, false);
    assert.equal(build({}, { address: ":8080" }).demo, false);
    assert.equal(build({ HOST: "0.0.0.0", STOA_DEMO: "on" }).demo, true);
    assert.equal(build({ STOA_DEMO: "off" }).demo, false);
  });

  it("lets a flag win over RUN_ADDRESS and DATABASE_URI, and them over the rest", () => {
    const environment = {
      HOST: "127.0.0.2",
      PORT: "1",
      DATABASE_URL: "postgres://localhost/a",
    };
    assert.equal(build(environment).http.port, 1);
    const documented = {
      ...environment,
      RUN_ADDRESS: "127.0.0.3:2",
      DATABASE_URI: "postgres://localhost/b",
    };
    assert.deepEqual(build(documented).http.port, 2);
    assert.equal(build(documented).database.url, "postgres://localhost/b");
    const flagged = build(documented, { address: ":3", database: "postgres://localhost/c" });
    assert.deepEqual([flagged.http.host, flagged.http.port], ["0.0.0.0", 3]);
    assert.equal(flagged.database.url, "postgres://localhost/c");
  });

  it("lists every problem at once, an unknown STOA_ variable among them", () => {
    const environment = {
      PORT: "eighty",
      STOA_DTA: "/var/lib/stoa",
      AMQP_URL: "http://localhost",
      VAULT_KEY: "short",
      LOG_LEVEL: "loud",
    };
    const names = problemsOf(environment);
    assert.deepEqual(names.toSorted(), ["AMQP_URL", "LOG_LEVEL", "PORT", "STOA_DTA", "VAULT_KEY"]);
  });

  it("ignores what belongs to other programs, and takes an empty value as none", () => {
    assert.deepEqual(read({ PATH: "/bin", EDITOR: "vi", PORT: "", STOA_DATA: "" }), {});
  });

  it("asks for every secret in production", () => {
    const names = problemsOf({ NODE_ENV: "production" });
    assert.deepEqual(names, ["SECRET_KEY_BASE", "VAULT_KEY", "PUBLIC_URL"]);
  });

  it("lets nobody sign in over the network in the clear in production", () => {
    const secrets = { SECRET_KEY_BASE: "k".repeat(64), VAULT_KEY: KEY };
    const of = (environment: Record<string, string>) =>
      problemsOf({ NODE_ENV: "production", ...secrets, ...environment });
    assert.deepEqual(of({ PUBLIC_URL: "https://stoa.example" }), []);
    assert.deepEqual(of({ PUBLIC_URL: "http://stoa.example" }), ["PUBLIC_URL"]);
    assert.deepEqual(of({ PUBLIC_URL: "http://127.0.0.1:8080" }), []);
    const inside = { PUBLIC_URL: "http://stoa.lan", STOA_PLAINTEXT_HOSTS: "stoa.lan" };
    assert.deepEqual(of(inside), []);
    assert.deepEqual(problemsOf({ PUBLIC_URL: "http://stoa.lan" }), [], "to try it out");
  });

  it("takes the settings of document 002 as its own tools make them", () => {
    const phoenix = "m9kTwC0u7N1pXz4Yb6QeLh2sRaVf8JdGiWtOxK5yUqMnEcZvBgHlPjSoIrDwFkTa";
    const config = build({
      FRONTEND_URL: "https://chat.example/",
      FROM_EMAIL: "chat@example.org",
      SECRET_KEY_BASE: phoenix,
      VAULT_KEY: KEY,
      DATABASE_URL: "postgres://localhost/chat",
    });
    assert.equal(config.http.frontendUrl, "https://chat.example");
    assert.equal(config.mail.from, "chat@example.org");
    assert.equal(config.database.poolSize, 10);
    assert.equal(build({ POOL_SIZE: "25" }).database.poolSize, 25);
    const wrong = {
      FRONTEND_URL: "https://chat.example/#/here",
      SECRET_KEY_BASE: phoenix.slice(1),
      VAULT_KEY: KEY.slice(4),
      POOL_SIZE: "0",
    };
    assert.deepEqual(problemsOf(wrong).toSorted(), Object.keys(wrong).toSorted());
  });

  it("asks in production for a sender where there is a mail server, and says how to make keys", () => {
    const environment = { NODE_ENV: "production", SMTP_URL: "smtps://mail.example" };
    const built = buildConfig(read(environment), {}, MODULES, kept);
    const problems = "problems" in built ? built.problems : [];
    const sentences = new Map(problems.map(({ name, message }) => [name, message]));
    assert.match(sentences.get("SECRET_KEY_BASE") ?? "", /`stoa secrets` makes one/);
    assert.match(sentences.get("VAULT_KEY") ?? "", /`stoa secrets` makes one/);
    assert.match(sentences.get("FROM_EMAIL") ?? "", /the sender/);
    const far = { FRONTEND_URL: "http://chat.example", PUBLIC_URL: "https://stoa.example" };
    assert.ok(problemsOf({ ...environment, ...far }).includes("FRONTEND_URL"), "in the clear");
  });

  it("reads a secret from a file, and says when it cannot", () => {
    const readFile = (path: string) => (path === "/run/key" ? `${KEY}\n` : noFile());
    assert.deepEqual(readEnv({ VAULT_KEY_FILE: "/run/key" }, readFile).env.VAULT_KEY, [KEY]);
    const { problems } = readEnv({ VAULT_KEY_FILE: "/run/none" }, readFile);
    assert.deepEqual(
      problems.map(({ name }) => name),
      ["VAULT_KEY_FILE"],
    );
  });

  it("refuses connections that would cross the network in the clear", () => {
    const plain = {
      DATABASE_URL: "postgres://db.example/stoa",
      AMQP_URL: "amqp://rabbit.example",
      SMTP_URL: "smtp://mail.example",
    };
    assert.deepEqual(problemsOf(plain), ["DATABASE_URL", "AMQP_URL", "SMTP_URL"]);
    const trusted = { ...plain, STOA_PLAINTEXT_HOSTS: "db.example,rabbit.example,mail.example" };
    assert.deepEqual(problemsOf(trusted), []);
    assert.deepEqual(problemsOf({ DATABASE_URL: "postgres://db/x?sslmode=verify-full" }), []);
    const elsewhere = "postgres://127.0.0.1/x?host=db.example";
    assert.deepEqual(problemsOf({ DATABASE_URL: elsewhere }), ["DATABASE_URL"]);
    assert.deepEqual(problemsOf({ DATABASE_URL: "postgres:///x?host=/run/postgresql" }), []);
    assert.deepEqual(problemsOf({ AMQP_URL: "amqp://127.0.0.1" }), []);
  });

  it("refuses unknown modules and addresses", () => {
    assert.deepEqual(problemsOf({}, { only: "theatre" }), ["--only"]);
    assert.deepEqual(problemsOf({}, { address: "nowhere" }), ["-a"]);
    assert.deepEqual(problemsOf({}, { database: "mysql://localhost" }), ["-d"]);
  });

  it("derives separate keys from one secret", () => {
    const { tokenSecret, tagSecret, repeatSecret, vaultKeys } = build({}).secrets;
    const secrets = [tokenSecret, tagSecret, repeatSecret].map((key) => key.join());
    assert.equal(tokenSecret.length, 32);
    assert.equal(new Set(secrets).size, 3);
    assert.match(vaultKeys[0]?.id ?? "", /^[0-9a-f]{8}$/);
  });
});

describe("parseAddress", () => {
  it("takes names, IPv4, IPv6 in brackets, and a port alone", () => {
    assert.deepEqual(parseAddress("localhost:1"), { host: "localhost", port: 1 });
    assert.deepEqual(parseAddress("[::1]:65535"), { host: "::1", port: 65_535 });
    assert.deepEqual(parseAddress(":80"), { host: "0.0.0.0", port: 80 });
    for (const text of ["", "80", "a:b", "a:65536", "::1:80", "a:"]) {
      assert.equal(parseAddress(text), undefined, text);
    }
  });
});
