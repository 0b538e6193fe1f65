import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { createManualClock } from "../../../test/support/manual-clock.ts";
import type { Clock } from "../../core/clock.ts";
import { createLog } from "./pino.ts";

interface Options {
  readonly pretty?: boolean;
  readonly level?: "debug" | "info" | "silent";
  readonly clock?: Clock;
}

function capture(options: Options = {}) {
  const lines: string[] = [];
  const log = createLog({ level: "info", ...options, write: (line) => lines.push(line) });
  const parsed = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { log, lines, parsed };
}

test("a line is one JSON object with level, time, message and fields", () => {
  const { log, lines, parsed } = capture();
  log.info({ method: "cinema.hold", ms: 3, amount: 10n }, "a seat was held");
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? "", /\n$/);
  const { time, ...rest } = parsed()[0] ?? {};
  assert.match(String(time), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  assert.deepEqual(rest, {
    level: 30,
    method: "cinema.hold",
    ms: 3,
    amount: "10",
    msg: "a seat was held",
  });
});

test("levels below the chosen one are silent, and silent says nothing", () => {
  const info = capture();
  info.log.debug({}, "detail");
  info.log.warn({}, "odd");
  assert.deepEqual(
    info.parsed().map(({ msg }) => msg),
    ["odd"],
  );
  const silent = capture({ level: "silent" });
  silent.log.error({}, "gone");
  assert.equal(silent.lines.length, 0);
});

test("line breaks and format signs of a stranger forge nothing", () => {
  const { log, lines, parsed } = capture();
  const evil = 'x"}\n{"level":50,"msg":"forged"}\r\u2028%s%j';
  log.info({ username: evil, [evil]: 1 }, `hello ${evil}`);
  assert.equal(lines.length, 1);
  assert.equal(lines.join("").trimEnd().includes("\n"), false);
  assert.equal(parsed()[0]?.["username"], evil);
  assert.equal(parsed()[0]?.["msg"], `hello ${evil}`);
});

test("no canary gets out, whatever it hides under", () => {
  const { log, lines } = capture({ level: "debug" });
  const canary = "cAnArY-7f3a9";
  const keys = [
    ...["password", "newPassword", "password_hash", "secret", "totpSecret", "token"],
    ...["refresh_token", "accessToken", "tokens", "otp", "code", "authorization", "Authorization"],
    ...["Proxy-Authorization", "cookie", "Set-Cookie", "apiKey", "x-api-key", "private_key"],
    ...["recoveryCodes", "challenge", "qr_code", "credentials"],
  ];
  for (const key of keys) {
    log.info({ [key]: canary }, "flat");
    log.info({ headers: { [key]: [canary] } }, "nested");
    log.info({ a: [{ b: { c: { [key]: { d: canary } } } }] }, "deep");
    log.child({ [key]: canary }).info({}, "bound");
  }
  log.info({ url: `/app/reset?x=1&token=${canary}#otp=${canary}` }, `GET /s?oauth_token=${canary}`);
  log.info({ header: `Bearer ${canary}` }, `dialled amqp://guest:${canary}@host:5672/`);
  const error = Object.assign(new Error(`no answer from smtp://u:${canary}@host`), {
    config: { headers: { authorization: canary } },
    parameters: [canary],
    cause: Object.assign(new Error("inner"), { detail: canary }),
  });
  log.error({ err: error, other: error }, "failed");
  log.info({ body: Buffer.from(canary) }, "binary");
  assert.equal(lines.length, keys.length * 4 + 4);
  assert.deepEqual(
    lines.filter((line) => line.includes(canary)),
    [],
  );
});

test("an error keeps what helps: type, message, stack, code and causes", () => {
  const { log, parsed } = capture();
  const inner = Object.assign(new TypeError("refused"), { code: "ECONNREFUSED" });
  log.error({ err: new Error("no database", { cause: inner }) }, "start failed");
  const err = parsed()[0]?.["err"] as Record<string, unknown>;
  assert.equal(err["type"], "Error");
  assert.equal(err["message"], "no database");
  assert.match(String(err["stack"]), /pino\.test\.ts/);
  const cause = err["cause"] as Record<string, unknown>;
  assert.deepEqual([cause["type"], cause["code"]], ["TypeError", "ECONNREFUSED"]);
});

test("codes of errors stay readable, one-time codes do not", () => {
  const { log, parsed } = capture();
  for (const code of ["SEAT_TAKEN", "OK", "23505", "123456", "K3QF-9XTA", 123456]) {
    log.info({ code }, "code");
  }
  assert.deepEqual(
    parsed().map(({ code }) => code),
    ["SEAT_TAKEN", "OK", "23505", "[redacted]", "[redacted]", "[redacted]"],
  );
});

test("a huge, deep or circular value is cut to a bounded line", () => {
  const { log, lines } = capture();
  const circular: Record<string, unknown> = { name: "me" };
  circular["self"] = circular;
  log.info({ circular, long: "x".repeat(1_000_000), many: Array(10_000).fill("y") }, "large");
  assert.equal(lines.length, 1);
  assert.ok((lines[0] ?? "").length < 20_000);
});

test("pretty lines are for a person and escape what would command a terminal", () => {
  const { log, lines } = capture({ pretty: true });
  log.warn({ port: 8080, name: "\u001b[2Jx", err: new Error("one\ntwo") }, "a\nb");
  const text = lines.join("");
  assert.match(text, /^\d\d:\d\d:\d\d\.\d{3} warn {2}a\\u000ab port=8080 name="\\u001b\[2Jx"\n/);
  assert.match(text, / {4}Error: one\n {4}two\n {4}at /);
  assert.equal(text.includes("\u001b"), false);
});

test("what was logged last is written when the process exits", () => {
  const script = `
    import { createLog } from ${JSON.stringify(new URL("./pino.ts", import.meta.url).href)};
    createLog({ level: "info" }).info({}, "last words");
    process.exit(0);`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
  });
  assert.equal((JSON.parse(stdout) as { msg: string }).msg, "last words");
});

test("a flood of one message is written down in part, and counted once a second", () => {
  const clock = createManualClock(0);
  const { log, lines, parsed } = capture({ level: "debug", clock });
  const flood = log.child({ part: "http" });
  for (let second = 0; second < 10; second += 1) {
    for (let at = 0; at < 1_000; at += 1) flood.warn({ at }, "a request was refused");
    log.error({}, "another message");
    clock.advance(1_000);
  }
  const told = parsed();
  const refused = told.filter(({ msg }) => msg === "a request was refused");
  const reports = told.filter(({ msg }) => msg === "lines were left out");
  assert.equal(refused.length, 100 + 9 * 10);
  assert.equal(reports.length, 10);
  const leftOut = reports.reduce((sum, { lines }) => sum + Number(lines), 0);
  assert.equal(refused.length + leftOut, 10_000);
  assert.equal(reports[0]?.["message"], "a request was refused");
  assert.equal(told.filter(({ msg }) => msg === "another message").length, 10);
  assert.ok(lines.join("").length < 50_000);
  assert.equal(clock.pending(), 0, "nothing is waited for once it is quiet");
});

test("what is told about people is bounded by person, and what is for debugging is not", () => {
  const { log, lines } = capture({ level: "debug", clock: createManualClock(0) });
  for (let at = 0; at < 300; at += 1) log.info({ accountId: `a${at}` }, "a socket opened");
  assert.equal(lines.length, 300);
  for (let at = 0; at < 300; at += 1) log.info({ accountId: "a0" }, "a socket opened");
  assert.equal(lines.length, 300 + 99);
  for (let at = 0; at < 300; at += 1) log.info({}, "a socket ended");
  assert.equal(lines.length, 300 + 99 + 100);
  // Whom a refusal is about, a stranger chooses.
  for (let at = 0; at < 300; at += 1) log.warn({ accountId: `a${at}` }, "an attempt failed");
  assert.equal(lines.length, 300 + 99 + 200);
  for (let at = 0; at < 300; at += 1) log.debug({}, "a request was answered");
  assert.equal(lines.length, 300 + 99 + 500);
});
