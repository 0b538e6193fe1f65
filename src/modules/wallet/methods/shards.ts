import { defineMethod } from "../../../core/method.ts";
import type { Desk } from "../desk/desk.ts";
import { walletWire } from "../types.ts";

export const shards = (desk: Desk) =>
  defineMethod({
    name: "wallet.shards",
    ...walletWire.methods["wallet.shards"],
    summary: "How the shards are, as the node sees them that is asked.",
    access: "operator",
    errors: [],
    transaction: "none",
    async handle() {
      const shards = await Promise.all(
        desk.readers.map(async (reader, shard) => {
          const summary = await reader.summary().catch(() => null);
          const { batch = 0n, wallets = 0, entries = 0 } = summary ?? {};
          return { shard, reachable: summary !== null, batch: String(batch), wallets, entries };
        }),
      );
      return { shards, inFlight: desk.transfers.inFlight, leads: desk.transfers.leads };
    },
  });
