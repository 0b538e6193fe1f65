import assert from "node:assert/strict";
import { fraction } from "../../src/core/random.ts";
import { verifyLedgers } from "../../src/modules/wallet/desk/verify.ts";
import type { Transaction } from "../../src/modules/wallet/types.ts";
import type { CallLedger, Door, KeptCall } from "./call-ledger.ts";
import type { DatabasePlace } from "./database.ts";
import { type Call, PERSON_PASSWORD } from "./in-process.ts";
import { lasting } from "./lasting.ts";
import { callOver } from "./over-http.ts";
import { createSeededRandom } from "./seeded-random.ts";
import { waitFor } from "./wait-for.ts";
import { readCut } from "./wallet-cut.ts";
import { newWalletNumber, openWallet } from "./wallet-funds.ts";

/**
 * The bank of Jepsen's tests: customers who send each other small amounts among a few wallets that
 * lie on all shards, and read meanwhile. Whatever fails, no money comes or goes, nothing that was
 * acknowledged is lost, and everything ends.
 */

const WALLETS = 8;
/** In the smallest unit, as every new wallet is given. */
const GRANT = 100_000n;
const TOTAL = GRANT * BigInt(WALLETS);
const AMOUNT_MAX = 5;
/** Now and then more is asked for than anybody has. */
const TOO_MUCH = { amount: 100_000, share: 0.05 };
const READS_SHARE = 0.1;
/** Between two calls of a customer: it is the faults that are to be many, not the payments. */
const PACE_MS = 20;
/** Of the calls that were acknowledged, so many are sent again in the end. */
const REPEATED_MAX = 20;
const ENDS_WITHIN_MS = 30_000;
const PAGE = 100;

export interface BankOptions {
  /** Where calls go now. */
  readonly url: () => string;
  readonly ledger: CallLedger;
  readonly seed: string;
  /** How long a customer waits for an answer that decides a call; 0 gives up at once. */
  readonly patienceMs?: number;
}

type Payment = KeptCall<"wallet.transfer">;

/** What became of the payments. */
export interface BankEnds {
  readonly SUCCESSFUL: number;
  readonly INVALID: number;
  readonly FAILED: number;
  /** The longest that one took from its acceptance to its end, as the service says. */
  readonly longestMs: number;
}

/** As a client of document 004 pays. */
const DOCUMENT: Door<"wallet.transfer"> = {
  path: "/api/user/do_transaction",
  body: ({ fromId, toId, amount }) => ({ from_id: fromId, to_id: toId, amount }),
  answer(body) {
    const { TxID: txId, status } = body as { TxID: string; status: "PENDING" };
    return { txId, status };
  },
};

export class Bank {
  readonly #options: BankOptions;
  readonly #bearer: string;
  readonly #wallets: readonly string[];
  #runs = 0;

  private constructor(options: BankOptions, bearer: string, wallets: readonly string[]) {
    this.#options = options;
    this.#bearer = bearer;
    this.#wallets = wallets;
  }

  /** Opens the wallets of somebody new, over all shards. */
  static async open(options: BankOptions): Promise<Bank> {
    const number = newWalletNumber();
    const register = callOver(options.url());
    const username = `bank-${number}`;
    const { token } = await register("auth.register", { username, password: PERSON_PASSWORD });
    const call = callOver(options.url(), token);
    const numbers = Array.from({ length: WALLETS }, (_, at) => `${number}${at}`);
    return new Bank(options, token, await Promise.all(numbers.map((one) => openWallet(call, one))));
  }

  get #call(): Call {
    return callOver(this.#options.url(), this.#bearer);
  }

  /** One customer a wallet, each one call after the other; until the signal, or a failure. */
  async run(signal: AbortSignal): Promise<void> {
    const { seed } = this.#options;
    this.#runs += 1;
    await Promise.all(
      this.#wallets.map(async (fromId, at) => {
        const random = createSeededRandom(`${seed}/${this.#runs}/${at}`);
        const others = this.#wallets.filter((one) => one !== fromId);
        while (!signal.aborted) {
          const toId = others[Math.floor(fraction(random) * others.length)] ?? "";
          const isTooMuch = fraction(random) < TOO_MUCH.share;
          const some = 1 + Math.floor(fraction(random) * AMOUNT_MAX);
          const amount = isTooMuch ? TOO_MUCH.amount : some;
          const door = fraction(random) < 0.5 ? DOCUMENT : undefined;
          if (!(await this.#pay({ fromId, toId, amount }, door))) return;
          await lasting(PACE_MS);
          if (fraction(random) < READS_SHARE) await this.#look(fromId);
        }
      }),
    );
  }

  async #pay(input: Payment["input"], door: Payment["door"]): Promise<boolean> {
    const { ledger, patienceMs = 0 } = this.#options;
    const call = await ledger.ask("wallet.transfer", input, this.#bearer, { patienceMs, door });
    return call.decision !== undefined;
  }

  /** Once it is seen to be successful, the balance has it; and it is never below zero. */
  async #look(walletId: string): Promise<void> {
    const balance = await this.#call("wallet.balance", { walletId }).catch(() => undefined);
    if (balance !== undefined) assert.match(balance.posted, /^\d/, `${walletId} is below zero`);
  }

  /**
   * Decides what is open, waits until everything has ended, and holds what is there against what
   * was said: all of it, and nothing else.
   */
  async check(): Promise<BankEnds> {
    const { ledger } = this.#options;
    await ledger.settle(ENDS_WITHIN_MS);
    assert.deepEqual(ledger.wrongs, []);
    const ended = await this.#whenEnded();
    const payments = ledger.acknowledged as unknown as Payment[];
    assert.equal(payments.length, ledger.calls.length, "every payment is accepted");
    const promised = new Map(payments.map((call) => [idOf(call), call]));
    assert.equal(promised.size, payments.length, "one number for two payments");
    assert.deepEqual([...ended.keys()].sort(), [...promised.keys()].sort());
    for (const [txId, { walletId, peerId, amount }] of ended) {
      const { fromId, toId, amount: asked } = promised.get(txId)?.input ?? {};
      const whole = `-${asked}.00`;
      assert.deepEqual([walletId, peerId, amount], [fromId, toId, whole]);
    }
    await this.#checkBalances(ended.values());
    for (const payment of payments.slice(-REPEATED_MAX)) await this.#repeat(payment);
    return endsOf([...ended.values()]);
  }

  /** Waits until nothing is on its way, as far as the latest of each wallet tell. */
  async #rest(): Promise<void> {
    const isAtRest = async () => {
      const pages = await Promise.all(
        this.#wallets.map((walletId) =>
          this.#call("wallet.transactions", { walletId, from: "newest", limit: PAGE }),
        ),
      );
      const latest = pages.flatMap(({ transactions }) => transactions);
      return latest.every(({ finishedAtMs }) => finishedAtMs !== null);
    };
    await waitFor(isAtRest, { what: "every payment has ended", timeoutMs: ENDS_WITHIN_MS });
  }

  /** Every payment as its payer sees it, once all of them have ended. */
  async #whenEnded(): Promise<Map<string, Transaction>> {
    await this.#rest();
    const pages = await Promise.all(this.#wallets.map((wallet) => this.#transactionsOf(wallet)));
    for (const { txId, finishedAtMs } of pages.flat()) {
      assert.ok(finishedAtMs !== null, `${txId} has not ended`);
    }
    const isPaid = ({ kind, amount }: Transaction) => kind === "transfer" && amount.startsWith("-");
    return new Map(
      pages
        .flat()
        .filter(isPaid)
        .map((payment) => [payment.txId, payment]),
    );
  }

  async #transactionsOf(walletId: string): Promise<Transaction[]> {
    const all: Transaction[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const input = { walletId, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
      const page = await this.#call("wallet.transactions", input);
      all.push(...page.transactions);
      ({ cursor } = page);
    }
    return all;
  }

  async #checkBalances(payments: Iterable<Transaction>): Promise<void> {
    const expected = new Map(this.#wallets.map((wallet) => [wallet, GRANT]));
    for (const { status, walletId, peerId, amount } of payments) {
      const moved = BigInt(amount.replace(".", ""));
      assert.ok(status === "SUCCESSFUL" || status === "INVALID" || status === "FAILED");
      if (status !== "SUCCESSFUL") continue;
      expected.set(walletId, (expected.get(walletId) ?? 0n) + moved);
      expected.set(peerId ?? "", (expected.get(peerId ?? "") ?? 0n) - moved);
    }
    const { wallets } = await this.#call("wallet.list", {});
    const found = wallets.map(({ walletId, posted, held }) => {
      assert.equal(held, "0.00");
      return [walletId, BigInt(posted.replace(".", ""))] as const;
    });
    assert.deepEqual(new Map(found.toSorted()), new Map([...expected].toSorted()));
    assert.equal(
      found.reduce((sum, [, posted]) => sum + posted, 0n),
      TOTAL,
    );
  }

  async #repeat(payment: Payment): Promise<void> {
    const again = { ...payment, decision: undefined } as Payment;
    const { ledger } = this.#options;
    const isDecided = () => ledger.send(again);
    await waitFor(isDecided, { what: "a repeat is answered", timeoutMs: ENDS_WITHIN_MS });
    assert.equal(idOf(again), idOf(payment), "a repeat is another payment");
  }

  /** What there is in all of it, whatever is under way; see {@link readCut}. */
  async checkCut(journal: DatabasePlace, ledgers: readonly DatabasePlace[]): Promise<void> {
    const { total, least, findings } = await readCut(journal, ledgers, this.#wallets);
    assert.deepEqual(findings, []);
    assert.equal(total, TOTAL, "money came or went");
    assert.ok(least >= 0n, "a wallet is below zero");
  }
}

function endsOf(payments: readonly Transaction[]): BankEnds {
  const count = (status: string) => payments.filter((one) => one.status === status).length;
  const tookMs = payments.map((one) => (one.finishedAtMs ?? 0) - one.initiatedAtMs);
  return {
    SUCCESSFUL: count("SUCCESSFUL"),
    INVALID: count("INVALID"),
    FAILED: count("FAILED"),
    longestMs: tookMs.reduce((longest, ms) => Math.max(longest, ms), 0),
  };
}

/** With nobody at work, as whoever looks for the cause would find the tables. */
export async function auditLedgers(places: readonly DatabasePlace[]): Promise<void> {
  for (const place of places) {
    const database = await place.openEmpty();
    const { findings, unfinished } = await verifyLedgers(database).finally(() => database.close());
    assert.deepEqual({ findings, unfinished }, { findings: [], unfinished: 0 });
  }
}

function idOf({ decision }: Payment): string {
  assert.ok(decision?.acknowledged);
  return decision.answer.txId;
}
