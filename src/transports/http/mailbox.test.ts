import assert from "node:assert/strict";
import { test } from "node:test";
import { send } from "../../../test/support/http-client.ts";
import { startHttp } from "../../../test/support/http-harness.ts";
import { tryModule } from "../../../test/support/try-module.ts";

const modules = [tryModule];
const mail = {
  id: "018f4f6e-9c1b-7a34-8f0e-5d2c7b9a1e60",
  to: '"<i>"@example.org',
  subject: "<script>alert(1)</script>",
  text: 'Confirm: http://127.0.0.1:8080/app/confirm?token=a&x=1\n<img src=x onerror="x">\njavascript:alert(1)',
  sentAtMs: Date.UTC(2026, 0, 2, 3, 4, 5),
};

test("mail that was not sent can be read, and is only text", async () => {
  await using http = await startHttp({ modules, parts: { mailbox: async () => [mail] } });
  const { status, headers, text } = await send(`${http.url}/dev/mail`);
  assert.equal(status, 200);
  assert.equal(headers["content-type"], "text/html; charset=utf-8");
  assert.ok(text.includes("&lt;script&gt;alert(1)&lt;/script&gt;"));
  assert.ok(text.includes("&quot;&lt;i&gt;&quot;@example.org"));
  assert.doesNotMatch(text, /<script|<img|<i>/);
  const address = "http://127.0.0.1:8080/app/confirm?token=a&amp;x=1";
  assert.ok(text.includes(`<a href="${address}">${address}</a>`));
  assert.ok(!text.includes('href="javascript'));
  assert.ok(text.includes("2026-01-02 03:04:05 UTC"));
});

test("an empty mailbox says so", async () => {
  await using http = await startHttp({ modules, parts: { mailbox: async () => [] } });
  assert.match((await send(`${http.url}/dev/mail`)).text, /no mail yet/);
});

test("there is no mailbox in production, nor when mail is sent", async () => {
  await using sent = await startHttp({ modules });
  assert.equal((await send(`${sent.url}/dev/mail`)).status, 404);
  const parts = { mailbox: async () => [mail] };
  await using production = await startHttp({ modules, parts, config: { production: true } });
  assert.equal((await send(`${production.url}/dev/mail`)).status, 404);
});

test("a site that has its own name lead here reads no mail", async () => {
  const parts = { mailbox: async () => [mail] };
  await using http = await startHttp({ modules, parts });
  const statusOf = async (host: string) =>
    (await send(`${http.url}/dev/mail`, { headers: { host } })).status;
  for (const host of ["localhost:8080", "127.0.0.1", "[::1]:8080", "box", "stoa.local:80"]) {
    assert.equal(await statusOf(host), 200, host);
  }
  for (const host of ["evil.example", "127.0.0.1.evil.example:8080", "localhost.evil.example"]) {
    assert.equal(await statusOf(host), 404, host);
  }
  const config = { publicUrl: "http://stoa.example" };
  await using named = await startHttp({ modules, parts, config });
  const headers = { host: "stoa.example" };
  assert.equal((await send(`${named.url}/dev/mail`, { headers })).status, 200);
});
