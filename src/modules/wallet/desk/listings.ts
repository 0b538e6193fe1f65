import type { Tx } from "../../../core/database.ts";
import type { UnitOfWork } from "../../../core/unit-of-work.ts";
import { GroupCommit } from "../orchestrator/group-commit.ts";
import { type AssetRecord, findAsset, findListings, type Listing } from "../store/directory.ts";

/** Wallets and assets remembered. */
const REMEMBERED_MAX = 100_000;
/** Wallets looked up in one query. */
const LOOKED_UP_MAX = 1_000;

/** A wallet with what is needed to count in it. */
export interface Listed extends Listing {
  readonly scale: number;
}

/**
 * Whose a wallet is and what it counts in, from memory: neither ever changes. Only what there is is
 * remembered, because a number that is free now may be taken the next moment.
 */
export class Listings {
  readonly #work: () => UnitOfWork;
  readonly #wallets = new Map<string, Listed>();
  readonly #assets = new Map<string, AssetRecord>();
  readonly #lookups: GroupCommit<string, Listing | null>;

  constructor(work: () => UnitOfWork) {
    this.#work = work;
    this.#lookups = new GroupCommit((wallets) => this.#lookUp(wallets), {
      weightOf: () => 1,
      weightMax: LOOKED_UP_MAX,
      // Whoever asks is a call, and of these only so many run at once.
      waitingMax: Number.POSITIVE_INFINITY,
    });
  }

  async find(wallet: string): Promise<Listed | null> {
    const known = this.#wallets.get(wallet);
    if (known !== undefined) return known;
    const listing = await this.#lookups.submit(wallet);
    if (listing === null) return null;
    const listed = { ...listing, scale: await this.scaleOf(listing.asset) };
    if (this.#wallets.size >= REMEMBERED_MAX) {
      const oldest = this.#wallets.keys().next();
      if (!oldest.done) this.#wallets.delete(oldest.value);
    }
    this.#wallets.set(wallet, listed);
    return listed;
  }

  /** What is asked for while others are looked up is one query. */
  async #lookUp(wallets: readonly string[]): Promise<ReadonlyArray<Listing | null>> {
    const found = await this.#work().single((tx) => findListings(tx, [...new Set(wallets)]));
    const byId = new Map(found.map((listing) => [listing.wallet, listing]));
    return wallets.map((wallet) => byId.get(wallet) ?? null);
  }

  /** Digits behind the point of an asset that there is. */
  async scaleOf(code: string, tx?: Tx): Promise<number> {
    const asset = await this.findAsset(code, tx);
    if (asset === null) throw new Error(`A wallet keeps ${code}, which is no asset.`);
    return asset.scale;
  }

  /** @param tx the transaction one is in, if one is: there may be no other connection */
  async findAsset(code: string, tx?: Tx): Promise<AssetRecord | null> {
    const known = this.#assets.get(code);
    if (known !== undefined) return known;
    const asset = await (tx === undefined
      ? this.#work().single((single) => findAsset(single, code))
      : findAsset(tx, code));
    if (asset !== null) this.#assets.set(code, asset);
    return asset;
  }
}
