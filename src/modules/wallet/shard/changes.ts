import type { ClearingRecord, EntryRecord, LegKey, LegRecord, WalletRecord } from "./records.ts";

/** What the operations of one batch have changed. */
export interface BookChanges {
  readonly newWallets: readonly WalletRecord[];
  readonly changedWallets: ReadonlyArray<WalletRecord & { readonly versionBefore: number }>;
  readonly newLegs: readonly LegRecord[];
  readonly changedLegs: readonly LegRecord[];
  readonly entries: readonly EntryRecord[];
  readonly clearing: readonly ClearingRecord[];
}

export function legKey({ transfer, side }: LegKey): string {
  return side === "debit" ? `-${transfer}` : `+${transfer}`;
}

export function clearingKey({ peer, asset }: Pick<ClearingRecord, "peer" | "asset">): string {
  return `${peer} ${asset}`;
}

/** What a batch has changed; of what changed twice, the last. */
export class Changes {
  readonly entries: EntryRecord[] = [];
  readonly clearing = new Map<string, ClearingRecord>();
  readonly #newWallets = new Map<string, WalletRecord>();
  readonly #wallets = new Map<string, WalletRecord & { versionBefore: number }>();
  readonly #newLegs = new Map<string, LegRecord>();
  readonly #legs = new Map<string, LegRecord>();

  get isEmpty(): boolean {
    const { size } = this.#newWallets;
    return size + this.#wallets.size + this.#newLegs.size + this.#legs.size === 0;
  }

  made(wallet: WalletRecord): void {
    this.#newWallets.set(wallet.wallet, wallet);
  }

  wallet(wallet: WalletRecord, versionBefore: number): void {
    const id = wallet.wallet;
    if (this.#newWallets.has(id)) {
      this.#newWallets.set(id, wallet);
    } else {
      const before = this.#wallets.get(id)?.versionBefore ?? versionBefore;
      this.#wallets.set(id, { ...wallet, versionBefore: before });
    }
  }

  leg(leg: LegRecord, isNew: boolean): void {
    const name = legKey(leg);
    if (isNew || this.#newLegs.has(name)) this.#newLegs.set(name, leg);
    else this.#legs.set(name, leg);
  }

  all(): BookChanges {
    return {
      newWallets: [...this.#newWallets.values()],
      changedWallets: [...this.#wallets.values()],
      newLegs: [...this.#newLegs.values()],
      changedLegs: [...this.#legs.values()],
      entries: this.entries,
      clearing: [...this.clearing.values()],
    };
  }
}
