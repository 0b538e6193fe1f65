import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { WebSocket } from "ws";
import { startTestApp, type TestApp } from "../support/app.ts";
import { newName, PASSWORD } from "../support/auth-harness.ts";
import { post } from "../support/http-client.ts";
import { waitFor } from "../support/wait-for.ts";

/**
 * Where a call comes from, as the list of sessions shows it: the same over HTTP and over a socket,
 * whatever the caller writes into the headers (OWASP ASVS 4.1.3).
 */

type Headers = Readonly<Record<string, string>>;
const HERE = "127.0.0.1";

/** What is sent from this machine, and the address seen when it is trusted as a proxy. */
const FORWARDED: readonly (readonly [headers: Headers, behindProxy: string])[] = [
  [{}, HERE],
  [{ "x-forwarded-for": "203.0.113.9" }, "203.0.113.9"],
  [{ "x-forwarded-for": " 203.0.113.9 " }, "203.0.113.9"],
  [{ "x-forwarded-for": "198.51.100.1, 203.0.113.9" }, "203.0.113.9"],
  [{ "x-forwarded-for": "198.51.100.1, 203.0.113.9, 10.1.2.3" }, "203.0.113.9"],
  [{ "x-forwarded-for": "10.1.2.3" }, "10.1.2.3"],
  [{ "x-forwarded-for": "198.51.100.1,127.0.0.1" }, "198.51.100.1"],
  [{ "x-forwarded-for": "2001:db8::7" }, "2001:db8::7"],
  [{ "x-forwarded-for": "::ffff:203.0.113.9" }, "203.0.113.9"],
  [{ "x-forwarded-for": "unknown" }, HERE],
  [{ "x-forwarded-for": "<script>, 1" }, HERE],
  [{ "x-forwarded-for": "" }, HERE],
  [{ "x-real-ip": "203.0.113.9", forwarded: "for=203.0.113.9" }, HERE],
  [{ "x-client-ip": "203.0.113.9", "true-client-ip": "203.0.113.9" }, HERE],
  [{ "cf-connecting-ip": "203.0.113.9", "x-forwarded-host": "evil.example" }, HERE],
];

const account = () => ({ username: newName(), password: PASSWORD });

async function seenOverHttp({ url }: TestApp, headers: Headers): Promise<string> {
  const { token } = (await post(`${url}/api/auth.register`, account(), headers)).json() as {
    token: string;
  };
  const me = await post(`${url}/api/auth.me`, {}, { authorization: `Bearer ${token}` });
  return (me.json() as { session: { address: string } }).session.address;
}

async function seenOverSocket({ url }: TestApp, headers: Headers): Promise<string> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/socket`, { headers });
  const frames: string[] = [];
  socket.on("message", (bytes) => frames.push(String(bytes)));
  await waitFor(() => socket.readyState === WebSocket.OPEN, {
    what: "the socket is open",
    timeoutMs: PATIENCE_MS,
  });
  socket.send(JSON.stringify({ type: "auth.register", data: account(), eid: "1", ts: 0 }));
  await waitFor(() => frames.length > 0, { what: "the answer", timeoutMs: PATIENCE_MS });
  socket.terminate();
  const { token } = (JSON.parse(String(frames[0])) as { data: { token: string } }).data;
  const me = await post(`${url}/api/auth.me`, {}, { authorization: `Bearer ${token}` });
  return (me.json() as { session: { address: string } }).session.address;
}

/** Tells a hang from an answer, on a busy machine too. */
const PATIENCE_MS = 30_000;

describe("the address of a caller", () => {
  for (const [what, trustedProxies] of [
    ["with a proxy elsewhere", ["192.0.2.0/24"]],
    ["behind a proxy here", ["127.0.0.1", "10.0.0.0/8"]],
  ] as const) {
    test(`${what} is what cannot be made up`, async () => {
      const own = { publicUrl: undefined, frontendUrl: undefined };
      const http = { ...own, metricsAddress: undefined, allowedOrigins: [] };
      await using running = await startTestApp({
        config: { http: { ...http, host: HERE, port: 0, trustedProxies: [...trustedProxies] } },
      });
      const isBehind = what === "behind a proxy here";
      for (const [headers, behindProxy] of FORWARDED) {
        const expected = isBehind ? behindProxy : HERE;
        const where = JSON.stringify(headers);
        assert.equal(await seenOverHttp(running, headers), expected, `HTTP: ${where}`);
        assert.equal(await seenOverSocket(running, headers), expected, `socket: ${where}`);
      }
    });
  }
});
