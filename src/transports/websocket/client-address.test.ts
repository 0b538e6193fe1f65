import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";
import { TrustedProxies } from "./client-address.ts";

function request(remoteAddress: string, forwarded?: string): IncomingMessage {
  const headers = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
  return { socket: { remoteAddress }, headers } as unknown as IncomingMessage;
}

const proxies = new TrustedProxies(["10.0.0.0/8", "192.0.2.7", "2001:db8::/32"]);

for (const [what, from, forwarded, address] of [
  ["a client without a proxy", "203.0.113.5", undefined, "203.0.113.5"],
  ["a client that claims to be another", "203.0.113.5", "198.51.100.1", "203.0.113.5"],
  ["a client behind a trusted proxy", "10.1.2.3", "198.51.100.1", "198.51.100.1"],
  ["what the client wrote before it", "10.1.2.3", "1.1.1.1, 198.51.100.1", "198.51.100.1"],
  ["two trusted proxies", "10.1.2.3", "198.51.100.1, 192.0.2.7", "198.51.100.1"],
  ["a proxy that names nobody", "10.1.2.3", undefined, "10.1.2.3"],
  ["a proxy that names nonsense", "10.1.2.3", "unknown", "10.1.2.3"],
  ["only proxies", "10.1.2.3", "10.9.9.9, 192.0.2.7", "10.9.9.9"],
  ["IPv4 on a dual-stack socket", "::ffff:10.1.2.3", "198.51.100.1", "198.51.100.1"],
  ["a trusted IPv6 proxy", "2001:db8::5", "2001:4860::1", "2001:4860::1"],
] as const) {
  test(`the address seen for ${what}`, () => {
    assert.equal(proxies.addressOf(request(from, forwarded)), address);
  });
}
