import { clearingKey, legKey } from "../../src/modules/wallet/shard/changes.ts";
import type {
  ClearingRecord,
  EntryRecord,
  LegRecord,
  ShardChanges,
  ShardStart,
  ShardStore,
  WalletRecord,
} from "../../src/modules/wallet/shard/records.ts";

/** One commit that had entries. */
export interface BatchRecord {
  readonly batch: bigint;
  readonly epoch: bigint;
  readonly head: string;
  readonly entries: readonly EntryRecord[];
}

/** What the database of a shard keeps. */
interface Tables {
  epoch: bigint;
  batch: bigint;
  head: string;
  atMs: number;
  reservedFrom: bigint;
  readonly wallets: Map<string, WalletRecord>;
  readonly legs: Map<string, LegRecord>;
  readonly batches: BatchRecord[];
  readonly clearing: Map<string, ClearingRecord>;
}

/**
 * The ledger of one shard in memory: what `store/ledger.ts` does with SQL, its fence, keys and
 * constraints included. Every call is one transaction, and happens at once.
 */
export class MemoryLedger {
  #tables: Tables = {
    epoch: 0n,
    batch: 0n,
    head: "",
    atMs: 0,
    reservedFrom: 0n,
    wallets: new Map(),
    legs: new Map(),
    batches: [],
    clearing: new Map(),
  };

  /** What is there. Whoever looks must not change it. */
  get tables(): Readonly<Tables> {
    return this.#tables;
  }

  begin(epoch: bigint): ShardStart | "fenced" {
    const tables = this.#tables;
    if (tables.epoch > epoch) return "fenced";
    tables.epoch = epoch;
    const { batch, head, atMs, reservedFrom } = tables;
    const legs = [...tables.legs.values()];
    const transferMax = legs.reduce((max, { transfer }) => (transfer > max ? transfer : max), 0n);
    return {
      position: { batch, head },
      atMs,
      transferMax,
      reserved: legs.filter(
        ({ transfer, state }) => transfer >= reservedFrom && state === "reserved",
      ),
      clearing: [...tables.clearing.values()],
    };
  }

  headAt(batch: bigint): string {
    return this.#tables.batches.findLast((one) => one.batch <= batch)?.head ?? "";
  }

  findWallets(ids: readonly string[]): WalletRecord[] {
    return ids.flatMap((id) => this.#tables.wallets.get(id) ?? []);
  }

  findLegs(keys: Parameters<ShardStore["legs"]>[0]): LegRecord[] {
    return keys.flatMap((key) => this.#tables.legs.get(legKey(key)) ?? []);
  }

  commit(changes: ShardChanges): "committed" | "fenced" {
    const tables = this.#tables;
    if (changes.epoch !== tables.epoch || changes.after !== tables.batch) return "fenced";
    this.#check(changes);
    const { epoch, position, atMs, reservedFrom, entries } = changes;
    Object.assign(tables, { ...position, atMs, reservedFrom });
    if (entries.length > 0) tables.batches.push({ ...position, epoch, entries });
    for (const wallet of changes.newWallets) tables.wallets.set(wallet.wallet, wallet);
    for (const { versionBefore: _, ...wallet } of changes.changedWallets) {
      tables.wallets.set(wallet.wallet, wallet);
    }
    for (const leg of changes.newLegs) tables.legs.set(legKey(leg), leg);
    for (const leg of changes.changedLegs) tables.legs.set(legKey(leg), leg);
    for (const account of changes.clearing) tables.clearing.set(clearingKey(account), account);
    return "committed";
  }

  /** What a database would refuse, before anything is changed. */
  #check({ newWallets, changedWallets, newLegs, changedLegs, entries }: ShardChanges): void {
    const { wallets, legs } = this.#tables;
    const versions = new Map<string, number>();
    for (const { wallet } of newWallets) {
      if (wallets.has(wallet)) throw new Error(`There is a wallet ${wallet} already.`);
      versions.set(wallet, 0);
    }
    for (const { wallet, versionBefore } of changedWallets) {
      const version = wallets.get(wallet)?.version;
      if (version !== versionBefore) throw new Error(`Wallet ${wallet} has version ${version}.`);
      versions.set(wallet, version);
    }
    for (const { wallet, posted, held, minBalance } of [...newWallets, ...changedWallets]) {
      if (held < 0n || posted - held < minBalance) {
        throw new Error(`Wallet ${wallet} would have ${posted} less ${held}.`);
      }
    }
    for (const leg of newLegs) {
      if (legs.has(legKey(leg))) throw new Error(`There is a leg ${legKey(leg)} already.`);
    }
    for (const leg of changedLegs) {
      if (legs.get(legKey(leg))?.state === "reserved") continue;
      throw new Error(`No leg ${legKey(leg)} is reserved.`);
    }
    for (const { wallet, version } of entries) {
      if (version !== (versions.get(wallet) ?? -1) + 1) {
        throw new Error(`Entry ${version} of wallet ${wallet} does not follow.`);
      }
      versions.set(wallet, version);
    }
  }
}

/** The ledger as the engine asks for it. */
export function createMemoryLedgerStore(ledger: MemoryLedger): ShardStore {
  return {
    begin: async (epoch) => ledger.begin(epoch),
    headAt: async (batch) => ledger.headAt(batch),
    wallets: async (ids) => ledger.findWallets(ids),
    legs: async (keys) => ledger.findLegs(keys),
    commit: async (changes) => ledger.commit(changes),
  };
}
