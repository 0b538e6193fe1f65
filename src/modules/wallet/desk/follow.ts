import type { Clock } from "../../../core/clock.ts";
import type { Tx } from "../../../core/database.ts";
import { EVENTS_KEPT_MS } from "../../../core/limits.ts";
import type { Scope, UnitOfWork } from "../../../core/unit-of-work.ts";
import type { TransferRecord } from "../orchestrator/transfer.ts";
import { hasInterest, listInteresting, saveInterest } from "../store/interest.ts";
import type { Listings } from "./listings.ts";
import { viewTransfer } from "./views.ts";

/** Somebody who follows a wallet is expected to come back for so long. */
const INTEREST_MS = 2 * EVENTS_KEPT_MS;

export function walletTopic(wallet: string): string {
  return `wallet.${wallet}`;
}

export interface FollowingParts {
  readonly work: () => UnitOfWork;
  readonly clock: Clock;
  readonly listings: Listings;
}

/**
 * Who hears of transfers and of wallets' states. Writing each change down for everybody would cost
 * more than the transfer; so it is done for the wallets that somebody follows, and for as long
 * after as he may come back for what he missed.
 */
export class Following {
  readonly #parts: FollowingParts;
  #known: { readonly interest: bigint; readonly wallets: ReadonlySet<string> } | undefined;

  constructor(parts: FollowingParts) {
    this.#parts = parts;
  }

  /** Changes of the wallet are written down from here on. Before its snapshot is read. */
  async begin(wallet: string): Promise<void> {
    const { work, clock } = this.#parts;
    const nowMs = clock.nowMs();
    const isKnown = await work().single((tx) => hasInterest(tx, wallet, nowMs + EVENTS_KEPT_MS));
    if (isKnown) return;
    await work().write(({ tx }) => saveInterest(tx, wallet, nowMs + INTEREST_MS), {
      repeatable: true,
    });
  }

  /** The interest at which nobody follows anything, as far as this node knows. */
  quietAt(): bigint | undefined {
    return this.#known?.wallets.size === 0 ? this.#known.interest : undefined;
  }

  /**
   * Emits what followers of these transfers' wallets are to hear, in the transaction that does it.
   */
  async announce(
    { tx, events }: Scope,
    changed: readonly TransferRecord[],
    interest: bigint,
  ): Promise<void> {
    const followed = await this.#followed(tx, interest);
    if (followed.size === 0) return;
    for (const transfer of changed) {
      for (const wallet of new Set([transfer.from, transfer.to])) {
        if (!followed.has(wallet)) continue;
        const scale = await this.#parts.listings.scaleOf(transfer.asset, tx);
        const view = viewTransfer(transfer, wallet, scale);
        events.emit(walletTopic(wallet), "wallet.transaction", view);
      }
    }
  }

  /** The same of a wallet whose shard has it another way by now. */
  async announceChange({ tx, events }: Scope, wallet: string): Promise<void> {
    // Whoever begins to follow after this look reads what has changed.
    if (!(await hasInterest(tx, wallet, this.#parts.clock.nowMs()))) return;
    events.emit(walletTopic(wallet), "wallet.changed", { walletId: wallet });
  }

  async #followed(tx: Tx, interest: bigint): Promise<ReadonlySet<string>> {
    if (this.#known?.interest !== interest) {
      const wallets = new Set(await listInteresting(tx, this.#parts.clock.nowMs()));
      this.#known = { interest, wallets };
    }
    return this.#known.wallets;
  }
}
