import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { dialRaw, ROOM_SOCKET } from "../../../test/support/phoenix-client.ts";
import { startSocket } from "../../../test/support/socket-harness.ts";
import { waitFor } from "../../../test/support/wait-for.ts";
import type { Log } from "../../core/log.ts";

const PUBLIC_URL = "https://stoa.example";

test("versions 1 and 2 are spoken, others are refused with 403 before the 101", async () => {
  await using service = await startSocket();
  const { token } = service.signIn();
  for (const query of ["", "&vsn=1.0.0", "&vsn=1.99.3", "&vsn=2.0.0"]) {
    (await dialRaw(service, token, { query })).ws.terminate();
  }
  for (const version of ["", "2", "3.0.0", "0.9.0", "12.0.0", "2.0.0.0", "2.0.0-rc", "two"]) {
    const path = `${ROOM_SOCKET}?token=${token}&vsn=${version}`;
    const { status, body } = await service.refused({ path });
    assert.deepEqual([status, JSON.parse(body).code], [403, "UNKNOWN_VERSION"], version);
  }
});

test("the token may be a parameter, the client's authToken, or a program's bearer", async () => {
  await using service = await startSocket();
  const { token } = service.signIn();
  const authToken = `base64url.bearer.phx.${btoa(token).replaceAll("=", "")}`;
  const path = `${ROOM_SOCKET}?vsn=2.0.0`;
  const withToken = service.dial({ path, subprotocols: ["phoenix", authToken] });
  await once(withToken, "open");
  assert.equal(withToken.protocol, "phoenix");
  const asParameter = service.dial({ path: `${path}&token=${token}` });
  await once(asParameter, "open");
  assert.equal(asParameter.protocol, "", "none was offered");
  await once(service.dial({ path, bearer: token }), "open");
  assert.equal(service.sockets.stats("phoenix").open, 3);
});

test("without a valid token nobody connects: 403, and a cookie is no token", async () => {
  await using service = await startSocket();
  const { person, token } = service.signIn();
  const path = `${ROOM_SOCKET}?vsn=2.0.0`;
  for (const to of [
    { path },
    { path: `${path}&token=` },
    { path: `${path}&token=forged` },
    { path, cookie: token },
    { path, bearer: "forged" },
    { path, subprotocols: ["phoenix", "base64url.bearer.phx.Zm9yZ2Vk"] },
  ]) {
    const { status, body } = await service.refused(to);
    assert.deepEqual([status, JSON.parse(body).code], [403, "CONNECT_REFUSED"]);
  }
  service.revoke(person);
  assert.equal((await service.refused({ path: `${path}&token=${token}` })).status, 403);
  assert.deepEqual(service.sockets.stats("phoenix").refused, { CONNECT_REFUSED: 7 });
});

test("pages of other sites get 403, handshakes above the budget 429, other paths 404", async () => {
  await using service = await startSocket({
    publicUrl: PUBLIC_URL,
    config: { handshakeBudget: { burst: 2, perSecond: 0.001 } },
  });
  const { token } = service.signIn();
  const path = `${ROOM_SOCKET}?token=${token}&vsn=2.0.0`;
  const { status, body } = await service.refused({ path, origin: "https://evil.example" });
  assert.deepEqual([status, JSON.parse(body).code], [403, "FOREIGN_ORIGIN"]);
  for (const elsewhere of ["/room/socket/longpoll", "/socket/websocket", "/try/socket/websocket"]) {
    assert.equal((await service.refused({ path: `${elsewhere}?token=${token}` })).status, 404);
  }
  (await dialRaw(service, token, { origin: PUBLIC_URL })).ws.terminate();
  (await dialRaw(service, token)).ws.terminate();
  const late = await service.refused({ path });
  assert.deepEqual([late.status, JSON.parse(late.body).code], [429, "TOO_MANY"]);
  assert.ok(Number(late.retryAfter) > 0);
});

test("a module that runs alone is at the root as well", async () => {
  await using service = await startSocket({ only: "room" });
  const { token } = service.signIn();
  await once(service.dial({ path: `/socket/websocket?token=${token}` }), "open");
  await once(service.dial({ path: `${ROOM_SOCKET}?token=${token}` }), "open");
});

test("both sockets share the places of a network and of a person", async () => {
  await using service = await startSocket({
    config: { connectionsPerNetworkMax: 3, connectionsPerPersonMax: 2 },
  });
  const { token } = service.signIn();
  await service.connect({ cookie: token });
  await dialRaw(service, token);
  const path = `${ROOM_SOCKET}?token=${token}&vsn=2.0.0`;
  const third = await service.refused({ path });
  assert.deepEqual([third.status, JSON.parse(third.body).code], [429, "TOO_MANY_SOCKETS"]);
  await service.connect();
  const other = service.signIn().token;
  assert.equal((await service.refused({ path: `${ROOM_SOCKET}?token=${other}` })).status, 429);
});

test("tokens are in no line of the log, whether they let in or not", async () => {
  const lines: string[] = [];
  const write = (fields: object, message: string) => {
    lines.push(`${message} ${JSON.stringify(fields)} ${String(Object.values(fields)[0])}`);
  };
  const log: Log = { debug: write, info: write, warn: write, error: write, child: () => log };
  let isAway = false;
  await using service = await startSocket({
    log,
    beforeAuthenticate: async () => {
      if (isAway) throw new Error("the database is away");
    },
  });
  const { token } = service.signIn();
  const canary = "canary-in-a-token";
  const encoded = btoa(canary).replaceAll("=", "");
  const client = await dialRaw(service, token);
  client.send(`[null,"1","phoenix","${canary}"`);
  await client.join("room:1", { token: canary });
  await client.ask("1001", "2", "room:1", "fail", { token: canary });
  await service.refused({ path: `${ROOM_SOCKET}?token=${canary}&vsn=2.0.0` });
  await service.refused({ path: `${ROOM_SOCKET}?token=${canary}&vsn=9` });
  await service.refused({ path: `/nowhere?token=${canary}` });
  const subprotocols = ["phoenix", `base64url.bearer.phx.${encoded}`];
  await service.refused({ path: ROOM_SOCKET, subprotocols });
  isAway = true;
  assert.equal((await service.refused({ path: `${ROOM_SOCKET}?token=${canary}` })).status, 503);
  client.ws.close();
  await waitFor(() => service.sockets.count === 0, { what: "the socket has ended" });
  assert.ok(lines.length >= 3, "openings, endings and failures are logged");
  for (const secret of [token, canary, encoded]) {
    assert.ok(!lines.some((line) => line.includes(secret)), secret);
  }
});
