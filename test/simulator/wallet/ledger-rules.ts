import { headAfter } from "../../../src/modules/wallet/shard/shard.ts";
import type { MemoryLedger } from "../../support/memory-ledger.ts";

/** What must hold in the ledger of a shard after every commit. @returns what does not */
export function wrongIn({ tables }: MemoryLedger): string | undefined {
  const { wallets, legs, clearing, reservedFrom } = tables;
  const held = new Map<string, bigint>();
  const used = new Set<string>();
  for (const { transfer, side, state, wallet, amount } of legs.values()) {
    if (state !== "reserved" || wallet === null) continue;
    if (transfer < reservedFrom) return `leg ${transfer} is reserved below ${reservedFrom}`;
    used.add(wallet);
    if (side === "debit") held.set(wallet, (held.get(wallet) ?? 0n) + amount);
  }
  const sums = new Map<string, bigint>();
  for (const { asset, balance } of clearing.values()) {
    sums.set(asset, (sums.get(asset) ?? 0n) + balance);
  }
  for (const wallet of wallets.values()) {
    const { asset, posted, minBalance } = wallet;
    sums.set(asset, (sums.get(asset) ?? 0n) + posted);
    const reserved = held.get(wallet.wallet) ?? 0n;
    if (wallet.held !== reserved) {
      return `wallet ${wallet.wallet} has ${wallet.held} held, and its legs ${reserved}`;
    }
    if (wallet.state === "closed" && (posted !== 0n || used.has(wallet.wallet))) {
      return `wallet ${wallet.wallet} is closed and used`;
    }
    if (posted - wallet.held < minBalance) {
      return `wallet ${wallet.wallet} has ${posted} less ${wallet.held}, below ${minBalance}`;
    }
  }
  for (const [asset, sum] of sums) if (sum !== 0n) return `all ${asset} sum up to ${sum}`;
  return undefined;
}

/** Entries and the chain over them, from the first to the last. @returns what is wrong */
export function wrongInChain({ tables }: MemoryLedger): string | undefined {
  const balances = new Map<string, { version: number; balance: bigint; atMs: number }>();
  let head = "";
  for (const { batch, entries, head: kept } of tables.batches) {
    head = headAfter(head, entries);
    if (head !== kept) return `the head of batch ${batch} is not that of its entries`;
    for (const { wallet, version, amount, balanceAfter, atMs } of entries) {
      const last = balances.get(wallet) ?? { version: 0, balance: 0n, atMs: 0 };
      const follows = version === last.version + 1 && atMs >= last.atMs;
      if (!follows || balanceAfter !== last.balance + amount) {
        return `entry ${version} of wallet ${wallet} does not follow the one before`;
      }
      balances.set(wallet, { version, balance: balanceAfter, atMs });
    }
  }
  if (head !== tables.head) return "the head is not that of all entries";
  for (const { wallet, posted, version } of tables.wallets.values()) {
    const last = balances.get(wallet) ?? { version: 0, balance: 0n };
    if (posted !== last.balance || version !== last.version) {
      return `wallet ${wallet} has ${posted}, and its entries ${last.balance}`;
    }
  }
  return undefined;
}
