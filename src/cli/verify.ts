import { openDatabase } from "../adapters/db/index.ts";
import { createLog } from "../adapters/log/pino.ts";
import { openHttpRemote } from "../adapters/remote/http.ts";
import { systemClock } from "../adapters/system/clock.ts";
import { systemRandom } from "../adapters/system/random.ts";
import type { Flags } from "../config/config.ts";
import { loadConfig } from "../config/index.ts";
import { createRemoteShards, verifyLedgers } from "../modules/wallet/index.ts";
import { MODULE_NAMES } from "../modules.ts";
import type { Command } from "./command.ts";

export const verify: Command = {
  summary: "add up the ledgers of a database again, and follow their chains",
  async run(flags: Flags) {
    const config = loadConfig(flags, MODULE_NAMES, systemRandom);
    const { database: where, dataFolder, logLevel, shards, shardSecret: secret } = config;
    const clock = systemClock;
    const log = createLog({ level: logLevel });
    await using opened = new AsyncDisposableStack();
    const database = await openDatabase({ url: where.url, dataFolder, poolSize: 2, clock, log });
    opened.defer(() => database.close());
    const remotes = shards.map(({ url }) => openHttpRemote({ url, secret, clock }));
    for (const remote of remotes) opened.defer(() => remote.close());
    const readers = createRemoteShards(remotes).map(({ reader }) => reader);
    const { ledgers, unfinished, elsewhere, findings } = await verifyLedgers(database, readers);
    for (const { shard, wallets, entries, batch } of ledgers) {
      console.log(`shard ${shard}: ${wallets} wallets, ${entries} entries, batch ${batch}`);
    }
    console.log(`${unfinished} transfers are on their way`);
    for (const finding of findings) console.error(finding);
    if (findings.length > 0) throw new Error(`${findings.length} findings`);
    if (elsewhere.length > 0) {
      console.log(
        `Not held against the journal: shards ${elsewhere.join(", ")}. They are processes of ` +
          "their own: start them and set SHARD_ADDRESS_0, SHARD_ADDRESS_1, … as for the service.",
      );
    }
    console.log(elsewhere.length === 0 ? "everything adds up" : "all that is here adds up");
  },
};
