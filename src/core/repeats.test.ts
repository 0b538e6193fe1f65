import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { createManualClock } from "../../test/support/manual-clock.ts";
import type { Tx } from "./database.ts";
import type { RepeatClaim, RepeatStore } from "./idempotency.ts";
import { Repeats } from "./repeats.ts";

const NO_TX: Tx = {
  as: () => {
    throw new Error("Nothing is read here.");
  },
};
const IDENTITY = {
  who: "018f0000-0000-7000-8000-000000000000",
  method: "auth.changePassword",
  key: JSON.stringify(["always-one-eid", 1, { newPassword: "correct horse" }]),
  input: { newPassword: "correct horse" },
};

/** What the table would hold of a call. */
async function claimOf(secretByte: number): Promise<RepeatClaim> {
  const claims: RepeatClaim[] = [];
  const store: RepeatStore = {
    find: async () => new Map(),
    takeTurn: async () => {},
    record: async () => {},
    claim: async (_tx, claim) => {
      claims.push(claim);
      return { first: true };
    },
    settle: async () => {},
    trim: async () => 0,
  };
  const vault = { beginning: "", seal: () => "sealed", open: () => "{}" };
  const secret = new Uint8Array(32).fill(secretByte);
  const repeats = new Repeats({ store, vault, clock: createManualClock(0), secret });
  await repeats.once(NO_TX, IDENTITY, async () => ({}));
  const [claim] = claims;
  assert.ok(claim);
  return claim;
}

test("a stolen table of repeats is nothing to try passwords on", async () => {
  const [one, again, other] = [await claimOf(1), await claimOf(1), await claimOf(2)];
  assert.deepEqual(one, again);
  assert.notEqual(one.key, other.key);
  assert.notEqual(one.fingerprint, other.fingerprint);
  const guess = createHash("sha256").update(JSON.stringify(IDENTITY.input)).digest("hex");
  assert.notEqual(one.fingerprint, guess);
});
