import assert from "node:assert/strict";
import { after, before, describe, type TestContext, test } from "node:test";
import { createRabbitBus } from "../../src/adapters/bus/rabbitmq.ts";
import { createLog } from "../../src/adapters/log/pino.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { systemRandom } from "../../src/adapters/system/random.ts";
import { EVENTS_CHANNEL } from "../../src/core/bus.ts";
import { type BackgroundLoad, startBackgroundLoad } from "../support/background-load.ts";
import { type BrokerProcess, NO_BROKER, startBrokerProcess } from "../support/broker-process.ts";
import { type DatabasePlace, freshPostgres, SERVER_URL } from "../support/database.ts";
import { send } from "../support/http-client.ts";
import { lasting } from "../support/lasting.ts";
import { callOver } from "../support/over-http.ts";
import { type ServerProcess, startServerProcess } from "../support/server-process.ts";
import { visit, type Watched } from "../support/visitor.ts";
import { waitFor } from "../support/wait-for.ts";

/**
 * A RabbitMQ that goes away between two nodes under load, and comes back: callers notice nothing,
 * watchers on the other node miss nothing, because topics are compared with the database, and the
 * bus is in use again without a hand.
 */

const WATCHERS = 4;
/** Shorter than two heartbeats: the connections outlive it. */
const SILENCE_MS = 4_000;
const DOWN_MS = 1_500;
/** The broker's own start is not in it. */
const RECONNECTS = { what: "both nodes are on the bus", timeoutMs: 30_000 };
const CATCHES_UP = { what: "every watcher sees what is there", timeoutMs: 20_000 };

const skip = SERVER_URL === undefined ? "two nodes need DATABASE_URL" : NO_BROKER;

describe("a RabbitMQ that goes away between two nodes", { skip }, () => {
  let broker: BrokerProcess;
  let place: DatabasePlace;
  let nodes: ServerProcess[];
  before(async () => {
    [broker, place] = await Promise.all([startBrokerProcess(), freshPostgres(SERVER_URL ?? "")]);
    const parts = { dataFolder: place.dataFolder, databaseUrl: place.url, busUrl: broker.url };
    nodes = [await startServerProcess(parts), await startServerProcess(parts)];
    await waitFor(areConnected, RECONNECTS);
  });
  after(async () => {
    for (const node of nodes ?? []) await node.kill();
    await place?.[Symbol.asyncDispose]();
    await broker?.[Symbol.asyncDispose]();
  });

  /** What `/ready` says of the bus, by node; a node without it is ready nevertheless. */
  async function connections(): Promise<boolean[]> {
    const answers = await Promise.all(nodes.map(({ url }) => send(`${url}/ready`)));
    return answers.map((answer) => {
      assert.equal(answer.status, 200, answer.text);
      const { checks } = answer.json() as { checks: { bus: { connected: boolean } } };
      return checks.bus.connected;
    });
  }
  const areConnected = async () => (await connections()).every(Boolean);
  const isAnyConnected = async () => (await connections()).some(Boolean);
  const urlOf = (index: number) => nodes[index]?.url ?? "";

  /** Half of the watchers at each node; calls go to the first one. */
  async function startHouse() {
    const load = await startBackgroundLoad({ url: () => urlOf(0), seed: "bus" });
    const visitors = Array.from({ length: WATCHERS }, (_, i) => visit(() => urlOf(i % 2)));
    const shown = visitors.map(({ watch }) => watch(load.stage.screeningId));
    await waitFor(() => shown.every(({ states }) => states === 1), { what: "all have the map" });
    const close = () => {
      for (const visitor of visitors) visitor[Symbol.dispose]();
    };
    return { load, shown, [Symbol.dispose]: close };
  }

  /** Without the bus a node learns from the database what the other one did. */
  async function secondNodeSeesMore(shown: readonly Watched[]): Promise<void> {
    const elsewhere = shown[1];
    const before = JSON.stringify(elsewhere?.seats);
    const changed = () => JSON.stringify(elsewhere?.seats) !== before;
    await waitFor(changed, { what: "the other node's watcher sees more", timeoutMs: 20_000 });
  }

  async function check(t: TestContext, load: BackgroundLoad, shown: readonly Watched[]) {
    await load.finish();
    const { screeningId } = load.stage;
    const { seats } = await callOver(urlOf(1))("cinema.getScreening", { screeningId });
    const expected = JSON.stringify(sorted(seats));
    const seesAll = (one: Watched) => JSON.stringify(sorted(one.seats)) === expected;
    await waitFor(() => shown.every(seesAll), CATCHES_UP);
    for (const { states, errors } of shown) assert.deepEqual([states, errors], [1, []]);
    const { statuses, acknowledged, slowestMs } = load.ledger;
    t.diagnostic(
      `${acknowledged.length} acknowledged, 0 lost, slowest answer ${Math.round(slowestMs)} ms`,
    );
    assert.deepEqual(
      [...statuses.keys()].filter((status) => status !== 409),
      [200],
    );
  }

  /** Listens beside the nodes, until the first one is heard. */
  async function hearFirstNode(): Promise<void> {
    const parts = { clock: systemClock, random: systemRandom, log: createLog({ level: "silent" }) };
    const bus = createRabbitBus({ url: broker.url, ...parts });
    let heard = 0;
    bus.subscribe(EVENTS_CHANNEL, () => {
      heard += 1;
    });
    try {
      await waitFor(() => heard > 0, { what: "the bus carries events", timeoutMs: 20_000 });
    } finally {
      await bus.close();
    }
  }

  test("killed: nobody notices, and both nodes are on the bus again", async (t) => {
    using house = await startHouse();
    await house.load.goesOn();
    await broker.kill();
    await waitFor(async () => !(await isAnyConnected()), { what: "both nodes have noticed" });
    await house.load.goesOn();
    await secondNodeSeesMore(house.shown);
    await lasting(DOWN_MS);
    await broker.start();
    await waitFor(areConnected, RECONNECTS);
    await hearFirstNode();
    await check(t, house.load, house.shown);
  });

  test("silent with its connections open: nobody notices", async (t) => {
    using house = await startHouse();
    await house.load.goesOn();
    broker.pause();
    await house.load.goesOn();
    await secondNodeSeesMore(house.shown);
    await lasting(SILENCE_MS);
    broker.resume();
    await waitFor(areConnected, RECONNECTS);
    await hearFirstNode();
    await check(t, house.load, house.shown);
  });
});

function sorted(seats: object): unknown[] {
  return Object.entries(seats).sort(([a], [b]) => (a < b ? -1 : 1));
}
