import assert from "node:assert/strict";
import { after, test } from "node:test";
import { post, send } from "../../../test/support/http-client.ts";
import { startHttp, tokenOf } from "../../../test/support/http-harness.ts";
import { newPerson } from "../../../test/support/module-harness.ts";
import { tryModule } from "../../../test/support/try-module.ts";

const ALLOWED = "https://partner.example";
const OWN = "https://stoa.example";
const http = await startHttp({
  modules: [tryModule],
  config: { production: true, publicUrl: OWN, allowedOrigins: [ALLOWED] },
});
after(() => http[Symbol.asyncDispose]());
const { ids, clock } = http.harness.ports;
const token = tokenOf(newPerson(ids, clock));
const cookie = `stoa=${token}`;
const url = `${http.url}/api/try.whoami`;

type Case = readonly [what: string, status: number, headers: Readonly<Record<string, string>>];

const BY_COOKIE: readonly Case[] = [
  ["from a page of the service", 200, { "sec-fetch-site": "same-origin", origin: OWN }],
  ["typed by the person", 200, { "sec-fetch-site": "none" }],
  ["from the own origin, an older browser", 200, { origin: OWN }],
  ["from an allowed origin", 200, { "sec-fetch-site": "cross-site", origin: ALLOWED }],
  ["from another site", 403, { "sec-fetch-site": "cross-site", origin: "https://evil.example" }],
  ["from another site, an older browser", 403, { origin: "https://evil.example" }],
  [
    "from a sibling domain",
    403,
    { "sec-fetch-site": "same-site", origin: "https://x.stoa.example" },
  ],
  ["from an opaque origin", 403, { origin: "null" }],
  ["from nowhere known", 403, {}],
  ["from another port", 403, { origin: `${OWN}:444` }],
  ["from the own name without TLS", 403, { origin: "http://stoa.example" }],
  ["from a name that begins alike", 403, { origin: `${OWN}.evil.example` }],
  ["from a name in other case", 403, { origin: "https://STOA.example" }],
  ["from the address in the Host header", 403, { origin: http.url }],
];

for (const [what, status, headers] of BY_COOKIE) {
  test(`with the cookie, ${what}: ${status}`, async () => {
    const answer = await post(url, {}, { cookie, ...headers });
    assert.equal(answer.status, status);
    if (status === 403) {
      assert.equal((answer.json() as { code: string }).code, "FOREIGN_ORIGIN");
    }
  });
}

test("with the cookie a POST has to be JSON by its content type", async () => {
  const own = { cookie, "sec-fetch-site": "same-origin" };
  assert.equal((await send(url, { method: "POST", headers: own })).status, 415);
  const form = { ...own, "content-type": "application/x-www-form-urlencoded" };
  assert.equal((await send(url, { method: "POST", headers: form, body: "a=1" })).status, 415);
  const text = { ...own, "content-type": "text/plain" };
  assert.equal((await send(url, { method: "POST", headers: text, body: "{}" })).status, 415);
});

test("a bearer token proves intent, wherever the page is from", async () => {
  for (const origin of [OWN, ALLOWED, "https://evil.example"]) {
    const authorization = `Bearer ${token}`;
    const answer = await post(url, {}, { authorization, origin, cookie });
    assert.equal(answer.status, 200);
  }
});

test("without credentials, programs may call and pages of other sites may not", async () => {
  const echo = `${http.url}/api/try.echo`;
  assert.equal((await post(echo, { id: 1 })).status, 200);
  assert.equal((await post(echo, { id: 1 }, { origin: ALLOWED })).status, 200);
  assert.equal((await post(echo, { id: 1 }, { origin: "https://evil.example" })).status, 403);
  assert.equal((await post(echo, { id: 1 }, { "sec-fetch-site": "cross-site" })).status, 403);
});

test("an allowed origin may read answers, with credentials; another may not", async () => {
  for (const [origin, allowed] of [
    [ALLOWED, ALLOWED],
    [OWN, OWN],
    ["https://evil.example", undefined],
    ["null", undefined],
  ] as const) {
    for (const path of ["/health", "/api/try.echo", "/nowhere"]) {
      const { headers } = await send(`${http.url}${path}`, { headers: { origin } });
      assert.equal(headers["access-control-allow-origin"], allowed, `${origin} ${path}`);
      const credentials = allowed === undefined ? undefined : "true";
      assert.equal(headers["access-control-allow-credentials"], credentials);
      assert.match(headers["vary"] ?? "", /origin/i);
    }
  }
  const { headers } = await send(`${http.url}/health`);
  assert.equal(headers["access-control-allow-origin"], undefined);
});

test("a preflight is answered for allowed origins only", async () => {
  const preflight = (origin: string) =>
    send(`${http.url}/api/try.echo`, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type, authorization",
      },
    });
  const granted = await preflight(ALLOWED);
  assert.equal(granted.status, 204);
  assert.equal(granted.headers["access-control-allow-origin"], ALLOWED);
  assert.equal(granted.headers["access-control-allow-methods"], "OPTIONS, POST");
  assert.match(
    granted.headers["access-control-allow-headers"] ?? "",
    /authorization, content-type/,
  );
  assert.equal(granted.headers["access-control-max-age"], "600");
  const refused = await preflight("https://evil.example");
  assert.equal(refused.status, 403);
  assert.equal(refused.headers["access-control-allow-origin"], undefined);
});

test("outside production the name in the Host header is the service's own", async () => {
  await using local = await startHttp({ modules: [tryModule] });
  const call = (origin: string) => post(`${local.url}/api/try.whoami`, {}, { cookie, origin });
  assert.equal((await call(local.url)).status, 200);
  assert.equal((await call("http://127.0.0.1:1")).status, 403);
  assert.equal((await call("https://evil.example")).status, 403);
});
