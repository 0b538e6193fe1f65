import { sql } from "kysely";
import { createEventLog, migrate, openDatabase } from "../../src/adapters/db/index.ts";
import { createLog } from "../../src/adapters/log/pino.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { systemRandom } from "../../src/adapters/system/random.ts";

/**
 * A process to be killed. `write` appends events to the topic `crash`, two a transaction, and
 * prints each transaction's last offset once it is committed. `migrate` prints a line in the
 * middle of a migration, and stays there.
 *
 * Arguments: `write` or `migrate`, the data folder, and the URL of a server or nothing.
 */
const [task, dataFolder = "", url] = process.argv.slice(2);
const database = await openDatabase({
  url,
  dataFolder,
  poolSize: 1,
  clock: systemClock,
  log: createLog({ level: "silent" }),
});
await migrate(database, systemRandom);
if (task === "migrate") await stayInMigration();
else await writeForever();

async function stayInMigration(): Promise<void> {
  await database.migration(async (tx) => {
    await sql`create table half_done (id integer)`.execute(tx.as());
    process.stdout.write("in the middle\n");
    for (;;) await sql`insert into half_done values (1)`.execute(tx.as());
  });
}

async function writeForever(): Promise<void> {
  const eventLog = createEventLog();
  const event = { topic: "crash", type: "test.happened", data: { text: "x".repeat(500) } };
  const options = { isolation: "read committed", readOnly: false } as const;
  for (;;) {
    const events = await database.transaction(options, (tx) =>
      eventLog.append(tx, [event, event], systemClock.nowMs()),
    );
    process.stdout.write(`${events.at(-1)?.offset}\n`);
  }
}
