import type { StreamEvent } from "../../../core/event-log.ts";
import type { Job } from "../../../core/module.ts";
import type { Scope } from "../../../core/unit-of-work.ts";
import type { Chore } from "../orchestrator/chore.ts";
import { Chores } from "../orchestrator/chores.ts";
import { Leadership } from "../orchestrator/leadership.ts";
import { Transfers } from "../orchestrator/transfers.ts";
import { createChoreStore, trimChores } from "../store/chores.ts";
import { trimInterest } from "../store/interest.ts";
import { assertShardCount, createJournalStore } from "../store/journal.ts";
import { Noticed } from "../types.ts";
import { type Desk, issuerOf, NODES_TOPIC, openIssuer } from "./desk.ts";
import { Following } from "./follow.ts";
import { Listings } from "./listings.ts";
import type { WalletParts } from "./parts.ts";
import { termsOf } from "./terms.ts";
import { Webhook } from "./webhook.ts";

const SWEEP_INTERVAL_MS = 1_000;
const WEBHOOK_INTERVAL_MS = 500;
const TRIM_INTERVAL_MS = 10 * 60_000;
const CHORES_KEPT_MS = 24 * 3_600_000;
const CHORES_TRIMMED_MAX = 10_000;
/** 1,000.00 of an asset with two digits behind the point. */
const GRANT = 100_000n;
/** Accounts are named by UUIDs; this one is the house itself. */
const HOUSE = "00000000-0000-0000-0000-000000000000";

/** Puts the parts of the module together. */
export function assemble(parts: WalletParts) {
  const { clock, random, ids, log, work, shards, production } = parts;
  const listings = new Listings(work);
  const following = new Following({ work, clock, listings });
  const journal = createJournalStore({
    work,
    clock,
    shards: shards.length,
    isAlone: parts.isAlone ?? false,
    announce: (scope, changed, interest) => following.announce(scope, changed, interest),
    quietAt: () => following.quietAt(),
    hasWebhook: parts.webhook !== undefined,
  });
  const webhook =
    parts.webhook && new Webhook({ ...parts.webhook, work, listings, clock, random, log });
  const links = shards.map(({ link }) => link);
  const node = ids.uuid();
  const leadership = new Leadership({ journal, links, node, clock, random, log });
  const tell = (noticed: Noticed) => {
    const sent = work().write(async ({ events }) => {
      events.emit(NODES_TOPIC, "wallet.noticed", noticed);
    });
    sent.catch((err: unknown) => log.warn({ err }, "other nodes will notice by themselves"));
  };
  const transfers = new Transfers({
    journal,
    leadership,
    clock,
    tellOthers: (some) => tell({ ids: some.map(String), chores: [] }),
  });
  const announce = (scope: Scope, wallet: string) => following.announceChange(scope, wallet);
  const chores = new Chores({
    store: createChoreStore({ work, clock, announce }),
    leadership,
    clock,
    log,
    tellOthers: (id) => tell({ ids: [], chores: [id] }),
    onDone: (chore) => giveGrant(chore),
  });
  const desk: Desk = {
    work,
    clock,
    ids,
    listings,
    transfers,
    chores,
    following,
    webhook,
    readers: shards.map(({ reader }) => reader),
    grant: production ? null : GRANT,
  };

  async function giveGrant({ operation, shard }: Chore): Promise<void> {
    if (operation.verb !== "open" || operation.grant === null) return;
    const { wallet, asset, grant } = operation;
    const { verb, wallet: issuer, minBalance } = openIssuer(asset, shard);
    const issuing = { verb, wallet: issuer, asset, minBalance: BigInt(minBalance) } as const;
    await leadership.orchestrator?.ask(shard, issuing);
    const terms = termsOf(
      {
        kind: "issue",
        owner: HOUSE,
        key: `grant:${wallet}`,
        from: issuerOf(asset, shard),
        fromShard: shard,
        to: wallet,
        asset,
        amount: BigInt(grant.amount),
      },
      shards.length,
      clock.nowMs(),
    );
    await transfers.order({ transfers: [terms] });
  }

  const heard = ({ type, data }: StreamEvent): void => {
    if (type !== "wallet.noticed") return;
    const noticed = Noticed.parse(data);
    const act = async () => {
      await transfers.noticed(noticed.ids.map(BigInt));
      if (noticed.chores.length > 0) await chores.sweep();
    };
    act().catch((err: unknown) => log.warn({ err }, "what another node told waits"));
  };
  const jobs = jobsOf(desk, { leadership });
  const start = async (): Promise<AsyncDisposable> => {
    await work().single((tx) => assertShardCount(tx, shards.length));
    await leadership.start();
    return { [Symbol.asyncDispose]: () => leadership.stop() };
  };
  return { desk, start, heard, jobs };
}

/** What goes on by itself. */
function jobsOf(
  { chores, webhook, transfers, clock, work }: Desk,
  { leadership }: { readonly leadership: Leadership },
): readonly Job[] {
  return [
    {
      name: "wallet.chores",
      intervalMs: SWEEP_INTERVAL_MS,
      run: () => chores.sweep(),
    },
    {
      name: "wallet.sweep",
      intervalMs: SWEEP_INTERVAL_MS,
      async run() {
        await leadership.orchestrator?.sweep();
      },
    },
    {
      name: "wallet.webhook",
      intervalMs: WEBHOOK_INTERVAL_MS,
      async run({ signal }) {
        await webhook?.run(signal, () => transfers.leads);
      },
    },
    {
      name: "wallet.trim",
      intervalMs: TRIM_INTERVAL_MS,
      async run() {
        const nowMs = clock.nowMs();
        await work().write(async ({ tx }) => {
          await trimChores(tx, nowMs - CHORES_KEPT_MS, CHORES_TRIMMED_MAX);
          await trimInterest(tx, nowMs);
        });
      },
    },
  ];
}
