import { openDatabase } from "../adapters/db/index.ts";
import { createLog } from "../adapters/log/pino.ts";
import { systemClock } from "../adapters/system/clock.ts";
import { systemRandom } from "../adapters/system/random.ts";
import type { Flags } from "../config/config.ts";
import { loadConfig } from "../config/index.ts";
import { verifyLedgers } from "../modules/wallet/index.ts";
import { MODULE_NAMES } from "../modules.ts";
import type { Command } from "./command.ts";

export const verify: Command = {
  summary: "add up the ledgers of a database again, and follow their chains",
  async run(flags: Flags) {
    const { database: where, dataFolder, logLevel } = loadConfig(flags, MODULE_NAMES, systemRandom);
    const log = createLog({ level: logLevel });
    const database = await openDatabase({
      url: where.url,
      dataFolder,
      poolSize: 2,
      clock: systemClock,
      log,
    });
    try {
      const { ledgers, unfinished, findings } = await verifyLedgers(database);
      for (const { shard, wallets, entries, batch } of ledgers) {
        console.log(`shard ${shard}: ${wallets} wallets, ${entries} entries, batch ${batch}`);
      }
      console.log(`${unfinished} transfers are on their way`);
      for (const finding of findings) console.error(finding);
      if (findings.length > 0) throw new Error(`${findings.length} findings`);
      console.log("everything adds up");
    } finally {
      await database.close();
    }
  },
};
