import { createEventLog, migrate, openDatabase } from "../../src/adapters/db/index.ts";
import { createLog } from "../../src/adapters/log/pino.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { systemRandom } from "../../src/adapters/system/random.ts";

/**
 * A process to be killed: appends events to the topic `crash` of the data folder in its first
 * argument, two a transaction, and prints each transaction's last offset once it is committed.
 */
const [dataFolder = ""] = process.argv.slice(2);
const database = await openDatabase({
  url: undefined,
  dataFolder,
  poolSize: 1,
  clock: systemClock,
  log: createLog({ level: "silent" }),
});
await migrate(database, systemRandom);
const eventLog = createEventLog();
const event = { topic: "crash", type: "test.happened", data: { text: "x".repeat(500) } };
for (;;) {
  const events = await database.transaction(
    { isolation: "read committed", readOnly: false },
    (tx) => eventLog.append(tx, [event, event], systemClock.nowMs()),
  );
  process.stdout.write(`${events.at(-1)?.offset}\n`);
}
