import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { systemClock } from "../adapters/system/clock.ts";
import { systemRandom } from "../adapters/system/random.ts";
import { type Database, DatabaseUnavailable, type Tx } from "./database.ts";
import type { EventLog } from "./event-log.ts";
import { UnitOfWork } from "./unit-of-work.ts";

const tx: Tx = { as: () => assert.fail("nothing is queried here") };

function work(): UnitOfWork {
  const database = { single: () => tx } as Partial<Database> as Database;
  return new UnitOfWork({
    database,
    eventLog: {} as Partial<EventLog> as EventLog,
    eventSchemas: new Map(),
    publish: () => {},
    signal: () => {},
    clock: systemClock,
    random: systemRandom,
  });
}

describe("a read of one query", () => {
  test("is tried again when the connection broke", async () => {
    let tries = 0;
    const answer = await work().single(async (given) => {
      assert.equal(given, tx);
      tries += 1;
      if (tries < 3) throw new DatabaseUnavailable("The connection broke.");
      return "here";
    });
    assert.deepEqual([answer, tries], ["here", 3]);
  });

  test("ends as unavailable when the database stays away", async () => {
    const reading = work().single(async () => {
      throw new DatabaseUnavailable("The disk is full.", { passing: false });
    });
    await assert.rejects(reading, { code: "UNAVAILABLE", kind: "unavailable" });
  });

  test("passes other errors through at once", async () => {
    const cause = new Error("a mistake");
    let tries = 0;
    const reading = work().single(async () => {
      tries += 1;
      throw cause;
    });
    await assert.rejects(reading, cause);
    assert.equal(tries, 1);
  });
});
