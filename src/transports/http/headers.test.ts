import assert from "node:assert/strict";
import { METHODS } from "node:http";
import { after, test } from "node:test";
import { exchange, send } from "../../../test/support/http-client.ts";
import { type HttpHarness, startHttp } from "../../../test/support/http-harness.ts";
import { tryModule } from "../../../test/support/try-module.ts";
import { registerRest } from "../rest/index.ts";

const start = (production: boolean) =>
  startHttp({
    modules: [tryModule],
    config: {
      production,
      secureCookies: production,
      publicUrl: production ? "https://stoa.example:8443" : undefined,
      only: "try",
    },
    parts: { mailbox: async () => [] },
    register: (server, parts) => registerRest(server, parts.registry, "try"),
  });
const secure = await start(true);
const plain = await start(false);
after(async () => {
  await secure[Symbol.asyncDispose]();
  await plain[Symbol.asyncDispose]();
});

/** Where an answer without content, or a failure, may have the policy of pages. */
const PATHS_OF_PAGES = /^\/(docs|app|dev\/mail)(\/|$)/;

/** A URL for every path of the route table, and some that are not in it. */
function urlsOf({ server }: HttpHarness): string[] {
  const paths = [...server.routes.entries()].map(([path]) =>
    path.replaceAll(/:\w+/g, "7").replace("*", "some/file"),
  );
  return [
    ...new Set([...paths, "/nowhere", "/api/try.nothing", "/%zz", `/api/${"a".repeat(300)}`]),
  ];
}

const EXPECTED: Readonly<Record<string, RegExp>> = {
  "x-content-type-options": /^nosniff$/,
  "referrer-policy": /^no-referrer$/,
  "cross-origin-resource-policy": /^same-origin$/,
  "strict-transport-security":
    /^max-age=(3153[6-9]|[4-9]\d{4}|[1-9]\d{5})\d{3,}; includeSubDomains$/,
  "cache-control": /^no-store$|^no-cache$/,
  "x-request-id": /^[0-9a-f-]{36}$/,
};
/** What only pages have, and the files they load. */
const EXPECTED_OF_PAGES: Readonly<Record<string, RegExp>> = {
  "cross-origin-opener-policy": /^same-origin$/,
  "permissions-policy": /camera=\(self\).*microphone=\(\)/,
};
const PAGE_POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "connect-src 'self' ws://stoa.example:8443 wss://stoa.example:8443",
  "report-uri /csp-reports",
];
const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'";

for (const method of ["GET", "POST", "OPTIONS", "DELETE"]) {
  test(`every answer to ${method} has the security headers`, async () => {
    const pages = new Set<string>();
    for (const path of urlsOf(secure)) {
      // It would wait, as it is told.
      if (method === "POST" && path === "/api/try.wait") continue;
      const { headers } = await send(`${secure.url}${path}`, { method });
      for (const name of ["server", "x-powered-by"]) assert.equal(headers[name], undefined);
      for (const [name, form] of Object.entries(EXPECTED)) {
        assert.match(headers[name] ?? "missing", form, `${method} ${path} ${name}`);
      }
      const type = headers["content-type"] ?? "none";
      const policy = headers["content-security-policy"];
      if (!/^text\/(html|css|javascript)/.test(type)) {
        if (policy !== DATA_POLICY) assert.match(path, PATHS_OF_PAGES, path);
        continue;
      }
      pages.add(path);
      for (const [name, form] of Object.entries(EXPECTED_OF_PAGES)) {
        assert.match(headers[name] ?? "missing", form, `${method} ${path} ${name}`);
      }
      for (const part of PAGE_POLICY) assert.ok(policy?.split("; ").includes(part), part);
    }
    assert.equal(pages.has("/docs"), method === "GET");
  });
}

test("nothing inline and nothing unsafe is allowed", async () => {
  for (const path of ["/health", "/docs", "/app/"]) {
    const { headers } = await send(`${secure.url}${path}`);
    assert.doesNotMatch(headers["content-security-policy"] ?? "none", /unsafe-|\*|http:/);
  }
});

test("HSTS is for https only", async () => {
  const { headers } = await send(`${plain.url}/health`);
  assert.equal(headers["strict-transport-security"], undefined);
});

test("every answer with content says what it is, in UTF-8", async () => {
  for (const path of urlsOf(plain)) {
    const { headers, text } = await send(`${plain.url}${path}`);
    if (text === "") continue;
    assert.match(headers["content-type"] ?? "", /^[a-z]+\/[a-z+]+; .*charset=utf-8$/, path);
  }
});

test("every path refuses the methods it does not take, and lists those it takes", async () => {
  for (const [pattern] of [...plain.server.routes.entries()]) {
    const path = pattern.replaceAll(/:\w+/g, "7").replace("*", "some/file");
    const allowed = plain.server.routes.allowed(path);
    const others = METHODS.filter((m) => !allowed.includes(m) && !EXCEPT.has(m));
    assert.ok(others.length > 20);
    for (const method of others) {
      const answer = await exchange(
        plain.port,
        `${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      );
      assert.match(answer, /^HTTP\/1\.1 405 /, `${method} ${path}`);
      const allow = /^allow: (.*)$/im.exec(answer)?.[1];
      assert.equal(allow, [...allowed, "OPTIONS"].sort().join(", "));
      if (method !== "HEAD") assert.match(answer, /"code":"METHOD_NOT_ALLOWED"/);
    }
  }
});

/** OPTIONS is answered everywhere; CONNECT never reaches a path. */
const EXCEPT = new Set(["OPTIONS", "CONNECT"]);

test("HEAD answers like GET, without the content", async () => {
  for (const [pattern, methods] of plain.server.routes.entries()) {
    if (!methods.includes("GET")) continue;
    assert.ok(methods.includes("HEAD"), pattern);
  }
  for (const path of ["/health", "/docs", "/try/things/7", "/app/", "/docs/openapi.json"]) {
    const get = await send(`${plain.url}${path}`);
    const head = await send(`${plain.url}${path}`, { method: "HEAD" });
    assert.equal(head.status, get.status);
    assert.equal(head.text, "");
    for (const name of ["content-type", "content-length", "etag"]) {
      assert.equal(head.headers[name], get.headers[name], `${path} ${name}`);
    }
  }
});

test("OPTIONS without a preflight lists the methods", async () => {
  const { status, headers } = await send(`${plain.url}/try/things/7`, { method: "OPTIONS" });
  assert.equal(status, 204);
  assert.equal(headers["allow"], "GET, HEAD, OPTIONS, PUT");
});
