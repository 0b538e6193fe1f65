import { sql } from "kysely";
import type { Database, Tx } from "../../../core/database.ts";
import type { PlaceStore } from "../shard/remote-endpoint.ts";
import type { ShardPlace } from "../shard/remote-protocol.ts";

export function createPlaceStore(database: Database): PlaceStore {
  return {
    find: () => readPlace(database.single()),
    claim: (place) => claim(database, place),
  };
}

async function claim(database: Database, { shard, shards }: ShardPlace) {
  const write = { isolation: "read committed", readOnly: false } as const;
  return database.transaction(write, async (tx) => {
    const { rows } = await sql<{ shard: number }>`
      select shard from wallet_shards where shard <> ${shard} limit 1
    `.execute(tx.as());
    if (rows[0] !== undefined) return { keepsShard: rows[0].shard };
    await sql`
      insert into wallet_place (shard, shards) values (${shard}, ${shards})
      on conflict (only_row) do nothing
    `.execute(tx.as());
    const place = await readPlace(tx);
    if (place === null) throw new Error("The place was fixed just now.");
    return place;
  });
}

async function readPlace(tx: Tx): Promise<ShardPlace | null> {
  const { rows } = await sql<ShardPlace>`select shard, shards from wallet_place`.execute(tx.as());
  return rows[0] ?? null;
}
