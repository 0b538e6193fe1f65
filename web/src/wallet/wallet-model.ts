import { computed, signal } from "@preact/signals";

import { call, codeOf, type Output, subscribe } from "../api.ts";

export type Transaction = Output<"wallet.getTransaction">;
export type Balance = Output<"wallet.balance">;

const PAGE = 50;

/**
 * One wallet, live. The subscription brings its transactions and how they go on, and tells when its
 * state or limit is another; what is in the wallet is read again after each of them.
 */
export class WalletModel {
  readonly walletId: string;
  readonly balance = signal<Balance | undefined>(undefined);
  readonly error = signal<unknown>(undefined);
  /** From the newest, without a gap down to the oldest that is here. */
  readonly transactions = computed(() =>
    [...this.#byId.value.values()].sort((a, b) => (BigInt(a.txId) < BigInt(b.txId) ? 1 : -1)),
  );
  readonly hasOlder = signal(false);
  /** Counts what has happened: whoever reads more of the wallet reads it again when this grows. */
  readonly news = signal(0);
  /** Told of every transaction that is new or has another status. */
  onChange: (transaction: Transaction) => void = () => {};
  readonly #byId = signal<ReadonlyMap<string, Transaction>>(new Map());
  #endWatch: (() => void) | undefined;
  #reading: Promise<void> | undefined;
  #isOutdated = false;

  constructor(walletId: string) {
    this.walletId = walletId;
  }

  open(): void {
    this.close();
    this.error.value = undefined;
    void this.reread();
    const { walletId } = this;
    this.#endWatch = subscribe(
      "wallet.subscribe",
      { walletId },
      {
        onState: ({ transactions, cursor }) => {
          this.#byId.value = new Map(transactions.map((one) => [one.txId, one]));
          this.hasOlder.value = cursor !== null;
          void this.reread();
        },
        onEvent: (type, change) => {
          if (type === "wallet.transaction") this.#take(change);
          void this.reread();
        },
        onError: (error) => {
          this.error.value = error;
        },
      },
    );
  }

  close(): void {
    this.#endWatch?.();
    this.#endWatch = undefined;
  }

  find(txId: string): Transaction | undefined {
    return this.#byId.value.get(txId);
  }

  /** Reads the balance; news that come meanwhile have it read once more. */
  reread(): Promise<void> {
    this.#isOutdated = true;
    this.#reading ??= this.#readWhileOutdated().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async loadOlder(): Promise<void> {
    const { walletId } = this;
    const oldest = this.transactions.peek().at(-1);
    if (oldest === undefined) return;
    const page = { walletId, from: "newest", cursor: oldest.txId, limit: PAGE } as const;
    const { transactions, cursor } = await call("wallet.transactions", page);
    // What a push has brought meanwhile is younger than this answer.
    const older = transactions.map((one) => [one.txId, one] as const);
    this.#byId.value = new Map([...older, ...this.#byId.peek()]);
    this.hasOlder.value = cursor !== null;
  }

  async #readWhileOutdated(): Promise<void> {
    const { walletId } = this;
    while (this.#isOutdated) {
      this.#isOutdated = false;
      try {
        this.balance.value = await call("wallet.balance", { walletId });
        this.news.value += 1;
      } catch (error) {
        // What is shown stays: a lost connection has a banner of its own, and is made again.
        if (this.balance.peek() === undefined || codeOf(error) === "WALLET_NOT_FOUND") {
          this.error.value = error;
        }
      }
    }
  }

  #take(transaction: Transaction): void {
    const known = this.#byId.peek();
    const oldest = this.transactions.peek().at(-1);
    const isAmongOlder =
      this.hasOlder.peek() &&
      oldest !== undefined &&
      BigInt(transaction.txId) < BigInt(oldest.txId);
    if (!isAmongOlder) this.#byId.value = new Map(known).set(transaction.txId, transaction);
    this.onChange(transaction);
  }
}
