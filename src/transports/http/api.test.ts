import assert from "node:assert/strict";
import { request } from "node:http";
import { after, test } from "node:test";
import { post, send } from "../../../test/support/http-client.ts";
import { startHttp, tokenOf } from "../../../test/support/http-harness.ts";
import { newPerson } from "../../../test/support/module-harness.ts";
import { tryModule, waiting } from "../../../test/support/try-module.ts";
import { waitFor } from "../../../test/support/wait-for.ts";
import { KINDS } from "../../core/errors.ts";
import { STATUS } from "./status.ts";

const http = await startHttp({ modules: [tryModule] });
after(() => http[Symbol.asyncDispose]());
const { ids, clock } = http.harness.ports;
const mira = newPerson(ids, clock);
const bearer = { authorization: `Bearer ${tokenOf(mira)}` };
const api = (name: string) => `${http.url}/api/${name}`;

test("a method is called with POST /api/<name> and answers JSON", async () => {
  const answer = await post(api("try.echo"), { id: 7, note: "ключ" });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers["content-type"], "application/json; charset=utf-8");
  assert.deepEqual(answer.json(), { id: 7, note: "ключ" });
});

test("an empty body counts as no input", async () => {
  const { status } = await send(api("try.signOut"), { method: "POST" });
  assert.equal(status, 200);
  const headers = { "content-type": "application/json; charset=utf-8" };
  assert.equal((await send(api("try.signOut"), { method: "POST", headers })).status, 200);
});

test("a bearer token says who is calling", async () => {
  assert.equal((await post(api("try.whoami"), {})).status, 401);
  const answer = await post(api("try.whoami"), {}, { ...bearer, "user-agent": "x".repeat(999) });
  assert.deepEqual(answer.json(), {
    accountId: mira.accountId,
    address: "127.0.0.1",
    userAgent: "x".repeat(256),
    transport: "http",
  });
  assert.equal((await post(api("try.operate"), {}, bearer)).status, 403);
  const operator = `Bearer ${tokenOf({ ...mira, operator: true })}`;
  assert.equal((await post(api("try.operate"), {}, { authorization: operator })).status, 200);
});

test("an Authorization header of another form is refused, not ignored", async () => {
  for (const authorization of ["Basic bWlyYTpzZWNyZXQ=", "Bearer", "Bearer a b", "Bearer a,b"]) {
    const answer = await post(api("try.echo"), { id: 1 }, { authorization });
    assert.equal(answer.status, 400, authorization);
    assert.ok(!answer.text.includes("bWlyYTpzZWNyZXQ"), "what came is not repeated");
  }
});

for (const kind of KINDS) {
  test(`${kind} is answered with ${STATUS[kind]} as a problem`, async () => {
    const answer = await post(api("try.fail"), { kind });
    const code = `TRY_${kind.toUpperCase()}`;
    const message = `This is what ${kind} looks like.`;
    assert.equal(answer.status, STATUS[kind]);
    assert.equal(answer.headers["content-type"], "application/problem+json; charset=utf-8");
    const words = kind.replaceAll("_", " ");
    assert.deepEqual(answer.json(), {
      type: `/docs#${code}`,
      title: `Try ${words}`,
      status: STATUS[kind],
      detail: message,
      code,
      message,
      data: { seatIds: ["A1"] },
      requestId: answer.headers["x-request-id"],
    });
    const comesBack = kind === "too_many" || kind === "unavailable";
    assert.equal(answer.headers["retry-after"], comesBack ? "1" : undefined);
  });
}

test("Retry-After is in seconds, rounded up", async () => {
  for (const [retryAfterMs, seconds] of [
    [1, "1"],
    [1_000, "1"],
    [1_001, "2"],
    [61_500, "62"],
  ] as const) {
    const answer = await post(api("try.fail"), { kind: "too_many", retryAfterMs });
    assert.equal(answer.headers["retry-after"], seconds);
    assert.equal((answer.json() as { retryAfterMs: number }).retryAfterMs, retryAfterMs);
  }
});

test("a bug is INTERNAL and tells nothing", async () => {
  const answer = await post(api("try.fail"), { kind: "bug" });
  assert.equal(answer.status, 500);
  assert.equal((answer.json() as { code: string }).code, "INTERNAL");
  assert.ok(!answer.text.includes("secret"));
  assert.ok(!answer.text.includes("at "));
});

test("unknown methods and subscriptions say what to do", async () => {
  const unknown = await post(api("try.nothing"), {});
  assert.equal(unknown.status, 404);
  assert.equal((unknown.json() as { code: string }).code, "METHOD_NOT_FOUND");
  for (const name of ["try.watch", "try.unwatch"]) {
    const answer = await post(api(name), {});
    assert.equal(answer.status, 400);
    assert.equal((answer.json() as { code: string }).code, "SOCKET_ONLY");
  }
  for (const name of [
    "toString",
    "__proto__",
    "constructor",
    "try.__proto__",
    "%00",
    "a".repeat(256),
  ]) {
    assert.equal((await post(api(name), {})).status, 404, name);
  }
  assert.equal((await post(api("a".repeat(257)), {})).status, 400);
});

test("an idempotency key is at most 128 visible ASCII characters", async () => {
  const call = (key: string) => post(api("try.echo"), { id: 1 }, { "idempotency-key": key });
  assert.equal((await call("k".repeat(128))).status, 200);
  for (const key of ["k".repeat(129), "", "two words", "\u00e9"]) {
    assert.equal((await call(key)).status, 400, JSON.stringify(key));
  }
});

test("each request has an id of its own; one from outside is ignored", async () => {
  const given = "given-from-outside";
  const first = await post(api("try.echo"), { id: 1 }, { "x-request-id": given });
  const second = await post(api("try.echo"), { id: 1 }, { "x-request-id": given });
  assert.match(first.headers["x-request-id"] ?? "", /^[0-9a-f-]{36}$/);
  assert.notEqual(first.headers["x-request-id"], second.headers["x-request-id"]);
});

test("a client that goes away aborts its call", async () => {
  const { started, aborted } = waiting;
  const outgoing = request(api("try.wait"), { method: "POST", agent: false });
  outgoing.on("error", () => {});
  outgoing.end();
  await waitFor(() => waiting.started > started, { what: "the call has begun" });
  assert.equal(waiting.aborted, aborted);
  outgoing.destroy();
  await waitFor(() => waiting.aborted > aborted, { what: "the handler was told" });
});
