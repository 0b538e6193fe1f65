import assert from "node:assert/strict";
import { test } from "node:test";
import { callHttp } from "../../../../client/index.ts";
import { startTestApp } from "../../../../test/support/app.ts";
import { waitFor } from "../../../../test/support/wait-for.ts";
import { DEMO_PASSWORD } from "../../auth/types.ts";
import { DEMO_TRANSFERS, DEMO_WALLETS } from "./history.ts";

async function visit(url: string, username: string) {
  const { token: bearer } = await callHttp(url, "auth.login", { username, secret: DEMO_PASSWORD });
  const { wallets } = await callHttp(url, "wallet.list", {}, { bearer });
  const walletId = wallets[0]?.walletId ?? "";
  const read = async () =>
    (await callHttp(url, "wallet.transactions", { walletId }, { bearer })).transactions;
  return { wallets, read };
}

/** What this person's wallet sees of the history, and the grant of its beginning. */
function expected(username: string): string[] {
  const own = DEMO_TRANSFERS.filter(({ from, to }) => from === username || to === username);
  return [
    "+1000.00",
    ...own.map(({ from, amount }) => `${from === username ? "-" : "+"}${amount}`),
  ];
}

test("the demo's people have a wallet with a history each, and only once", async () => {
  await using site = await startTestApp();
  for (const [username, { id, name }] of Object.entries(DEMO_WALLETS)) {
    const { wallets, read } = await visit(site.url, username);
    assert.deepEqual(
      wallets.map((wallet) => [wallet.walletId, wallet.name, wallet.state]),
      [[id, name, "open"]],
    );
    const isDone = async () => (await read()).every(({ finishedAtMs }) => finishedAtMs !== null);
    await waitFor(isDone, { what: "the transfers of the demo have ended", timeoutMs: 10_000 });
    const transactions = await read();
    assert.deepEqual(transactions.map(({ amount }) => amount).sort(), expected(username).sort());
    const refused = transactions.filter(({ status }) => status !== "SUCCESSFUL");
    for (const { code, memo } of refused)
      assert.deepEqual([code, memo], ["funds_short", "A piano"]);
  }
  await site.app.stop();
  const again = await site.restart();
  for (const username of Object.keys(DEMO_WALLETS)) {
    const { wallets, read } = await visit(again.url, username);
    assert.equal(wallets.length, 1);
    assert.equal((await read()).length, expected(username).length);
  }
});
