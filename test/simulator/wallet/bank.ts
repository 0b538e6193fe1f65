import type { ChoreOperation } from "../../../src/modules/wallet/orchestrator/chore.ts";
import type { Order } from "../../../src/modules/wallet/orchestrator/journal.ts";
import type {
  Kind,
  RepeatKey,
  TransferRecord,
} from "../../../src/modules/wallet/orchestrator/transfer.ts";
import type { Dice } from "../engine/dice.ts";

const OWNER = "11111111-1111-7111-8111-111111111111";
/** Assets; almost everybody has the first. */
const ASSETS = ["COIN", "GOLD"] as const;
/** How far a system account may go below zero. */
const SYSTEM_MIN = -(10n ** 15n);
const FUNDS_MAX = 40;
/** Numbers of wallets that are there later, or never. */
const NEWCOMERS_FROM = 900;
const NEWCOMERS = 6;

/** When it was asked for, and until when it may take. */
export interface Times {
  readonly nowMs: number;
  readonly deadlineMs: number;
}

type Opening = ChoreOperation & { readonly verb: "open" };

/** A wallet as those know it who ask for transfers. */
interface Account {
  readonly wallet: string;
  readonly shard: number;
  readonly opening: Opening;
}

/** By which a wallet's grant is known. */
export const grantKey = (wallet: string): string => `grant:${wallet}`;

/** The wallets there are, and what can be asked of them. */
export class Bank {
  readonly accounts: readonly Account[];
  readonly #shards: number;

  constructor(dice: Dice, shards: number) {
    this.#shards = shards;
    const count = shards * 2 + dice.below(shards * 2);
    const open = (id: number, minBalance: bigint, asset: string): Account => {
      const wallet = String(id);
      const limit = { minBalance: String(minBalance), grant: null };
      return { wallet, shard: id % shards, opening: { verb: "open", wallet, asset, ...limit } };
    };
    const overdraft = () => (dice.chance(0.3) ? -BigInt(dice.below(20)) : 0n);
    this.accounts = [
      open(0, SYSTEM_MIN, ASSETS[0]),
      ...Array.from({ length: count }, (_, at) =>
        open(at + 1, overdraft(), dice.chance(0.05) ? ASSETS[1] : ASSETS[0]),
      ),
    ];
  }

  /** Money for everybody from the system's account. */
  issues(dice: Dice, nowMs: number): Order[] {
    const times = { nowMs, deadlineMs: nowMs + 60_000 };
    return this.accounts.slice(1).map(({ wallet }) => {
      const repeat = { key: `issue ${wallet}`, hash: "issue" };
      const amount = BigInt(1 + dice.below(FUNDS_MAX));
      return this.order("issue", repeat, times, [["0", wallet, amount]]);
    });
  }

  /** A wallet that is opened while others are at work, perhaps again. */
  drawNewcomer(dice: Dice): Account {
    const id = NEWCOMERS_FROM + dice.below(NEWCOMERS);
    const wallet = String(id);
    const grant = dice.chance(0.6) ? { owner: OWNER, amount: "10" } : null;
    const opening = { verb: "open", wallet, asset: ASSETS[0], minBalance: "0", grant } as const;
    return { wallet, shard: id % this.#shards, opening };
  }

  /** What a new wallet is given, however often that is asked for. */
  grant(wallet: string, amount: string, nowMs: number): Order {
    const repeat = { key: grantKey(wallet), hash: "grant" };
    const times = { nowMs, deadlineMs: nowMs + 60_000 };
    return this.order("issue", repeat, times, [["0", wallet, BigInt(amount)]]);
  }

  draw(dice: Dice, kind: "transfer" | "hold" | "bundle", key: string | null, times: Times): Order {
    const count = kind === "bundle" ? 2 + dice.below(3) : 1;
    const parts = Array.from({ length: count }, () => this.#drawPart(dice));
    const repeat = key === null ? null : { key, hash: String(dice.next()) };
    const what = kind === "hold" ? "hold" : "transfer";
    return this.order(what, repeat, times, parts);
  }

  /** Takes back what this transfer has done. */
  reversal(of: TransferRecord, key: string, times: Times): Order {
    const { id, from, to, amount } = of;
    const repeat = { key, hash: `reversal of ${id}` };
    const { transfers } = this.order("reversal", repeat, times, [[to, from, amount]]);
    return { transfers: transfers.map((terms) => ({ ...terms, reverses: id })) };
  }

  #drawPart(dice: Dice): [string, string, bigint] {
    const [from, to] = dice.sample(this.accounts.slice(1), 2);
    const stranger = String(NEWCOMERS_FROM + dice.below(NEWCOMERS));
    const recipient = dice.chance(0.06) ? stranger : (to?.wallet ?? "1");
    return [from?.wallet ?? "1", recipient, BigInt(1 + dice.below(15))];
  }

  /** Transfers that are decided together, or one. */
  order(
    kind: Kind,
    repeat: RepeatKey | null,
    { nowMs: initiatedMs, deadlineMs }: Times,
    parts: readonly (readonly [from: string, to: string, amount: bigint])[],
  ): Order {
    const shardOf = (wallet: string) => Number(BigInt(wallet) % BigInt(this.#shards));
    const transfers = parts.map(([from, to, amount], at) => ({
      kind,
      owner: OWNER,
      repeat: at === 0 ? repeat : null,
      from,
      to,
      fromShard: shardOf(from),
      toShard: shardOf(to),
      asset: ASSETS[0],
      amount,
      memo: null,
      reverses: null,
      deadlineMs,
      initiatedMs,
    }));
    return { transfers };
  }
}
