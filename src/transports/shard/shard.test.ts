import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { test } from "node:test";
import { exchange, type PlainRequest, send } from "../../../test/support/http-client.ts";
import { createLog } from "../../adapters/log/pino.ts";
import { systemClock } from "../../adapters/system/clock.ts";
import type { AnswerRemote } from "../../core/remote.ts";
import { listenForOrchestrators, type ShardServerOptions } from "./index.ts";

const SECRET = "s".repeat(40);
const ECHO: AnswerRemote = async (path, body) => ({ status: 200, body: `${path} ${body}` });

async function start(options: Partial<ShardServerOptions> = {}) {
  const server = await listenForOrchestrators({
    host: "127.0.0.1",
    port: 0,
    secret: SECRET,
    questionBytesMax: 1_000,
    answer: ECHO,
    ready: async () => true,
    clock: systemClock,
    log: createLog({ level: "silent" }),
    ...options,
  });
  return { ...server, [Symbol.asyncDispose]: () => server.close() };
}
const ask = (url: string, more: PlainRequest = {}) =>
  send(`${url}/v1/q`, {
    method: "POST",
    body: "{}",
    ...more,
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${SECRET}`,
      ...more.headers,
    },
  });

test("a question with the secret is answered", async () => {
  await using server = await start();
  const { status, text, headers } = await ask(server.url, { body: '"é"' });
  assert.deepEqual([status, text], [200, '/v1/q "é"']);
  assert.equal(headers["cache-control"], "no-store");
});

test("without the secret nothing is read, and it is written down without what came", async () => {
  const lines: string[] = [];
  const log = createLog({ level: "warn", write: (line) => void lines.push(line) });
  let asked = 0;
  const answer: AnswerRemote = async (path, body) => {
    asked += 1;
    return ECHO(path, body);
  };
  await using server = await start({ log, answer });
  for (const authorization of [
    "",
    "Bearer",
    `Bearer ${SECRET}x`,
    `Bearer ${SECRET.slice(1)}`,
    SECRET,
  ]) {
    const { status, headers, text } = await ask(server.url, { headers: { authorization } });
    assert.deepEqual([status, headers["www-authenticate"]], [401, "Bearer"], authorization);
    assert.match(text, /SHARD_SECRET/);
  }
  assert.deepEqual([asked, lines.length], [0, 5]);
  assert.ok(!lines.join("").includes("sss"));
  await using open = await start({ secret: undefined });
  assert.equal((await ask(open.url, { headers: { authorization: "" } })).status, 200);
});

test("only a POST of JSON of bounded length is a question, and never a page's", async () => {
  await using server = await start();
  for (const [more, status] of [
    [{ method: "GET", body: "" }, 405],
    [{ method: "OPTIONS", body: "" }, 405],
    [{ headers: { "content-type": "text/plain" } }, 415],
    [{ headers: { origin: "http://127.0.0.1" } }, 403],
    [{ body: "x".repeat(1_001) }, 413],
    [{ body: "x".repeat(1_001), headers: { "transfer-encoding": "chunked" } }, 413],
    [{ body: Buffer.of(0xc3, 0x28) }, 400],
    [{ body: "x".repeat(1_000) }, 200],
  ] as const) {
    const answer = await ask(server.url, more);
    assert.equal(answer.status, status, JSON.stringify(more).slice(0, 100));
  }
  const port = Number(new URL(server.url).port);
  const head = [
    "POST /q HTTP/1.1",
    "host: x",
    `authorization: Bearer ${SECRET}`,
    "content-type: application/json",
    "content-length: 5000",
  ];
  const early = await exchange(port, `${head.join("\r\n")}\r\n\r\n`);
  assert.match(early, /^HTTP\/1.1 413 /);
  assert.match(early, /connection: close/i, "the rest is not taken for another request");
});

test("who watches learns whether it lives and is ready, without the secret", async () => {
  const state = { ready: true };
  await using server = await start({ ready: async () => state.ready });
  const get = async (path: string) => {
    const { status, json } = await send(server.url + path);
    return [status, json()];
  };
  assert.deepEqual(await get("/health"), [200, { status: "alive" }]);
  assert.deepEqual(await get("/ready"), [200, { status: "ready" }]);
  state.ready = false;
  assert.deepEqual(await get("/ready"), [503, { status: "unready" }]);
  assert.deepEqual(await get("/health"), [200, { status: "alive" }]);
});

test("closing answers what is under way, and nothing after it", async () => {
  const begun = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const answer: AnswerRemote = async (path, body) => {
    begun.resolve();
    await finish.promise;
    return ECHO(path, body);
  };
  await using server = await start({ answer });
  const idle = request(`${server.url}/health`, { headers: { connection: "keep-alive" } });
  idle.end();
  const [response] = await once(idle, "response");
  response.resume();
  const asked = ask(server.url);
  await begun.promise;
  const closed = server.close();
  await assert.rejects(ask(server.url), { code: "ECONNREFUSED" });
  finish.resolve();
  const { status, headers } = await asked;
  assert.deepEqual([status, headers["connection"]], [200, "close"]);
  await closed;
});
