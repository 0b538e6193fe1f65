import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { test } from "node:test";
import { waitFor } from "../../../test/support/wait-for.ts";
import { boundConnections } from "./connections.ts";

const MAX = 5;

async function serve(trusts: (address: string) => boolean) {
  const server = createServer((_request, response) => response.end("here"));
  boundConnections(server, MAX, trusts);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const sockets: Socket[] = [];
  return {
    /** Opens one that says nothing. */
    async open(): Promise<Socket> {
      const socket = connect({ port, host: "127.0.0.1" });
      socket.on("error", () => {});
      sockets.push(socket);
      await once(socket, "connect");
      return socket;
    },
    async isServed(): Promise<boolean> {
      const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
      return answer?.status === 200;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

test("a network has so many connections and no more, and gets them back as they end", async () => {
  await using server = await serve(() => false);
  const silent = [];
  for (let at = 0; at < MAX; at += 1) silent.push(await server.open());
  assert.equal(await server.isServed(), false);
  const beyond = await server.open();
  await waitFor(() => beyond.closed, { what: "one more is cut off" });
  silent[0]?.destroy();
  await waitFor(() => server.isServed(), { what: "there is room again" });
});

test("a trusted proxy's connections are not counted: they are many people's", async () => {
  await using server = await serve((address) => address === "127.0.0.1");
  for (let at = 0; at < 2 * MAX; at += 1) await server.open();
  assert.equal(await server.isServed(), true);
});
