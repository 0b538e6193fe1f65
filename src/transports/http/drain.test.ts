import assert from "node:assert/strict";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { send } from "../../../test/support/http-client.ts";
import { startHttp } from "../../../test/support/http-harness.ts";
import { createManualClock, type ManualClock } from "../../../test/support/manual-clock.ts";
import { tryModule, waiting } from "../../../test/support/try-module.ts";
import { waitFor } from "../../../test/support/wait-for.ts";
import {
  DRAIN_CHECK_INTERVAL_MS,
  DRAIN_LINGER_MS,
  DRAIN_MS_MAX,
  DRAIN_NOTICE_MS,
  DRAIN_NOTICE_MS_MAX,
} from "./limits.ts";

const modules = [tryModule];
/** Of two timers each. */
const DRAIN_NOTICE_TURNS = DRAIN_NOTICE_MS / DRAIN_CHECK_INTERVAL_MS;

/** A request over the agent's kept connection. */
async function over(agent: Agent, url: string, body?: unknown) {
  const headers = { "content-type": "application/json" };
  const method = body === undefined ? "GET" : "POST";
  const { promise, resolve, reject } = Promise.withResolvers<import("node:http").IncomingMessage>();
  const outgoing = request(url, { agent, method, headers });
  outgoing.once("response", resolve).once("error", reject);
  outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  const response = await promise;
  return { status: response.statusCode, headers: response.headers, text: await text(response) };
}

test("a drain answers what is under way and what still arrives, then closes", async () => {
  const clock = createManualClock(0);
  await using http = await startHttp({ modules, parts: { clock } });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const before = await over(agent, `${http.url}/health`);
  assert.equal(before.headers.connection, "keep-alive");

  const { started } = waiting;
  const slow = over(new Agent({ keepAlive: true }), `${http.url}/api/try.wait`, {});
  await waitFor(() => waiting.started > started, { what: "the slow call has begun" });
  let drained = false;
  const drain = http.server.drain().then(() => {
    drained = true;
  });

  const ready = await send(`${http.url}/ready`);
  assert.equal(ready.status, 503);
  assert.equal((ready.json() as { status: string }).status, "draining");
  assert.equal((await send(`${http.url}/health`)).status, 200);
  const kept = await over(agent, `${http.url}/api/try.echo`, { id: 1 });
  assert.deepEqual([kept.status, kept.headers.connection], [200, "close"]);

  await waitFor(() => clock.pending() > 0, { what: "the drain waits" });
  clock.advance(DRAIN_NOTICE_MS);
  await waitFor(
    async () => {
      clock.advance(50);
      return send(`${http.url}/health`).then(
        () => false,
        () => true,
      );
    },
    { what: "no connection is accepted any more" },
  );
  assert.equal(drained, false, "a call is under way");
  waiting.finish();
  const answer = await slow;
  assert.deepEqual([answer.status, answer.text], [200, '{"waited":true}']);
  await waitFor(
    () => {
      clock.advance(50);
      return drained;
    },
    { what: "the drain has ended" },
  );
  await drain;
});

test("what takes too long is cut off", async () => {
  const clock = createManualClock(0);
  await using http = await startHttp({ modules, parts: { clock } });
  const { started, aborted } = waiting;
  const stuck = over(new Agent(), `${http.url}/api/try.wait`, {});
  const broken = assert.rejects(stuck, { code: "ECONNRESET" });
  await waitFor(() => waiting.started > started, { what: "the call has begun" });
  let drained = false;
  const drain = http.server.drain().then(() => {
    drained = true;
  });
  await waitFor(
    () => {
      clock.advance(DRAIN_MS_MAX / 100);
      return drained;
    },
    { what: "the drain has ended" },
  );
  await Promise.all([drain, broken]);
  assert.equal(waiting.aborted, aborted + 1);
});

test("a server that nobody is connected to stops at once, and stopping twice is one stop", async () => {
  const clock = createManualClock(0);
  await using http = await startHttp({ modules, parts: { clock } });
  await Promise.all([http.server.drain(), http.server.drain()]);
  assert.equal(clock.monotonicMs(), 0);
});

test("in production everybody gets notice, also those not connected yet", async () => {
  const clock = createManualClock(0);
  await using http = await startHttp({ modules, parts: { clock }, config: { production: true } });
  const drain = http.server.drain();
  await turn(clock, DRAIN_NOTICE_TURNS - 1);
  assert.equal((await send(`${http.url}/health`)).status, 200);
  await turn(clock, 1);
  await drain;
});

test("while the server is held up nobody has been given notice", async () => {
  const clock = createManualClock(0);
  await using http = await startHttp({ modules, parts: { clock } });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  await over(agent, `${http.url}/health`);
  const drain = http.server.drain();
  for (let time = 0; time < 3; time += 1) await turn(clock, 1, DRAIN_NOTICE_MS + DRAIN_LINGER_MS);
  const kept = await over(agent, `${http.url}/health`);
  assert.deepEqual([kept.status, kept.headers.connection], [200, "close"]);
  agent.destroy();
  await turn(clock, 1);
  await drain;
});

test("notice lasts longer while clients connect, but not for ever", async () => {
  const clock = createManualClock(0);
  await using http = await startHttp({ modules, parts: { clock } });
  const { server } = http.server.fastify;
  const agent = new Agent({ keepAlive: true });
  await over(agent, `${http.url}/health`);
  const drain = http.server.drain();
  while (server.listening) {
    // Accepted, because it is answered.
    await send(`${http.url}/health`);
    await turn(clock, 1);
    await waitFor(() => clock.pending() > 0 || !server.listening, { what: "the turn is over" });
  }
  const noticeMs = clock.monotonicMs();
  assert.ok(noticeMs > 2 * DRAIN_NOTICE_MS, `it was given for ${noticeMs} ms`);
  assert.ok(noticeMs <= DRAIN_NOTICE_MS_MAX + DRAIN_CHECK_INTERVAL_MS);
  agent.destroy();
  await turn(clock, 1);
  await drain;
});

/** Passes time as the drain waits for it: from one look at its connections to the next. */
async function turn(clock: ManualClock, turns: number, stepMs = DRAIN_CHECK_INTERVAL_MS) {
  for (let at = 0; at < turns; at += 1) {
    for (const ms of [stepMs, 0]) {
      await waitFor(() => clock.pending() > 0, { what: "the drain waits" });
      clock.advance(ms);
    }
  }
}

test("no request fails while a busy server stops", async () => {
  await using first = await startHttp({ modules });
  await using second = await startHttp({ modules });
  const agents = Array.from({ length: 10 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  let stopped = false;
  let answered = 0;
  // As behind a balancer: who is told to close, connects to the other server next.
  const client = async (agent: Agent) => {
    let { url } = first;
    while (!stopped) {
      const answer = await over(agent, `${url}/api/try.echo`, { id: 1 });
      assert.equal(answer.status, 200);
      if (answer.headers.connection === "close") url = second.url;
      answered += 1;
    }
  };
  const clients = Promise.all(agents.map(client));
  await waitFor(() => answered > 100, { what: "the clients are busy" });
  await first.server.drain();
  const atEnd = answered;
  await waitFor(() => answered > atEnd + 100, { what: "the clients go on elsewhere" });
  stopped = true;
  await clients;
});

test("a connection made at the last moment still gets its answer", async () => {
  const clock = createManualClock(0);
  await using http = await startHttp({ modules, parts: { clock } });
  const socket = connect({ port: http.port, host: "127.0.0.1" });
  const { server } = http.server.fastify;
  await waitFor(() => socket.readyState === "open", { what: "the client is connected" });
  const drain = http.server.drain();
  await waitFor(
    () => {
      clock.advance(DRAIN_CHECK_INTERVAL_MS);
      return !server.listening;
    },
    { what: "nothing new is accepted" },
  );
  socket.write("GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
  const answer = await text(socket);
  assert.match(answer, /^HTTP\/1\.1 200 /);
  assert.match(answer, /connection: close/i);
  await waitFor(
    () => {
      clock.advance(DRAIN_NOTICE_MS);
      return clock.pending() === 0;
    },
    { what: "the drain has ended" },
  );
  await drain;
});
