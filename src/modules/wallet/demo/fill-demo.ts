import { sleep } from "../../../core/clock.ts";
import type { JobContext } from "../../../core/module.ts";
import { type Desk, order, readAmount, readWallet } from "../desk/desk.ts";
import type { Listed } from "../desk/listings.ts";
import { openWallet } from "../desk/opening.ts";
import { termsOf } from "../desk/terms.ts";
import { DEMO_ASSET, DEMO_TRANSFERS, DEMO_WALLETS } from "./history.ts";

/** The accounts of the demo's people by their usernames. */
export type DemoPeople = ReadonlyMap<string, string>;

/** How long the new wallets may take until there is something in them, and how often one looks. */
const OPENING_MS_MAX = 5_000;
const LOOK_MS = 20;

/**
 * Gives the demo's people a wallet each and something they have sent each other. Opening wallets
 * and carrying transfers through is the work of the running node, so this comes after its start.
 */
export async function fillDemo(
  desk: Desk,
  people: DemoPeople,
  { work, log }: JobContext,
): Promise<void> {
  const openings = Object.entries(DEMO_WALLETS).flatMap(([username, { id: wallet, name }]) => {
    const owner = people.get(username);
    if (owner === undefined) return [];
    return [{ wallet, owner, asset: DEMO_ASSET, name, choreId: desk.ids.uuid() }];
  });
  const isNew = await work.write(async (scope) => {
    let opened = 0;
    for (const opening of openings) if (await openWallet(desk, scope, opening)) opened += 1;
    return opened > 0;
  });
  if (!isNew) return;
  for (const { choreId } of openings) desk.chores.kick(choreId);
  const wallets = await Promise.all(openings.map(({ wallet }) => desk.listings.find(wallet)));
  for (const listed of wallets) {
    if (listed === null || (await hasGrant(desk, listed))) continue;
    log.warn({ wallet: listed.wallet }, "a wallet of the demo is not open yet");
    return;
  }
  await sendAll(desk, people);
}

async function hasGrant(desk: Desk, listed: Listed): Promise<boolean> {
  const { clock } = desk;
  const endMs = clock.monotonicMs() + OPENING_MS_MAX;
  while (clock.monotonicMs() < endMs) {
    const record = await readWallet(desk, listed);
    if (record !== undefined && record.posted > 0n) return true;
    await sleep(clock, LOOK_MS);
  }
  return false;
}

async function sendAll(desk: Desk, people: DemoPeople): Promise<void> {
  for (const [at, { from, to, amount, memo }] of DEMO_TRANSFERS.entries()) {
    const owner = people.get(from);
    const [payer, receiver] = await Promise.all(
      [from, to].map((username) => desk.listings.find(DEMO_WALLETS[username]?.id ?? "")),
    );
    if (owner === undefined || !payer || !receiver || payer.owner !== owner) continue;
    const terms = termsOf(
      {
        owner,
        key: `demo:${at}`,
        from: payer.wallet,
        fromShard: payer.shard,
        to: receiver.wallet,
        asset: payer.asset,
        amount: readAmount(amount, payer.scale),
        memo,
      },
      desk.readers.length,
      desk.clock.nowMs(),
    );
    await order(desk, [terms]);
  }
}
