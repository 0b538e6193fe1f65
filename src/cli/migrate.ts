import { migrate as applyMigrations, openDatabase } from "../adapters/db/index.ts";
import { createLog } from "../adapters/log/pino.ts";
import { systemClock } from "../adapters/system/clock.ts";
import { systemRandom } from "../adapters/system/random.ts";
import type { Flags } from "../config/config.ts";
import { loadConfig } from "../config/index.ts";
import { MODULE_NAMES } from "../modules.ts";
import type { Command } from "./command.ts";

export const migrate: Command = {
  summary: "bring the database to this version's tables, and say what was done",
  async run(flags: Flags) {
    const { database: where, dataFolder, logLevel } = loadConfig(flags, MODULE_NAMES, systemRandom);
    const database = await openDatabase({
      url: where.url,
      dataFolder,
      poolSize: 1,
      clock: systemClock,
      log: createLog({ level: logLevel }),
    });
    try {
      const applied = await applyMigrations(database, systemRandom);
      for (const name of applied) console.log(`applied ${name}`);
      if (applied.length === 0) console.log("nothing to do: the database is up to date");
    } finally {
      await database.close();
    }
  },
};
