import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";
import { createManualClock } from "../../../test/support/manual-clock.ts";
import { startSocket } from "../../../test/support/socket-harness.ts";
import { waitFor } from "../../../test/support/wait-for.ts";

const PUBLIC_URL = "https://stoa.example";

test("pages of the service's own and of listed origins connect, others get 403 before the 101", async () => {
  await using service = await startSocket({
    publicUrl: PUBLIC_URL,
    allowedOrigins: ["https://partner.example"],
  });
  for (const origin of [PUBLIC_URL, "https://partner.example"]) {
    const client = await service.connect({ origin });
    client.ws.terminate();
  }
  for (const origin of [
    "https://evil.example",
    "http://stoa.example",
    "https://stoa.example:8443",
    "https://stoa.example.evil.example",
    "https://evil.example/https://stoa.example",
    "https://STOA.example",
    "null",
  ]) {
    const { status, body } = await service.refused({ origin, headers: { host: "stoa.example" } });
    assert.equal(status, 403, origin);
    const { code, requestId } = JSON.parse(body);
    assert.equal(code, "FOREIGN_ORIGIN");
    assert.match(requestId, /^[0-9a-f-]{36}$/);
  }
  assert.deepEqual(service.sockets.stats().refused, { FOREIGN_ORIGIN: 7 });
  const program = await service.connect();
  assert.equal((await program.ask("try.echo", { id: 1 })).error, undefined);
});

test("without a public address the name in the Host header is the service's own", async () => {
  await using service = await startSocket();
  await service.connect({ origin: `http://127.0.0.1:${service.port}` });
  const { status } = await service.refused({ origin: `http://localhost:${service.port}` });
  assert.equal(status, 403);
});

test("sockets are at their paths and nowhere else; plain requests are not theirs", async () => {
  await using service = await startSocket();
  await service.connect({ path: "/try/socket" });
  await service.connect({ path: "/socket?token=ignored" });
  for (const path of ["/", "/socket/", "/other/socket", "/%73ocket", "/SOCKET"]) {
    const { status, body } = await service.refused({ path });
    assert.equal(status, 404, path);
    assert.equal(JSON.parse(body).code, "PATH_NOT_FOUND");
  }
  assert.equal((await fetch(`http://127.0.0.1:${service.port}/socket`)).status, 404);
});

test("the cookie or the bearer token of the handshake signs the socket in", async () => {
  await using service = await startSocket();
  const { person, token } = service.signIn();
  for (const to of [{ cookie: token }, { bearer: token }]) {
    const client = await service.connect(to);
    const { data } = await client.ask("try.whoami");
    assert.equal(data["accountId"], person.accountId);
    assert.equal(data["transport"], "socket");
  }
  const both = await service.connect({ cookie: token, bearer: "not-a-token" });
  assert.equal((await both.ask("try.whoami")).error, "UNAUTHENTICATED", "the token is meant");
});

test("without a valid sign-in the socket is anonymous and works", async () => {
  await using service = await startSocket();
  const { person, token } = service.signIn();
  service.revoke(person);
  for (const to of [{}, { cookie: token }, { cookie: "for ged" }, { bearer: "forged" }]) {
    const client = await service.connect(to);
    assert.equal((await client.ask("try.whoami")).error, "UNAUTHENTICATED");
    assert.equal((await client.ask("try.echo", { id: 1 })).error, undefined);
    assert.equal((await client.ask("board.watch", { board: "public" })).error, undefined);
  }
});

test("a handshake that is out of order is refused, and leaves nothing behind", async () => {
  await using service = await startSocket({ config: { connectionsPerNetworkMax: 1 } });
  assert.equal((await service.refused({ headers: { authorization: "Basic YTpi" } })).status, 400);
  const inOrder = {
    upgrade: "websocket",
    connection: "upgrade",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  };
  const { "sec-websocket-key": _, ...keyless } = inOrder;
  for (const [method, headers, expected] of [
    ["GET", keyless, 400],
    ["GET", { ...inOrder, "sec-websocket-version": "7" }, 400],
    ["POST", inOrder, 405],
  ] as const) {
    const outgoing = request({ port: service.port, path: "/socket", method, headers });
    outgoing.end();
    const [response] = await once(outgoing, "response");
    assert.equal(response.statusCode, expected);
    response.resume();
  }
  await service.connect();
});

test("an address and a person have only so many sockets, and get their places back", async () => {
  await using service = await startSocket({
    config: { connectionsPerNetworkMax: 4, connectionsPerPersonMax: 2 },
  });
  const { token } = service.signIn();
  const own = [await service.connect({ cookie: token }), await service.connect({ cookie: token })];
  const third = await service.refused({ cookie: token });
  assert.deepEqual([third.status, third.retryAfter], [429, "5"]);
  assert.equal(JSON.parse(third.body).code, "TOO_MANY_SOCKETS");

  const others = [await service.connect(), await service.connect()];
  assert.equal((await service.refused()).status, 429);
  for (const { ws } of [...own, ...others]) ws.close();
  await waitFor(() => service.sockets.count === 0, { what: "all have gone" });
  await service.connect({ cookie: token });
  assert.deepEqual(service.sockets.stats().closed, { peer: 4 });
});

test("addresses of one IPv6 customer share their places", async () => {
  await using service = await startSocket({
    config: { connectionsPerNetworkMax: 1, trustedProxies: ["127.0.0.1"] },
  });
  const from = (address: string) => ({ headers: { "x-forwarded-for": address } });
  await service.connect(from("2001:db8:1:2::1"));
  assert.equal((await service.refused(from("2001:db8:1:2::2"))).status, 429);
  await service.connect(from("2001:db8:1:3::1"));
});

test("when the sign-in cannot be looked up the handshake is to be repeated", async () => {
  await using service = await startSocket({
    beforeAuthenticate: () => Promise.reject(new Error("the database is away")),
  });
  const { status, retryAfter, body } = await service.refused({ cookie: "any" });
  assert.deepEqual([status, retryAfter], [503, "5"]);
  assert.ok(!body.includes("database is away"));
  await service.connect();
});

test("a client that leaves while its sign-in is looked up does no harm", async () => {
  const entered = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  await using service = await startSocket({
    config: { connectionsPerNetworkMax: 1 },
    beforeAuthenticate: () => {
      entered.resolve();
      return gate.promise;
    },
  });
  const socket = connect(service.port, "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.write(
    "GET /socket HTTP/1.1\r\nHost: x\r\nCookie: stoa=t\r\nUpgrade: websocket\r\n" +
      "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  await entered.promise;
  socket.resetAndDestroy();
  gate.resolve();
  const free = async () => service.connect().catch(() => undefined);
  await waitFor(free, { what: "the place is free again" });
});

test("a network's handshakes are bounded, and refused before the 101 with the time to wait", async () => {
  const clock = createManualClock(Date.UTC(2026, 0, 1));
  await using service = await startSocket({
    clock,
    publicUrl: PUBLIC_URL,
    config: { handshakeBudget: { burst: 3, perSecond: 0.5 }, trustedProxies: ["127.0.0.1"] },
  });
  const from = (address: string) => ({ headers: { "x-forwarded-for": address } });
  // What another site makes its visitors' browsers try does not use up their own handshakes.
  for (let visit = 0; visit < 5; visit += 1) {
    const foreign = { ...from("203.0.113.9"), origin: "https://evil.example" };
    assert.equal((await service.refused(foreign)).status, 403);
  }
  for (let visit = 0; visit < 3; visit += 1) {
    (await service.connect(from("203.0.113.9"))).ws.terminate();
  }
  const { status, retryAfter, body } = await service.refused(from("203.0.113.9"));
  assert.deepEqual([status, retryAfter, JSON.parse(body).code], [429, "2", "TOO_MANY"]);
  (await service.connect(from("203.0.113.10"))).ws.terminate();
  clock.advance(2_000);
  (await service.connect(from("203.0.113.9"))).ws.terminate();
});
