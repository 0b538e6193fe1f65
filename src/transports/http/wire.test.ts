import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, test } from "node:test";
import { exchange } from "../../../test/support/http-client.ts";
import { startHttp } from "../../../test/support/http-harness.ts";
import { tryModule } from "../../../test/support/try-module.ts";
import { waitFor } from "../../../test/support/wait-for.ts";
import * as limits from "./limits.ts";

const http = await startHttp({ modules: [tryModule] });
after(() => http[Symbol.asyncDispose]());

const HOST = "Host: stoa.test\r\n";
const JSON_TYPE = "Content-Type: application/json\r\n";
const ECHO = "POST /api/try.echo HTTP/1.1\r\n";
const CLOSE = "Connection: close\r\n";
const SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: stoa.test\r\nConnection: close\r\n\r\n";

/** Bytes that two servers might read differently, or that are no HTTP at all. */
const REFUSED: ReadonlyArray<readonly [what: string, bytes: string]> = [
  [
    "Content-Length and Transfer-Encoding",
    `${ECHO}${HOST}${JSON_TYPE}Content-Length: 8\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  ],
  [
    "Transfer-Encoding and Content-Length",
    `${ECHO}${HOST}${JSON_TYPE}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5c\r\n${SMUGGLED}0\r\n\r\n`,
  ],
  [
    "two different Content-Lengths",
    `${ECHO}${HOST}${JSON_TYPE}Content-Length: 8\r\nContent-Length: 0\r\n\r\n{"id":1}${SMUGGLED}`,
  ],
  [
    "a Content-Length with a sign",
    `${ECHO}${HOST}${JSON_TYPE}Content-Length: +8\r\n\r\n{"id":1}${SMUGGLED}`,
  ],
  [
    "an unknown transfer encoding",
    `${ECHO}${HOST}${JSON_TYPE}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  ],
  [
    "chunked that is not last",
    `${ECHO}${HOST}${JSON_TYPE}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  ],
  [
    "a space before the colon",
    `${ECHO}${HOST}${JSON_TYPE}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  ],
  ["a folded header", `${ECHO}${HOST}X-A: a\r\n b\r\nContent-Length: 0\r\n\r\n${SMUGGLED}`],
  [
    "a bare line feed",
    `${ECHO}${HOST}X-A: a\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  ],
  ["a null byte in a header", `${ECHO}${HOST}X-A: a\u0000b\r\n\r\n${SMUGGLED}`],
  [
    "a chunk size that is no number",
    `${ECHO}${HOST}${JSON_TYPE}Transfer-Encoding: chunked\r\n\r\nzz\r\n{"id":1}\r\n0\r\n\r\n${SMUGGLED}`,
  ],
  ["two Host headers", `GET /health HTTP/1.1\r\n${HOST}hOST: evil.example\r\n${CLOSE}\r\n`],
  ["no HTTP at all", "\u0016\u0003\u0001 hello\r\n\r\n"],
  ["an unknown verb", `STEAL / HTTP/1.1\r\n${HOST}\r\n${SMUGGLED}`],
];

for (const [what, bytes] of REFUSED) {
  test(`${what} is refused, and nothing behind it is read as a request`, async () => {
    const answer = await exchange(http.port, bytes);
    assert.match(answer, /^HTTP\/1\.1 400 /);
    assert.equal(answer.match(/^HTTP\/1\.1 /gm)?.length, 1, answer);
    assert.match(answer, /connection: close/i);
    assert.match(answer, /x-content-type-options: nosniff/);
    assert.ok(!answer.includes("smuggled"));
    const body = JSON.parse(answer.slice(answer.indexOf("\r\n\r\n") + 4)) as { code: string };
    assert.equal(body.code, "MALFORMED");
  });
}

test("headers beyond the limit are answered with 431", async () => {
  const answer = await exchange(http.port, `${ECHO}${HOST}X-A: ${"a".repeat(20_000)}\r\n\r\n`);
  assert.match(answer, /^HTTP\/1\.1 431 /);
  assert.match(answer, /"code":"HEADERS_TOO_LARGE"/);
});

test("a request without a Host header is refused", async () => {
  const answer = await exchange(http.port, `GET /health HTTP/1.1\r\nConnection: close\r\n\r\n`);
  assert.match(answer, /^HTTP\/1\.1 400 /);
});

test("TRACE and CONNECT do nothing", async () => {
  const trace = await exchange(
    http.port,
    `TRACE /health HTTP/1.1\r\n${HOST}X-Secret: canary\r\nConnection: close\r\n\r\n`,
  );
  assert.match(trace, /^HTTP\/1\.1 405 /);
  assert.ok(!trace.includes("canary"));
  const tunnel = await exchange(http.port, `CONNECT evil.example:443 HTTP/1.1\r\n${HOST}\r\n`);
  assert.equal(tunnel, "", "the connection is closed");
});

test("requests for another host's URL are paths like any other", async () => {
  const answer = await exchange(
    http.port,
    `GET http://evil.example/health HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`,
  );
  assert.match(answer, /^HTTP\/1\.1 (200|404) /);
  const star = await exchange(http.port, `OPTIONS * HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`);
  assert.match(star, /^HTTP\/1\.1 (204|404|400) /);
});

test("pipelined requests are answered one after the other, in their order", async () => {
  const one = (id: number, more = "") =>
    `${ECHO}${HOST}${JSON_TYPE}${more}Content-Length: 8\r\n\r\n{"id":${id}}`;
  const answer = await exchange(http.port, one(1) + one(2) + one(3, "Connection: close\r\n"));
  assert.deepEqual(answer.match(/\{"id":\d\}/g), ['{"id":1}', '{"id":2}', '{"id":3}']);
});

test("an upgrade that nobody takes is an ordinary request", async () => {
  const answer = await exchange(
    http.port,
    `GET /health HTTP/1.1\r\n${HOST}Connection: upgrade, close\r\nUpgrade: h2c\r\n\r\n`,
  );
  assert.match(answer, /^HTTP\/1\.1 200 /);
});

test("a client that breaks off harms nobody", async () => {
  const socket = connect({ port: http.port, host: "127.0.0.1" });
  socket.on("error", () => {});
  socket.write(`${ECHO}${HOST}${JSON_TYPE}Content-Length: 100\r\n\r\n{"id"`);
  await waitFor(() => socket.bytesWritten > 0, { what: "the half request is sent" });
  socket.resetAndDestroy();
  const response = await fetch(`${http.url}/health`);
  assert.equal(response.status, 200);
});

test("the node server is bounded as the limits say", () => {
  const { server } = http.server.fastify;
  const { headersTimeout, requestTimeout, timeout, keepAliveTimeout } = server;
  assert.deepEqual(
    { headersTimeout, requestTimeout, timeout, keepAliveTimeout },
    {
      headersTimeout: limits.HEADERS_TIMEOUT_MS,
      requestTimeout: limits.REQUEST_TIMEOUT_MS,
      timeout: limits.CONNECTION_TIMEOUT_MS,
      keepAliveTimeout: limits.KEEP_ALIVE_TIMEOUT_MS,
    },
  );
  assert.equal(server.maxHeadersCount, limits.HEADERS_MAX);
  assert.equal(server.maxConnections, limits.CONNECTIONS_MAX);
});
