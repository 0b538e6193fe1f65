import assert from "node:assert/strict";
import { test } from "node:test";
import { runInThisContext } from "node:vm";
import { sql } from "kysely";
import {
  CommitUnknown,
  type Database,
  DatabaseUnavailable,
  sqlStateOf,
  type Tx,
} from "../../../src/core/database.ts";
import { sharedSession } from "../shared-session.ts";
import type { FaultRates } from "./faults.ts";
import { guardMachine } from "./guard.ts";
import { type NodePorts, Simulation } from "./simulation.ts";

const WRITING = { isolation: "read committed", readOnly: false } as const;

/** Two nodes that only hand out their ports. */
async function startWorld(rates: Partial<FaultRates> = {}) {
  const session = await sharedSession();
  await session.reset();
  const simulation = new Simulation<NodePorts>({
    seed: 1,
    session,
    nodes: ["a", "b"],
    boot: async (ports) => ports,
    heard: () => {},
  });
  await simulation.start("a");
  await simulation.start("b");
  Object.assign(simulation.rates, rates);
  const [a, b] = simulation.alive.map(({ program }) => program);
  if (a === undefined || b === undefined) throw new Error("There are two nodes.");
  /** What becomes of something, within so much simulated time. */
  const within = async <T>(ms: number, promise: Promise<T>): Promise<T | "nothing"> => {
    let outcome: PromiseSettledResult<T> | undefined;
    void Promise.allSettled([promise]).then(([settled]) => {
      outcome = settled;
    });
    let isLate = false;
    simulation.scheduler.after(ms, "the end of the wait", () => {
      isLate = true;
    });
    await simulation.runUntil(() => outcome !== undefined || isLate);
    if (outcome?.status === "rejected") throw outcome.reason;
    return outcome === undefined ? "nothing" : outcome.value;
  };
  const topics = async () => {
    const { rows } = await session.query("select topic from stoa_topics order by topic");
    return rows.map(({ topic }) => String(topic));
  };
  return { simulation, a, b, within, topics };
}

function add(database: Database, topic: string, then: (tx: Tx) => Promise<void> = async () => {}) {
  return database.transaction(WRITING, async (tx) => {
    await sql`insert into stoa_topics (topic, "offset") values (${topic}, 1)`.execute(tx.as());
    await then(tx);
    return topic;
  });
}

test("without faults a transaction is answered, and has happened", async () => {
  const { a, within, topics } = await startWorld();
  assert.equal(await within(1_000, add(a.database, "one")), "one");
  assert.deepEqual(await topics(), ["one"]);
});

test("a commit whose answer is lost has happened", async () => {
  const { a, within, topics } = await startWorld({ commitUnknown: 1 });
  await assert.rejects(within(1_000, add(a.database, "one")), CommitUnknown);
  assert.deepEqual(await topics(), ["one"]);
});

test("a commit that is lost on its way has not happened, and looks the same", async () => {
  const { a, within, topics } = await startWorld({ commitLost: 1 });
  await assert.rejects(within(1_000, add(a.database, "one")), CommitUnknown);
  assert.deepEqual(await topics(), []);
});

test("a connection that breaks takes its transaction with it, and the next one is free", async () => {
  const { simulation, a, b, within, topics } = await startWorld({ statementLost: 1 });
  await assert.rejects(within(1_000, add(a.database, "one")), DatabaseUnavailable);
  simulation.rates.statementLost = 0;
  assert.equal(await within(1_000, add(b.database, "two")), "two");
  assert.deepEqual(await topics(), ["two"]);
});

test("a conflict is one of the database's own errors", async () => {
  const { a, within, topics } = await startWorld({ statementConflict: 1 });
  await assert.rejects(within(1_000, add(a.database, "one")), (error) =>
    ["40001", "40P01"].includes(sqlStateOf(error) ?? ""),
  );
  assert.deepEqual(await topics(), []);
});

test("a node that dies leaves nothing of its transaction, and never goes on", async () => {
  const { simulation, a, b, within, topics } = await startWorld();
  const died = add(a.database, "one", async () => {
    simulation.crash("a", 100);
  });
  assert.equal(await within(5_000, died), "nothing");
  assert.equal(await within(1_000, add(b.database, "two")), "two");
  assert.deepEqual(await topics(), ["two"]);
  assert.equal(simulation.alive.length, 2, "it has started anew");
});

test("a transaction that others wait for too long keeps them out of the database", async () => {
  const { simulation, a, b, within } = await startWorld();
  const held = add(a.database, "one", () => simulation.scheduler.sleep(4_000, "held"));
  held.catch(() => {});
  await within(100, new Promise(() => {}));
  await assert.rejects(within(3_000, add(b.database, "two")), /No connection to the database/);
});

test("the bus loses, doubles and cuts off, but never for the sender itself", async () => {
  const { simulation, a, b, within } = await startWorld();
  const heard: string[] = [];
  a.bus.subscribe("events", (message) => heard.push(`a ${message}`));
  b.bus.subscribe("events", (message) => heard.push(`b ${message}`));
  const publish = async (message: string) => {
    heard.length = 0;
    a.bus.publish("events", message);
    await within(5_000, new Promise(() => {}));
    return heard.sort().join();
  };
  assert.equal(await publish("plain"), "a plain,b plain");
  simulation.rates.busDrop = 1;
  assert.equal(await publish("dropped"), "a dropped");
  Object.assign(simulation.rates, { busDrop: 0, busDouble: 1 });
  assert.equal(await publish("twice"), "a twice,a twice,b twice,b twice");
  simulation.rates.busDouble = 0;
  simulation.bus.cutOff("b", 1_000);
  assert.equal(await publish("cut"), "a cut");
  assert.equal(await publish("again"), "a again,b again");
});

test("a paused node hears everything later, in order", async () => {
  const { simulation, a, b, within } = await startWorld();
  const heard: string[] = [];
  b.bus.subscribe("events", (message) => {
    heard.push(`${message} ${simulation.scheduler.elapsedMs >= 500}`);
  });
  b.life.pause(500);
  b.life.clock.after(10, () => heard.push("timer"));
  a.bus.publish("events", "message");
  await within(400, new Promise(() => {}));
  assert.deepEqual(heard, []);
  await within(400, new Promise(() => {}));
  assert.deepEqual(heard, ["message true", "timer"]);
});

test("the product cannot ask the machine for time or chance; others in the process can", () => {
  const call = (text: string, filename: string) => runInThisContext(text, { filename });
  {
    using _guard = guardMachine();
    assert.throws(() => call("Date.now()", "/stoa/src/core/example.ts"), /Date|now was called/);
    assert.throws(() => call("Math.random()", "/stoa/src/modules/x/y.ts"), /random was called/);
    assert.equal(typeof call("Date.now()", "/stoa/src/adapters/system/clock.ts"), "number");
  }
  assert.equal(typeof call("Date.now()", "/stoa/src/core/example.ts"), "number");
});
