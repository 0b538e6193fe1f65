import assert from "node:assert/strict";
import { test } from "node:test";
import { callHttp } from "../../client/index.ts";
import type { Transaction } from "../../src/modules/wallet/types.ts";
import { startTestApp } from "../support/app.ts";
import { freshDatabase } from "../support/database.ts";
import { scaled } from "../support/fault-scale.ts";
import { type Call, PERSON_PASSWORD } from "../support/in-process.ts";
import { callOver, operatorOver } from "../support/over-http.ts";
import { createShiftedClock } from "../support/shifted-clock.ts";
import { waitFor } from "../support/wait-for.ts";
import { newWalletNumber, openWallet } from "../support/wallet-funds.ts";

/**
 * The machine's clock is set by an hour and by a day, forward and back, while transfers are on
 * their way and money is held: what was held too long stays given up, also when the clock goes back
 * behind its end, what is in time can be captured, and everything happens once.
 */

const HOUR_MS = 3_600_000;
const SHIFTS_MS = [HOUR_MS, -HOUR_MS, 24 * HOUR_MS, -24 * HOUR_MS, -HOUR_MS, HOUR_MS];
const ROUNDS = scaled(1);
/** Less than every shift, and more. */
const SHORT_S = 600;
const LONG_S = 3 * 86_400;
const TRANSFERS = 40;
const ENDS_WITHIN_MS = 30_000;
const TIMES = ROUNDS * SHIFTS_MS.length;

test(`the clock is set ${TIMES} times: nothing is late, and nothing twice`, async (t) => {
  await using place = await freshDatabase();
  const clock = createShiftedClock();
  await using running = await startTestApp({ place, ports: { clock } });
  const { url } = running;
  const username = `clock-${newWalletNumber()}`;
  await callHttp(url, "auth.register", { username, password: PERSON_PASSWORD });
  /** Tokens are of their time: whoever goes on signs in again. */
  const signIn = async (): Promise<Call> => {
    const input = { username, secret: PERSON_PASSWORD };
    return callOver(url, (await callHttp(url, "auth.login", input)).token);
  };
  let call = await signIn();
  const number = newWalletNumber();
  const fromId = await openWallet(call, `${number}0`);
  const toId = await openWallet(call, `${number}1`);
  const ends = { fromId, toId };

  const read = (txId: string) => call("wallet.getTransaction", { txId });
  const reaches = (txId: string, isIt: (transaction: Transaction) => boolean) =>
    waitFor(async () => isIt(await read(txId)), { what: txId, timeoutMs: ENDS_WITHIN_MS });
  const hold = async (seconds: number) => {
    const { txId } = await call("wallet.hold", { ...ends, amount: "1", seconds });
    await reaches(txId, ({ status }) => status === "PROCESSING");
    return txId;
  };
  const isRefused = (txId: string) =>
    assert.rejects(call("wallet.capture", { txId }), { code: "HOLD_ENDED" }, txId);
  const isGivenUp = async (txId: string) => {
    const { status, code } = await read(txId);
    assert.deepEqual([status, code], ["INVALID", "hold_expired"]);
    await isRefused(txId);
  };
  /** By many at once, of which all are told the same. */
  const isCapturedOnce = async (txId: string) => {
    await Promise.all(Array.from({ length: 5 }, () => call("wallet.capture", { txId })));
    await reaches(txId, ({ status }) => status === "SUCCESSFUL");
    await assert.rejects(call("wallet.capture", { txId, amount: "0.5" }), { code: "HOLD_ENDED" });
  };

  const transfers: string[] = [];
  const givenUp: string[] = [];
  const kept: string[] = [];
  const setClock = async (shiftMs: number) => {
    const [short, long] = [await hold(SHORT_S), await hold(LONG_S)];
    const pay = async () => {
      const { txId } = await call("wallet.transfer", { ...ends, amount: "0.01" });
      transfers.push(txId);
    };
    const some = Array.from({ length: TRANSFERS }, () => pay());
    // The first ones are accepted, and on their way with the others.
    await Promise.race(some);
    clock.forward(shiftMs);
    // Whose token ends meanwhile is refused, and has paid nothing.
    await Promise.allSettled([...some, ...Array.from({ length: TRANSFERS }, () => pay())]);
    call = await signIn();
    if (shiftMs > 0) {
      await reaches(short, ({ finishedAtMs }) => finishedAtMs !== null);
      await isGivenUp(short);
      givenUp.push(short);
    } else await isCapturedOnce(short);
    for (const txId of givenUp) await isGivenUp(txId);
    assert.equal((await read(long)).status, "PROCESSING");
    kept.push(long);
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const shiftMs of SHIFTS_MS) {
      await t.test(`${round + 1}: by ${shiftMs / HOUR_MS} hours`, () => setClock(shiftMs));
    }
  }

  for (const txId of kept) await isCapturedOnce(txId);
  for (const txId of transfers) await reaches(txId, ({ finishedAtMs }) => finishedAtMs !== null);
  const { ok, findings } = await callOver(url, await operatorOver(url))("wallet.audit", {});
  assert.deepEqual({ ok, findings }, { ok: true, findings: [] });
  const [sent, received] = [await entriesOf(call, fromId), await entriesOf(call, toId)];
  assert.deepEqual(sent.slice(1).sort(), received.slice(1).sort(), "both sides, each once");
  assert.equal(new Set(sent).size, sent.length);
  const happened: string[] = [];
  for (const txId of transfers) {
    const { status } = await read(txId);
    assert.ok(status === "SUCCESSFUL" || status === "FAILED", status);
    if (status === "SUCCESSFUL") happened.push(txId);
  }
  for (const txId of [...happened, ...kept]) assert.ok(sent.includes(txId), `${txId} is posted`);
  for (const txId of givenUp) assert.ok(!sent.includes(txId), `${txId} is not posted`);
  t.diagnostic(
    `${transfers.length} transfers, ${happened.length} happened; ${givenUp.length} holds given ` +
      `up, ${kept.length} captured in time: none late, none twice`,
  );
});

/** The numbers of what was posted, from the oldest; times never go back. */
async function entriesOf(call: Call, walletId: string): Promise<string[]> {
  const ids: string[] = [];
  let after = Number.POSITIVE_INFINITY;
  for (let before: number | null | undefined; before !== null; ) {
    const input = { walletId, ...(before === undefined ? {} : { before }) };
    const page = await call("wallet.statement", input);
    for (const { txId, atMs } of page.entries) {
      assert.ok(atMs <= after, "an entry is older than the one before it");
      after = atMs;
      ids.push(txId);
    }
    ({ before } = page);
  }
  return ids.reverse();
}
