import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { WebSocket } from "ws";
import { createManualClock } from "../../../test/support/manual-clock.ts";
import { startSocket } from "../../../test/support/socket-harness.ts";
import { waitFor } from "../../../test/support/wait-for.ts";
import { FRAGMENTS_MAX, HANDSHAKE_TIMEOUT_MS } from "../websocket/limits.ts";

test("no compression is agreed on, whatever a client offers", async () => {
  await using service = await startSocket();
  const ws = new WebSocket(service.url, { perMessageDeflate: true });
  const [response] = await Promise.all([once(ws, "upgrade"), once(ws, "open")]);
  assert.equal(response[0].headers["sec-websocket-extensions"], undefined);
  assert.equal(ws.extensions, "");
  ws.terminate();
});

test("a frame in many fragments is read, one in too many closes the socket", async () => {
  await using service = await startSocket();
  const sendIn = async (fragments: number) => {
    const client = await service.connect();
    const text = JSON.stringify({ type: "ping", data: {}, eid: "e", ts: 1 }).padEnd(fragments);
    const size = Math.floor(text.length / fragments);
    for (let at = 0; at < fragments - 1; at += 1) {
      client.ws.send(text.slice(at * size, (at + 1) * size), { fin: false });
    }
    client.ws.send(text.slice((fragments - 1) * size), { fin: true });
    return client;
  };
  const read = await sendIn(FRAGMENTS_MAX);
  await read.next("the answer", ({ type }) => type === "ping");
  const refused = await sendIn(FRAGMENTS_MAX + 1);
  const { code } = await refused.closed;
  assert.ok(code === 1008 || code === 1006, `${code}`);
  const isOver = () => service.sockets.stats().closed["protocol_error"] === 1;
  await waitFor(isOver, { what: "the server's side has ended" });
});

test("a handshake that takes too long is given up, and its place is free again", async () => {
  const clock = createManualClock(Date.UTC(2026, 0, 1));
  const gate = Promise.withResolvers<void>();
  let asked = 0;
  await using service = await startSocket({
    clock,
    config: { connectionsPerNetworkMax: 1 },
    beforeAuthenticate: () => {
      asked += 1;
      return gate.promise;
    },
  });
  const ws = new WebSocket(service.url, { headers: { cookie: "stoa=t" } });
  const failed = once(ws, "error").catch(() => {});
  await waitFor(() => asked === 1, { what: "the sign-in is looked up" });
  clock.advance(HANDSHAKE_TIMEOUT_MS - 1);
  assert.equal((await service.refused()).status, 429, "it still has its place");
  clock.advance(1);
  await failed;
  gate.resolve();
  const free = async () => service.connect().catch(() => undefined);
  await waitFor(free, { what: "the place is free again" });
});
