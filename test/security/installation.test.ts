import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { TOTP } from "otpauth";
import { WebSocket } from "ws";
import { exchange, type PlainAnswer, post, send } from "../support/http-client.ts";
import { type ServerProcess, startServerProcess } from "../support/server-process.ts";
import { waitFor } from "../support/wait-for.ts";

/**
 * The real program as an operator runs it in production, with the most talkative log there is:
 * what it lets out to strangers, and what it writes down.
 */

const SECRET_KEY_BASE = "canary-base-".padEnd(64, "x");
const VAULT_KEY = Buffer.from("canary-vault".padEnd(32, "y")).toString("base64");
const SMTP_PASSWORD = "canary-smtp-word";
const ORIGIN = "https://stoa.example";

/** What scanners ask every server for. */
const SCANNED = [
  ...["/.env", "/.git/config", "/.git/HEAD", "/.npmrc", "/.well-known/security.txt", "/.DS_Store"],
  ...[
    "/package.json",
    "/package-lock.json",
    "/node_modules/fastify/package.json",
    "/tsconfig.json",
  ],
  ...["/src/main.ts", "/bin/stoa.mjs", "/data", "/data/secrets.json", "/backup.sql", "/dump.sql"],
  ...[
    "/admin",
    "/debug",
    "/debug/pprof",
    "/console",
    "/actuator",
    "/actuator/env",
    "/server-status",
  ],
  ...["/phpinfo.php", "/wp-login.php", "/cgi-bin/test", "/trace", "/status", "/info", "/env"],
  ...["/metrics", "/dev/mail", "/dev", "/mail", "/graphql", "/swagger.json", "/openapi.json"],
  ...["/api", "/api/", "/auth", "/cinema/../.env", "/app/../.env", "/app/%2e%2e/%2e%2e/.env"],
  ...[
    "/app/..%2f..%2fpackage.json",
    "/docs/../package.json",
    "/docs/%2e%2e/package.json",
    "/app/assets/",
  ],
  ...["/app/assets/..", "/docs/", "//etc/passwd", "/%2fetc%2fpasswd", "/\\..\\..\\etc\\passwd"],
];

/** Tells a hang from an answer, on a busy machine too. */
const PATIENCE_MS = 30_000;

describe("an installation", () => {
  let folder: string;
  let server: ServerProcess;
  let port: number;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "stoa-security-"));
    await writeFile(join(folder, "base"), `${SECRET_KEY_BASE}\n`);
    await writeFile(join(folder, "vault"), VAULT_KEY);
    // Nothing listens there: each mail fails, and its failure is written down.
    await writeFile(join(folder, "smtp"), `smtp://stoa:${SMTP_PASSWORD}@127.0.0.1:9`);
    server = await startServerProcess({
      dataFolder: join(folder, "data"),
      env: {
        NODE_ENV: "production",
        PUBLIC_URL: ORIGIN,
        LOG_LEVEL: "debug",
        SECRET_KEY_BASE_FILE: join(folder, "base"),
        VAULT_KEY_FILE: join(folder, "vault"),
        SMTP_URL_FILE: join(folder, "smtp"),
        FROM_EMAIL: "stoa@stoa.example",
        STOA_CALLS_BURST: "1000000",
      },
    });
    port = Number(new URL(server.url).port);
  });
  after(async () => {
    await server?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  const call = (name: string, input: object, headers = {}) =>
    post(`${server.url}/api/${name}`, input, headers);

  test("shows scanners neither files nor inner pages", async () => {
    for (const path of SCANNED) {
      // Written by hand: a client would tidy the path up first.
      const answer = await exchange(
        port,
        `GET ${path} HTTP/1.1\r\nHost: stoa.example\r\nConnection: close\r\n\r\n`,
      );
      const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]);
      const isDocumentation = path === "/docs/";
      assert.ok(
        isDocumentation ? status === 200 : [400, 404, 405].includes(status),
        `${path} ${status}`,
      );
      assert.doesNotMatch(answer, /root:|fastify|"dependencies"|\[core\]|canary/i, path);
    }
  });

  test("tells no version, of itself or of what it is made of", async () => {
    const versions = [process.version, "24.", "fastify", "node.js", "pglite", "PostgreSQL 1"];
    const paths = ["/health", "/ready", "/app/", "/docs", "/nowhere", "/api/auth.me", "/%zz"];
    for (const path of paths) {
      const { headers, text } = await send(server.url + path);
      const told = JSON.stringify(headers) + (path === "/docs" ? "" : text);
      for (const version of versions) assert.ok(!told.includes(version), `${path} ${version}`);
      assert.equal(headers["server"], undefined);
      assert.equal(headers["x-powered-by"], undefined);
    }
    const ready = (await send(`${server.url}/ready`)).json() as { checks: object };
    for (const check of Object.values(ready.checks)) assert.deepEqual(Object.keys(check), ["ok"]);
  });

  test("writes no secret down, its own or anybody's, though it writes everything else", async () => {
    const { secrets, answers } = await live();
    for (const answer of answers) assert.notEqual(answer.status, 500, answer.text);
    assert.ok(secrets.size > 15);
    const lines = () =>
      server
        .output()
        .split("\n")
        .filter((line) => line.startsWith("{"));
    await waitFor(() => server.output().includes("a mail could not be delivered"), {
      what: "the mail that cannot be delivered is written down",
      timeoutMs: PATIENCE_MS,
    });
    await server.stop();
    const told = server.output();
    assert.ok(lines().length > 40, "the log is the talkative one");
    assert.match(told, /a request was answered/);
    assert.match(told, /an attempt to prove an account failed/);
    for (const line of lines()) assert.doesNotThrow(() => JSON.parse(line), line);
    for (const [what, secret] of secrets) {
      for (const form of [
        secret,
        encodeURIComponent(secret),
        Buffer.from(secret).toString("base64"),
      ]) {
        const at = told.indexOf(form);
        assert.equal(
          at,
          -1,
          `${what} was written down: ${told.slice(Math.max(0, at - 200), at + 80)}`,
        );
      }
    }
  });

  /** A day of an installation; answers what was secret in it. */
  async function live() {
    const secrets = new Map<string, string>([
      ["the key base", SECRET_KEY_BASE],
      ["the vault's key", VAULT_KEY],
      ["the mail server's password", SMTP_PASSWORD],
      ["a password", "canary-pass word-1"],
      ["a wrong password", "canary-wrong-word"],
      ["a bearer", "canary-bearer-token"],
      ["a cookie", "canary-cookie-".padEnd(43, "c")],
      ["a query", "canary-query-token"],
      ["a body", "canary-body-text"],
    ]);
    const secret = (what: string) => String(secrets.get(what));
    const answers: PlainAnswer[] = [];
    const ask = async (...[name, input, headers]: Parameters<typeof call>) => {
      const answer = await call(name, input, headers);
      answers.push(answer);
      return answer.json() as Record<string, string>;
    };
    const keep = (what: string, { token, refreshToken }: Record<string, string>) => {
      secrets.set(`${what}: access token`, String(token));
      secrets.set(`${what}: refresh token`, String(refreshToken));
      const cookie = String(answers.at(-1)?.headers["set-cookie"]);
      secrets.set(`${what}: cookie`, /__Host-stoa=([^;]+)/.exec(cookie)?.[1] ?? "missing");
    };
    const password = secret("a password");
    const registered = await ask("auth.register", {
      username: "mira",
      email: "mira@example.org",
      password,
    });
    keep("registering", registered);
    keep("signing in", await ask("auth.login", { username: "mira", secret: password }));
    await ask("auth.login", { username: "mira", secret: secret("a wrong password") });
    const started = await ask("auth.start", { username: "otto" });
    const { secret: app = "", challenge = "" } = started;
    secrets.set("an app's secret", app).set("a challenge", challenge);
    const code = new TOTP({ secret: app }).generate();
    const enrolled = await ask("auth.confirm", { username: "otto", code, challenge });
    keep("enrolling", enrolled);
    for (const [at, recovery] of [...(enrolled["recoveryCodes"] ?? [])].entries()) {
      secrets.set(`recovery code ${at}`, recovery);
    }
    await ask("auth.session", { token: String(registered["token"]) });
    const refreshToken = String(registered["refreshToken"]);
    keep("refreshing", await ask("auth.refresh", { refreshToken }));
    await ask("auth.requestPasswordReset", { email: "mira@example.org" });
    const bearer = { authorization: `Bearer ${registered["token"]}` };
    await ask("auth.me", {}, { authorization: `Bearer ${secret("a bearer")}` });
    await ask("auth.me", {}, { authorization: `Basic ${secret("a bearer")}` });
    await ask("auth.me", {}, { cookie: `__Host-stoa=${secret("a cookie")}`, origin: ORIGIN });
    await ask("auth.becomeOperator", { token: secret("a cookie") }, bearer);
    await ask("cinema.saveCinema", { name: secret("a body"), city: "", address: "" }, bearer);
    for (const path of ["/health", "/nowhere", "/app/", "/cinema"]) {
      answers.push(await send(`${server.url}${path}?token=${secret("a query")}`));
    }
    const raw = { "content-type": "application/json", ...bearer };
    const body = `{"text":"${secret("a body")}`;
    answers.push(await send(`${server.url}/api/auth.me`, { method: "POST", headers: raw, body }));
    await talk(bearer, secret("a body"));
    const report = { "document-uri": `${ORIGIN}/app/?token=${secret("a query")}` };
    const type = { "content-type": "application/csp-report" };
    const reported = JSON.stringify({ "csp-report": report });
    answers.push(
      await send(`${server.url}/csp-reports`, { method: "POST", headers: type, body: reported }),
    );
    return { secrets, answers };
  }

  /** Over a socket: what is right, what is wrong, and what is no frame at all. */
  async function talk(headers: Record<string, string>, text: string) {
    const socket = new WebSocket(`${server.url.replace("http", "ws")}/socket?token=${text}`, {
      headers,
    });
    let answered = 0;
    socket.on("message", () => {
      answered += 1;
    });
    await waitFor(() => socket.readyState === WebSocket.OPEN, {
      what: "the socket is open",
      timeoutMs: PATIENCE_MS,
    });
    const frames = [
      { type: "auth.me", data: {}, eid: "1", ts: 0 },
      { type: "auth.updateProfile", data: { description: text, secret: text }, eid: "2", ts: 0 },
      { type: text, data: {}, eid: text, ts: 0 },
    ];
    for (const frame of frames) socket.send(JSON.stringify(frame));
    socket.send(`{"type": "${text}`);
    await waitFor(() => answered === 4, { what: "each frame is answered", timeoutMs: PATIENCE_MS });
    socket.close();
  }
});
