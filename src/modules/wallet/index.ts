import type { Database } from "../../core/database.ts";
import type { Module } from "../../core/module.ts";
import type { AnswerRemote, Remote } from "../../core/remote.ts";
import type { UnitOfWork } from "../../core/unit-of-work.ts";
import { type DemoPeople, fillDemo } from "./demo/fill-demo.ts";
import { assemble } from "./desk/assemble.ts";
import type { ShardAccess, WalletParts } from "./desk/parts.ts";
import { assets } from "./methods/assets.ts";
import { audit } from "./methods/audit.ts";
import { balance } from "./methods/balance.ts";
import { balanceAt } from "./methods/balanceAt.ts";
import { capture } from "./methods/capture.ts";
import { close } from "./methods/close.ts";
import { create } from "./methods/create.ts";
import { freeze } from "./methods/freeze.ts";
import { getTransaction } from "./methods/getTransaction.ts";
import { hold } from "./methods/hold.ts";
import { inFlight } from "./methods/inFlight.ts";
import { issue } from "./methods/issue.ts";
import { list } from "./methods/list.ts";
import { release } from "./methods/release.ts";
import { reverse } from "./methods/reverse.ts";
import { saveAsset } from "./methods/saveAsset.ts";
import { setOverdraft } from "./methods/setOverdraft.ts";
import { shards } from "./methods/shards.ts";
import { statement } from "./methods/statement.ts";
import { transactions } from "./methods/transactions.ts";
import { transfer } from "./methods/transfer.ts";
import { transferMany } from "./methods/transferMany.ts";
import { rest } from "./rest.ts";
import { createShardEndpoint } from "./shard/remote-endpoint.ts";
import { RemoteShard } from "./shard/remote-shard.ts";
import { Shard } from "./shard/shard.ts";
import { createLedgerStore } from "./store/ledger.ts";
import { createLedgerReader, plainReading } from "./store/local-reader.ts";
import { createPlaceStore } from "./store/place.ts";
import { subscribe } from "./subscriptions/subscribe.ts";
import { Noticed } from "./types.ts";

export type { ShardAccess, WalletParts, WebhookPlace } from "./desk/parts.ts";
export { verifyLedgers } from "./desk/verify.ts";
export { QUESTION_BYTES_MAX } from "./shard/remote-protocol.ts";

/** Shards inside of this process, over the service's own database. */
export function createLocalShards(
  database: Database,
  count: number,
  { clock, log, work }: Pick<WalletParts, "clock" | "log" | "work">,
): ShardAccess[] {
  return Array.from({ length: count }, (_, shard) => ({
    link: new Shard({ store: createLedgerStore(database, shard), clock, log }),
    reader: createLedgerReader(work, shard),
  }));
}

/** The shard that this process is, as its orchestrator asks it; the database is its own. */
export function serveShard(
  database: Database,
  { clock, log }: Pick<WalletParts, "clock" | "log">,
): Promise<AnswerRemote> {
  return createShardEndpoint({
    place: createPlaceStore(database),
    open: (shard) => ({
      link: new Shard({ store: createLedgerStore(database, shard), clock, log }),
      reader: createLedgerReader(() => plainReading(database), shard),
    }),
    log,
  });
}

/** Shards that are processes of their own, in the order of their numbers. */
export function createRemoteShards(remotes: readonly Remote[]): ShardAccess[] {
  return remotes.map((remote, shard) => {
    const access = new RemoteShard(remote, { shard, shards: remotes.length });
    return { link: access, reader: access };
  });
}

/**
 * Money across shards.
 *
 * @param demoPeople finds who shall have something to try
 */
export function createWallet(
  parts: WalletParts,
  demoPeople: (work: UnitOfWork) => Promise<DemoPeople>,
): Module {
  const { desk, start, heard, jobs } = assemble(parts);
  return {
    name: "wallet",
    methods: {
      create: create(desk),
      list: list(desk),
      assets,
      balance: balance(desk),
      balanceAt: balanceAt(desk),
      transfer: transfer(desk),
      transferMany: transferMany(desk),
      hold: hold(desk),
      capture: capture(desk),
      release: release(desk),
      reverse: reverse(desk),
      getTransaction: getTransaction(desk),
      transactions: transactions(desk),
      statement: statement(desk),
      close: close(desk),
      issue: issue(desk),
      freeze: freeze(desk),
      setOverdraft: setOverdraft(desk),
      saveAsset,
      shards: shards(desk),
      inFlight: inFlight(desk),
      audit: audit(desk),
    },
    subscriptions: { subscribe: subscribe(desk) },
    rest,
    internalEvents: { "wallet.noticed": Noticed },
    heard,
    jobs,
    start,
    fillDemo: async (context) => fillDemo(desk, await demoPeople(context.work), context),
  };
}
