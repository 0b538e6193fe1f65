import { type BookChanges, Changes, clearingKey, legKey } from "./changes.ts";
import { PendingCredits } from "./pending.ts";
import type {
  Configure,
  Move,
  Open,
  Operation,
  Outcome,
  Post,
  Refusal,
  Reserve,
  Void,
} from "./protocol.ts";
import type { ClearingRecord, LegKey, LegRecord, WalletRecord } from "./records.ts";

/** A posted balance stays below this, and above its negative. */
export const BALANCE_MAX = 10n ** 18n;
/** Wallets remembered between batches; the least recently used are forgotten. */
export const WALLETS_REMEMBERED_MAX = 100_000;
/** Legs that have ended and are remembered, for requests that come twice. */
export const ENDED_LEGS_REMEMBERED_MAX = 65_536;
/** Batches after which the oldest reserved leg is looked for again. */
const RESERVED_FROM_AGE_MAX = 64;

const OK: Outcome = { ok: true };
const refuse = (refusal: Refusal): Outcome => ({ ok: false, refusal });

/**
 * The state of a shard in memory, and the rules by which it changes. Everything that an operation
 * looks at has to be there before: see {@link Book.missing}. Nothing here waits, so operations are
 * decided one after the other, exactly, however many there are for the same wallet.
 *
 * A leg goes `reserved` → `posted` or `voided`, or is `refused` from the beginning. The wallet's
 * `held` is the sum of its reserved debits. A debit posts from the wallet to the clearing account
 * of the other side's shard, a credit from there to the wallet: wallets and clearing accounts of a
 * shard always sum to zero.
 */
export class Book {
  readonly #wallets = new Map<string, WalletRecord | null>();
  readonly #reserved = new Map<string, LegRecord>();
  readonly #ended = new Map<string, LegRecord>();
  readonly #clearing = new Map<string, ClearingRecord>();
  readonly #pending = new PendingCredits();
  /** Legs of transfers above it that are not in memory do not exist. */
  #transferMax: bigint;
  /** Nothing below it is reserved; while nothing is, what begins later is above. */
  #reservedFrom: bigint;
  #reservedFromAge = 0;
  #changes = new Changes();

  constructor(start: {
    readonly transferMax: bigint;
    readonly reserved: readonly LegRecord[];
    readonly clearing: readonly ClearingRecord[];
  }) {
    this.#transferMax = start.transferMax;
    this.#reservedFrom = start.transferMax;
    for (const leg of start.reserved) this.#remember(leg);
    for (const account of start.clearing) {
      this.#clearing.set(clearingKey(account), account);
    }
  }

  /** What has to be looked up before these operations can be decided. */
  missing(operations: readonly Operation[]): { wallets: string[]; legs: LegKey[] } {
    const wallets = new Set<string>();
    const legs = new Map<string, LegKey>();
    const needWallet = (wallet: string | null) => {
      if (wallet !== null && !this.#wallets.has(wallet)) wallets.add(wallet);
    };
    const needLeg = (key: LegKey) => {
      const name = legKey(key);
      const leg = this.#reserved.get(name) ?? this.#ended.get(name);
      if (leg !== undefined) needWallet(leg.wallet);
      else if (key.transfer <= this.#transferMax) legs.set(name, key);
    };
    for (const operation of operations) {
      switch (operation.verb) {
        case "move":
          needLeg({ transfer: operation.transfer, side: "debit" });
          needWallet(operation.from);
          needWallet(operation.to);
          break;
        case "reserve":
          needLeg(operation);
          needWallet(operation.wallet);
          break;
        case "post":
        case "void":
          needLeg(operation);
          break;
        case "configure":
          needLeg(markOf(operation));
          needWallet(operation.wallet);
          break;
        default:
          needWallet(operation.wallet);
      }
    }
    return { wallets: [...wallets], legs: [...legs.values()] };
  }

  /** Takes in what was looked up. */
  learn(
    asked: { readonly wallets: readonly string[] },
    wallets: readonly WalletRecord[],
    legs: readonly LegRecord[],
  ): void {
    for (const wallet of asked.wallets) this.#wallets.set(wallet, null);
    for (const wallet of wallets) this.#wallets.set(wallet.wallet, wallet);
    for (const leg of legs) if (leg.state !== "reserved") this.#ended.set(legKey(leg), leg);
  }

  apply(operation: Operation, atMs: number): Outcome {
    switch (operation.verb) {
      case "open":
        return this.#open(operation);
      case "configure":
        return this.#configure(operation);
      case "reserve":
        return this.#reserve(operation);
      case "post":
        return this.#post(operation, atMs);
      case "void":
        return this.#void(operation);
      case "move":
        return this.#move(operation, atMs);
      case "look": {
        const wallet = this.#wallets.get(operation.wallet) ?? null;
        return wallet === null ? refuse("wallet_unknown") : { ok: true, wallet };
      }
    }
  }

  /** What has changed since the last time this was asked. */
  takeChanges(): BookChanges | undefined {
    const changes = this.#changes;
    if (changes.isEmpty) return undefined;
    this.#changes = new Changes();
    return changes.all();
  }

  /** No leg of an older transfer is reserved. The oldest one is looked for only now and then. */
  reservedFrom(): bigint {
    this.#reservedFromAge += 1;
    if (this.#reservedFromAge >= RESERVED_FROM_AGE_MAX && this.#reserved.size > 0) {
      this.#reservedFromAge = 0;
      let oldest: bigint | undefined;
      for (const { transfer } of this.#reserved.values()) {
        if (oldest === undefined || transfer < oldest) oldest = transfer;
      }
      this.#reservedFrom = oldest ?? this.#reservedFrom;
    }
    return this.#reservedFrom;
  }

  /** Lets go of what was used longest ago. Between batches only. */
  trim(): void {
    trimMap(this.#wallets, WALLETS_REMEMBERED_MAX, () => {});
    trimMap(this.#ended, ENDED_LEGS_REMEMBERED_MAX, ({ transfer }) => {
      if (transfer > this.#transferMax) this.#transferMax = transfer;
    });
  }

  #open({ wallet, asset, minBalance }: Open): Outcome {
    const known = this.#wallets.get(wallet) ?? null;
    if (known !== null) return known.asset === asset ? OK : refuse("asset_differs");
    const made: WalletRecord = {
      wallet,
      asset,
      state: "open",
      posted: 0n,
      held: 0n,
      minBalance,
      version: 0,
    };
    this.#wallets.set(wallet, made);
    this.#changes.made(made);
    return OK;
  }

  /** A leg of no transfer, which holds nothing, marks that it was answered, and how. */
  #configure(operation: Configure): Outcome {
    const mark = markOf(operation);
    const known = this.#leg(mark);
    if (known !== undefined) return known.refusal === null ? OK : refuse(known.refusal);
    const refusal = this.#reconfigure(operation);
    const state = refusal === null ? "voided" : "refused";
    const nothing = { wallet: null, asset: null, amount: 0n, peer: null, postedAmount: null };
    this.#put({ ...mark, state, refusal, ...nothing });
    return refusal === null ? OK : refuse(refusal);
  }

  /** @returns why not, or null when it is done */
  #reconfigure({ wallet: id, state, minBalance }: Configure): Refusal | null {
    const wallet = this.#wallets.get(id) ?? null;
    if (wallet === null) return "wallet_unknown";
    if (wallet.state === "closed") return state === "closed" ? null : "wallet_closed";
    const isUsed = wallet.posted !== 0n || wallet.held !== 0n || this.#pending.of(id) !== 0n;
    if (state === "closed" && isUsed) return "wallet_used";
    const limit = minBalance ?? wallet.minBalance;
    if (wallet.posted - wallet.held < limit) return "funds_short";
    this.#change(wallet, { state: state ?? wallet.state, minBalance: limit });
    return null;
  }

  /** Why the wallet can pay or take so much no more; undefined when it can. */
  #obstacle(id: string, asset: string, amount: bigint, isDebit: boolean): Refusal | undefined {
    const wallet = this.#wallets.get(id) ?? null;
    if (wallet === null) return "wallet_unknown";
    if (wallet.state !== "open") return `wallet_${wallet.state}`;
    if (wallet.asset !== asset) return "asset_differs";
    if (isDebit) {
      const left = wallet.posted - wallet.held - amount;
      return left < wallet.minBalance ? "funds_short" : undefined;
    }
    const full = wallet.posted + this.#pending.of(id) + amount;
    return full >= BALANCE_MAX ? "balance_full" : undefined;
  }

  #reserve(operation: Reserve): Outcome {
    const { transfer, side, wallet, asset, amount, peer } = operation;
    const known = this.#leg(operation);
    if (known !== undefined) return outcomeAgain(known, operation);
    const refusal = this.#obstacle(wallet, asset, amount, side === "debit") ?? null;
    const state = refusal === null ? "reserved" : "refused";
    const leg = { transfer, side, state, wallet, asset, amount, peer, refusal } as const;
    this.#put({ ...leg, postedAmount: null });
    if (refusal !== null) return refuse(refusal);
    if (side === "debit") this.#hold(wallet, amount);
    return OK;
  }

  #post(operation: Post, atMs: number): Outcome {
    const leg = this.#leg(operation);
    if (leg === undefined) return refuse("leg_unknown");
    const amount = operation.amount ?? leg.amount;
    if (leg.state === "posted") return leg.postedAmount === amount ? OK : refuse("leg_differs");
    if (leg.state !== "reserved") return refuse(`leg_${leg.state}`);
    if (amount <= 0n || amount > leg.amount) return refuse("leg_differs");
    const { wallet, asset, peer, transfer } = leg;
    if (wallet === null || asset === null || peer === null) throw new Error("A leg of nothing.");
    this.#put({ ...leg, state: "posted", postedAmount: amount });
    const isDebit = leg.side === "debit";
    if (isDebit) this.#hold(wallet, -leg.amount);
    this.#enter(wallet, transfer, isDebit ? -amount : amount, atMs);
    this.#clear(peer, asset, isDebit ? amount : -amount);
    return OK;
  }

  #void(operation: Void): Outcome {
    const { transfer, side } = operation;
    const leg = this.#leg(operation);
    if (leg === undefined) {
      const nothing = { wallet: null, asset: null, amount: 0n, peer: null, refusal: null };
      this.#put({ transfer, side, state: "voided", postedAmount: null, ...nothing });
      return OK;
    }
    if (leg.state === "posted") return refuse("leg_posted");
    if (leg.state !== "reserved") return OK;
    this.#put({ ...leg, state: "voided" });
    if (side === "debit" && leg.wallet !== null) this.#hold(leg.wallet, -leg.amount);
    return OK;
  }

  #move({ transfer, from, to, asset, amount }: Move, atMs: number): Outcome {
    const debit = { transfer, side: "debit", wallet: from, asset, amount } as const;
    const known = this.#leg(debit);
    if (known !== undefined) return outcomeAgain(known, debit);
    const refusal =
      this.#obstacle(from, asset, amount, true) ?? this.#obstacle(to, asset, amount, false) ?? null;
    const state = refusal === null ? "posted" : "refused";
    const postedAmount = refusal === null ? amount : null;
    const shared = { state, postedAmount, peer: null, refusal } as const;
    this.#put({ ...debit, ...shared });
    if (refusal !== null) return refuse(refusal);
    this.#put({ ...debit, ...shared, side: "credit", wallet: to });
    this.#enter(from, transfer, -amount, atMs);
    this.#enter(to, transfer, amount, atMs);
    return OK;
  }

  #leg(key: LegKey): LegRecord | undefined {
    const name = legKey(key);
    return this.#reserved.get(name) ?? this.#ended.get(name);
  }

  #put(leg: LegRecord): void {
    const name = legKey(leg);
    const before = this.#reserved.get(name);
    if (before?.side === "credit" && before.wallet !== null) {
      this.#pending.remove(before.wallet, before.amount);
    }
    this.#reserved.delete(name);
    this.#remember(leg);
    this.#changes.leg(leg, before === undefined);
  }

  #remember(leg: LegRecord): void {
    if (leg.state !== "reserved") {
      this.#ended.set(legKey(leg), leg);
      return;
    }
    const isFirst = this.#reserved.size === 0;
    if (isFirst || leg.transfer < this.#reservedFrom) this.#reservedFrom = leg.transfer;
    this.#reserved.set(legKey(leg), leg);
    if (leg.side === "credit" && leg.wallet !== null) this.#pending.add(leg.wallet, leg.amount);
  }

  #hold(id: string, by: bigint): void {
    const wallet = this.#present(id);
    this.#change(wallet, { held: wallet.held + by });
  }

  #enter(id: string, transfer: bigint, amount: bigint, atMs: number): void {
    const wallet = this.#present(id);
    const [version, posted] = [wallet.version + 1, wallet.posted + amount];
    this.#change(wallet, { posted, version });
    this.#changes.entries.push({
      wallet: id,
      version,
      transfer,
      amount,
      balanceAfter: posted,
      atMs,
    });
  }

  #clear(peer: number, asset: string, by: bigint): void {
    const key = clearingKey({ peer, asset });
    const balance = (this.#clearing.get(key)?.balance ?? 0n) + by;
    const account = { peer, asset, balance };
    this.#clearing.set(key, account);
    this.#changes.clearing.set(key, account);
  }

  #present(id: string): WalletRecord {
    const wallet = this.#wallets.get(id);
    if (wallet === undefined || wallet === null) throw new Error("A leg of no wallet.");
    return wallet;
  }

  #change(wallet: WalletRecord, to: Partial<WalletRecord>): void {
    const changed = { ...wallet, ...to };
    // Taken out and put back, it is the most recently used.
    this.#wallets.delete(wallet.wallet);
    this.#wallets.set(wallet.wallet, changed);
    this.#changes.wallet(changed, wallet.version);
  }
}

function markOf({ number }: Configure): LegKey {
  return { transfer: number, side: "debit" };
}

/** A reservation that comes again is answered as the first time, as far as it still holds. */
function outcomeAgain(
  leg: LegRecord,
  asked: Pick<Reserve, "wallet" | "asset" | "amount">,
): Outcome {
  if (leg.wallet === null || leg.state === "voided") return refuse("leg_voided");
  const isSame =
    leg.wallet === asked.wallet && leg.asset === asked.asset && leg.amount === asked.amount;
  if (!isSame) return refuse("leg_differs");
  return leg.refusal === null ? OK : refuse(leg.refusal);
}

/** Forgets what was put in first. */
function trimMap<T>(map: Map<string, T>, sizeMax: number, forgotten: (value: T) => void): void {
  if (map.size <= sizeMax) return;
  for (const [key, value] of map) {
    map.delete(key);
    forgotten(value);
    if (map.size <= sizeMax) return;
  }
}
