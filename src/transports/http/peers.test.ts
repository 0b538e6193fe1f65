import assert from "node:assert/strict";
import { test } from "node:test";
import { post } from "../../../test/support/http-client.ts";
import { startHttp } from "../../../test/support/http-harness.ts";
import { tryModule } from "../../../test/support/try-module.ts";
import { trustOnly } from "./peers.ts";

type Headers = Readonly<Record<string, string>>;

async function addressesWith(trustedProxies: string[], cases: readonly Headers[]) {
  await using http = await startHttp({ modules: [tryModule], config: { trustedProxies } });
  const addresses: string[] = [];
  for (const headers of cases) {
    const answer = await post(`${http.url}/api/try.whereFrom`, {}, headers);
    addresses.push((answer.json() as { address: string }).address);
  }
  return addresses;
}

const SPOOFS: readonly Headers[] = [
  { "x-forwarded-for": "203.0.113.9" },
  { "x-forwarded-for": "203.0.113.9, 127.0.0.1" },
  { "x-real-ip": "203.0.113.9" },
  { forwarded: "for=203.0.113.9" },
  { "x-forwarded-for": "not an address" },
  { "x-forwarded-for": "" },
];

test("without a proxy nobody can claim another address", async () => {
  const addresses = await addressesWith([], SPOOFS);
  assert.deepEqual(new Set(addresses), new Set(["127.0.0.1"]));
  const others = await addressesWith(["10.0.0.0/8"], SPOOFS);
  assert.deepEqual(new Set(others), new Set(["127.0.0.1"]));
});

test("behind a proxy the address is what the last trusted one saw", async () => {
  const addresses = await addressesWith(
    ["127.0.0.1", "10.0.0.0/8"],
    [
      { "x-forwarded-for": "203.0.113.9" },
      { "x-forwarded-for": "198.51.100.1, 203.0.113.9" },
      { "x-forwarded-for": "198.51.100.1, 203.0.113.9, 10.1.2.3" },
      { "x-forwarded-for": "2001:db8::1" },
      { "x-forwarded-for": "not an address" },
      {},
    ],
  );
  assert.deepEqual(addresses, [
    "203.0.113.9",
    "203.0.113.9",
    "203.0.113.9",
    "2001:db8::1",
    "127.0.0.1",
    "127.0.0.1",
  ]);
});

test("only a trusted proxy names requests, and only in the usual form", async () => {
  await using http = await startHttp({
    modules: [tryModule],
    config: { trustedProxies: ["127.0.0.1"] },
  });
  const idOf = async (given: string) => {
    const answer = await post(`${http.url}/api/try.echo`, { id: 1 }, { "x-request-id": given });
    return answer.headers["x-request-id"];
  };
  assert.equal(await idOf("0af7651916cd43dd8448eb211c80319c"), "0af7651916cd43dd8448eb211c80319c");
  for (const given of ["short", "x".repeat(65), "with a space", 'quote"quote', "a\tb-cdefgh"]) {
    assert.notEqual(await idOf(given), given);
  }
});

test("proxies are addresses and ranges of both families", () => {
  const trusts = trustOnly(["10.0.0.0/8", "192.0.2.7", "2001:db8::/32"]);
  for (const address of ["10.255.0.1", "::ffff:10.0.0.1", "192.0.2.7", "2001:db8::5"]) {
    assert.equal(trusts(address), true, address);
  }
  for (const address of ["11.0.0.1", "192.0.2.8", "2001:db9::5", "", "garbage", "::1"]) {
    assert.equal(trusts(address), false, address);
  }
});
