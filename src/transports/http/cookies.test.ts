import assert from "node:assert/strict";
import { after, test } from "node:test";
import { post } from "../../../test/support/http-client.ts";
import { startHttp, tokenOf } from "../../../test/support/http-harness.ts";
import { newPerson } from "../../../test/support/module-harness.ts";
import { tryModule } from "../../../test/support/try-module.ts";
import { SessionCookie } from "./cookies.ts";

const plain = await startHttp({ modules: [tryModule] });
const secure = await startHttp({
  modules: [tryModule],
  config: { production: true, secureCookies: true, publicUrl: "https://stoa.example" },
});
after(async () => {
  await plain[Symbol.asyncDispose]();
  await secure[Symbol.asyncDispose]();
});
const untilMs = Date.UTC(2030, 0, 2, 3, 4, 5);
const OWN = { "sec-fetch-site": "same-origin" };

test("signing in sets the cookie, out of reach of scripts", async () => {
  const answer = await post(`${plain.url}/api/try.signIn`, { token: "abc_-123", untilMs });
  assert.deepEqual(answer.headers["set-cookie"], [
    "stoa=abc_-123; Expires=Wed, 02 Jan 2030 03:04:05 GMT; Path=/; HttpOnly; SameSite=Lax",
  ]);
});

test("over https the cookie is Secure and bound to the host by its name", async () => {
  const answer = await post(`${secure.url}/api/try.signIn`, { token: "abc", untilMs });
  assert.deepEqual(answer.headers["set-cookie"], [
    "__Host-stoa=abc; Expires=Wed, 02 Jan 2030 03:04:05 GMT; Path=/; HttpOnly; SameSite=Lax; Secure",
  ]);
});

test("signing out clears it with the same attributes", async () => {
  const answer = await post(`${secure.url}/api/try.signOut`, {});
  assert.deepEqual(answer.headers["set-cookie"], [
    "__Host-stoa=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; HttpOnly; SameSite=Lax; Secure",
  ]);
});

test("a call that fails sets no cookie", async () => {
  const input = { token: "abc", untilMs, fail: true };
  const answer = await post(`${plain.url}/api/try.signIn`, input);
  assert.equal(answer.status, 500);
  assert.equal(answer.headers["set-cookie"], undefined);
});

test("a value that would end the cookie early is a bug, not a header", async () => {
  const answer = await post(`${plain.url}/api/try.signIn`, { token: "a; Domain=evil", untilMs });
  assert.equal(answer.status, 500);
  assert.equal(answer.headers["set-cookie"], undefined);
});

test("the cookie signs its bearer in", async () => {
  const { ids, clock } = plain.harness.ports;
  const mira = newPerson(ids, clock);
  const cookie = `theme=dark; stoa=${tokenOf(mira)}; other=1`;
  const answer = await post(`${plain.url}/api/try.whoami`, {}, { cookie, ...OWN });
  assert.equal((answer.json() as { accountId: string }).accountId, mira.accountId);
});

test("a bearer token wins over the cookie", async () => {
  const { ids, clock } = plain.harness.ports;
  const [mira, otto] = [newPerson(ids, clock), newPerson(ids, clock)];
  const answer = await post(
    `${plain.url}/api/try.whoami`,
    {},
    { cookie: `stoa=${tokenOf(mira)}`, authorization: `Bearer ${tokenOf(otto)}` },
  );
  assert.equal((answer.json() as { accountId: string }).accountId, otto.accountId);
});

test("only a well-formed cookie of exactly this name is read", () => {
  const cookie = new SessionCookie(false);
  assert.equal(cookie.read("stoa=abc"), "abc");
  assert.equal(cookie.read("a=1;stoa=abc;b=2"), "abc");
  assert.equal(cookie.read(" stoa = abc "), "abc");
  for (const header of [
    undefined,
    "",
    "stoa",
    "stoa=",
    "Stoa=abc",
    "xstoa=abc",
    "stoax=abc",
    'stoa="abc"',
    "stoa=a b",
    "stoa=a,b",
    "stoa=a\u0000b",
    `stoa=${"x".repeat(4_097)}`,
    "a=stoa=abc",
  ]) {
    assert.equal(cookie.read(header), undefined, String(header).slice(0, 20));
  }
  assert.equal(cookie.read("stoa=first; stoa=second"), "first");
  assert.equal(new SessionCookie(true).read("stoa=abc"), undefined);
});
