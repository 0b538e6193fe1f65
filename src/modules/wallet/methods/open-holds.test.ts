import assert from "node:assert/strict";
import { test } from "node:test";
import { freshDatabase } from "../../../../test/support/database.ts";
import { createShiftedClock } from "../../../../test/support/shifted-clock.ts";
import { waitFor } from "../../../../test/support/wait-for.ts";
import { createWalletFixture } from "../../../../test/support/wallet-fixture.ts";

const HOLDS = 2_000;
/** At once, and so many more than one that they come together in commits. */
const CALLS = 40;
const SECONDS = 3_600;
const WAIT_MS = 60_000;

test("thousands of open holds are in nobody's memory, and each ends as it should", async () => {
  await using place = await freshDatabase();
  const clock = createShiftedClock();
  await using first = await createWalletFixture({ place, clock });
  const [ann, ben] = [first.newPerson(), first.newPerson()];
  const [fromId, toId] = [await first.open(ann, 0), await first.open(ben, 1)];
  const hold = { fromId, toId, amount: "0.10", seconds: SECONDS };
  const ids: string[] = [];
  let asked = 0;
  const ask = async () => {
    while (asked < HOLDS) {
      asked += 1;
      ids.push((await first.call("wallet.hold", hold, ann)).txId);
    }
  };
  await Promise.all(Array.from({ length: CALLS }, ask));
  /** Transfers in the memory of the node that leads, while one does. */
  const inMemory = async (fixture: typeof first) => {
    const { leads, inFlight } = await fixture.call("wallet.shards", {}, fixture.operator);
    return leads ? inFlight : undefined;
  };
  const areHeld = async () => (await first.available(fromId, ann)) === "800.00, 200.00 held";
  await waitFor(areHeld, { what: "all is held", timeoutMs: WAIT_MS });
  const isEmpty = async () => (await inMemory(first)) === 0;
  await waitFor(isEmpty, { what: "the memory is empty", timeoutMs: WAIT_MS });

  const [taken = "", left = "", later = "", freed = "", expired = ""] = ids;
  await first.call("wallet.capture", { txId: taken, amount: "0.04" }, ann);
  await first.call("wallet.release", { txId: left }, ann);
  assert.equal((await first.ended(taken, ann)).capturedAmount, "0.04");
  assert.equal((await first.ended(left, ann)).note, "released by its owner");
  await first.stop();

  await using second = await createWalletFixture({ place, clock });
  const leads = async () => (await inMemory(second)) === 0;
  await waitFor(leads, { what: "another one leads, with nothing in memory", timeoutMs: WAIT_MS });
  await second.call("wallet.capture", { txId: later }, ann);
  await second.call("wallet.release", { txId: freed }, ann);
  assert.equal((await second.ended(later, ann)).status, "SUCCESSFUL");
  assert.equal((await second.ended(freed, ann)).status, "INVALID");
  assert.equal(await second.available(fromId, ann), "800.26, 199.60 held");
  clock.forward(SECONDS * 1_000);
  const areOver = async () => (await second.available(fromId, ann)) === "999.86";
  await waitFor(areOver, { what: "the others have ended", timeoutMs: WAIT_MS });
  assert.equal((await second.ended(expired, ann)).code, "hold_expired");
  assert.equal(await second.available(toId, ben), "1000.14");
  await waitFor(leads, { what: "the memory is empty", timeoutMs: WAIT_MS });
  await second.audit();
});
