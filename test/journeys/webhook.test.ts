import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { startTestApp } from "../support/app.ts";
import { callWithin, newPersonOf } from "../support/in-process.ts";
import { waitFor } from "../support/wait-for.ts";
import { newWalletNumber } from "../support/wallet-funds.ts";

const SECRET = "a secret of at least thirty-two letters".replaceAll(" ", "-");

interface Told {
  readonly txId: string;
  readonly status: string;
  readonly amount: string;
  readonly fromId: string;
}

/** The operator's program: it refuses the first request, and hangs up on the second. */
async function startProgram() {
  const requests: Array<{ readonly headers: IncomingHttpHeaders; readonly body: string }> = [];
  const events: Told[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    requests.push({ headers: request.headers, body });
    if (requests.length === 1) response.writeHead(503).end();
    else if (requests.length === 2) request.socket.destroy();
    else {
      events.push(...(JSON.parse(body) as { events: Told[] }).events);
      response.writeHead(204).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ended?by=stoa`;
  const end = async () => {
    server.closeAllConnections();
    server.close();
  };
  return { url, requests, events, [Symbol.asyncDispose]: end };
}

function isSigned({ headers, body }: { headers: IncomingHttpHeaders; body: string }): boolean {
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  const mac = createHmac("sha256", SECRET).update(signed).digest("base64");
  return headers["webhook-signature"] === `v1,${mac}`;
}

test("the operator's program is told how transfers end: signed, in order, until it listens", async () => {
  await using program = await startProgram();
  await using installation = await startTestApp({
    config: { webhook: { url: program.url, secret: SECRET }, demo: false },
  });
  const { token } = await newPersonOf(installation.app);
  const call = callWithin(installation.app, token);
  const [fromId, toId] = [`${newWalletNumber()}0`, `${newWalletNumber()}1`];
  for (const walletId of [fromId, toId]) await call("wallet.create", { walletId });
  const isGranted = async () =>
    (await call("wallet.balance", { walletId: toId })).posted !== "0.00";
  await waitFor(isGranted, { what: "the wallets have what development gives" });

  const asked: string[] = [];
  for (const amount of ["1.00", "2.50", "5000.00", "3.00"]) {
    const { txId } = await call("wallet.transfer", { fromId, toId, amount });
    asked.push(txId);
    const hasEnded = async () => {
      const { finishedAtMs } = await call("wallet.getTransaction", { txId });
      return finishedAtMs !== null;
    };
    await waitFor(hasEnded, { what: "the transfer has ended" });
  }
  const held = await call("wallet.hold", { fromId, toId, amount: "4.00" });
  const isHeld = async () =>
    (await call("wallet.getTransaction", { txId: held.txId })).status === "PROCESSING";
  await waitFor(isHeld, { what: "the money is held" });
  await call("wallet.release", { txId: held.txId });
  asked.push(held.txId);

  const told = () => program.events.filter(({ txId }) => asked.includes(txId));
  const isTold = () => told().length >= asked.length;
  await waitFor(isTold, { what: "the program is told", timeoutMs: 20_000 });
  assert.deepEqual(
    told().map(({ txId, status, amount }) => [txId, status, amount]),
    [
      [asked[0], "SUCCESSFUL", "1.00"],
      [asked[1], "SUCCESSFUL", "2.50"],
      [asked[2], "INVALID", "5000.00"],
      [asked[3], "SUCCESSFUL", "3.00"],
      [asked[4], "INVALID", "4.00"],
    ],
  );
  assert.ok(program.requests.every(isSigned));
  const [refused, cut, taken] = program.requests;
  // What was not taken comes again, and nothing after it meanwhile.
  assert.equal(cut?.body.startsWith(refused?.body.slice(0, 60) ?? "none"), true);
  assert.equal(taken?.body.startsWith(refused?.body.slice(0, 60) ?? "none"), true);
  assert.equal(new Set(program.events.map(({ txId }) => txId)).size, program.events.length);
});
