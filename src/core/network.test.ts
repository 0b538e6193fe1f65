import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { networkOf } from "./network.ts";

describe("networks", () => {
  const cases: ReadonlyArray<readonly [string, string]> = [
    ["203.0.113.9", "203.0.113.9"],
    ["::ffff:203.0.113.9", "203.0.113.9"],
    ["0:0:0:0:0:ffff:203.0.113.9", "203.0.113.9"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:0DB8:0001:0002::6", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["process", "process"],
  ];
  for (const [address, network] of cases) {
    test(`${address} is in ${network}`, () => assert.equal(networkOf(address), network));
  }
});
