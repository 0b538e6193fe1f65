import { type Selectable, sql } from "kysely";
import type { Tx } from "../../../core/database.ts";
import { textColumn } from "./columns.ts";
import type { WalletTables } from "./tables.ts";

/** Whose wallet it is and where it lives; none of it ever changes but the name. */
export interface Listing {
  readonly wallet: string;
  readonly owner: string;
  readonly asset: string;
  readonly shard: number;
  readonly name: string;
  readonly createdAtMs: number;
}

export interface AssetRecord {
  readonly code: string;
  readonly name: string;
  readonly scale: number;
}

type Row = Selectable<WalletTables["wallet_directory"]>;

function toListing({ created_at: createdAt, ...row }: Row): Listing {
  return { ...row, createdAtMs: createdAt.getTime() };
}

export async function findListings(tx: Tx, wallets: readonly string[]): Promise<Listing[]> {
  const { rows } = await sql<Row>`
    -- prepared: wallet_find_listings
    -- One by one, with the index: planned over an empty table, a join reads the whole of it.
    select directory.* from unnest(${textColumn(wallets, (wallet) => wallet)}::text[])
        as given (wallet)
      cross join lateral (
        select * from wallet_directory where wallet = given.wallet limit 1
      ) as directory
  `.execute(tx.as());
  return rows.map(toListing);
}

export async function findListing(tx: Tx, wallet: string): Promise<Listing | null> {
  const row = await tx
    .as<WalletTables>()
    .selectFrom("wallet_directory")
    .selectAll()
    .where("wallet", "=", wallet)
    .executeTakeFirst();
  return row === undefined ? null : toListing(row);
}

/** A person's wallets, the oldest first. */
export async function listOwned(tx: Tx, owner: string, limit: number): Promise<Listing[]> {
  const rows = await tx
    .as<WalletTables>()
    .selectFrom("wallet_directory")
    .selectAll()
    .where("owner", "=", owner)
    .orderBy("created_at")
    .orderBy("wallet")
    .limit(limit)
    .execute();
  return rows.map(toListing);
}

/** @returns false when the number is somebody's already */
export async function insertListing(tx: Tx, listing: Listing): Promise<boolean> {
  const { createdAtMs, ...row } = listing;
  const { numInsertedOrUpdatedRows } = await tx
    .as<WalletTables>()
    .insertInto("wallet_directory")
    .values({ ...row, created_at: new Date(createdAtMs) })
    .onConflict((conflict) => conflict.column("wallet").doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

export async function findAsset(tx: Tx, code: string): Promise<AssetRecord | null> {
  const row = await tx
    .as<WalletTables>()
    .selectFrom("wallet_assets")
    .selectAll()
    .where("code", "=", code)
    .executeTakeFirst();
  return row ?? null;
}

export async function listAssets(tx: Tx, limit: number): Promise<AssetRecord[]> {
  return tx
    .as<WalletTables>()
    .selectFrom("wallet_assets")
    .selectAll()
    .orderBy("code")
    .limit(limit)
    .execute();
}

/** @returns false when there is one of this code with another scale */
export async function saveAsset(tx: Tx, asset: AssetRecord): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .as<WalletTables>()
    .insertInto("wallet_assets")
    .values(asset)
    .onConflict((conflict) =>
      conflict
        .column("code")
        .doUpdateSet({ name: asset.name })
        .where("wallet_assets.scale", "=", asset.scale),
    )
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}
