import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { CallError, callHttp } from "../../client/index.ts";
import type { App } from "../../src/app.ts";
import { trimmingJobs } from "../../src/core/trimming.ts";
import { startTestApp, type TestApp } from "../support/app.ts";
import { createCinemaFixture, gridPlan } from "../support/cinema-fixture.ts";
import { freshDatabase } from "../support/database.ts";
import { scaled } from "../support/fault-scale.ts";
import { callWithin, newPersonOf, operatorOf } from "../support/in-process.ts";
import { lasting } from "../support/lasting.ts";
import { createManualClock } from "../support/manual-clock.ts";
import { type Resumed, watchBare, watchWithClient } from "../support/resuming-watcher.ts";
import { createSeededRandom } from "../support/seeded-random.ts";
import { createStage, type Stage } from "../support/stage.ts";
import { createTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { waitFor } from "../support/wait-for.ts";

/**
 * Connections are cut at random: between frames and within them, during the handshake, the request
 * and its answer, with one direction silent before, and by a restart of the server. Whoever watches
 * is told everything once and in order, or is given a fresh state, and ends with the true one.
 */

const ROUNDS = scaled(4);
const CUTS_PER_ROUND = 25;
const WRITERS = 4;
const PATIENCE_MS = 60_000;
/** Where a cut falls: within the answer to a handshake (about 130 bytes), a frame or the next. */
const BYTES_MAX = 600;
const SILENCE_MS_MAX = 30;

describe("over connections that are cut", () => {
  const random = createSeededRandom("cuts");
  const below = (bound: number) => Buffer.from(random.bytes(4)).readUInt32BE() % bound;
  let running: TestApp;
  let proxy: TcpProxy;
  let stage: Stage;
  let watchers: Resumed[];
  const where = { host: "127.0.0.1", port: 0, url: "" };
  const tokens: string[] = [];
  const serveFrom = ({ url }: Pick<App, "url">) =>
    Object.assign(where, { url, port: Number(new URL(url).port) });

  before(async () => {
    running = await startTestApp();
    serveFrom(running.app);
    const { token } = await operatorOf(running.app);
    stage = await createStage(callWithin(running.app, token));
    for (let writer = 0; writer < WRITERS; writer += 1) {
      tokens.push((await newPersonOf(running.app)).token);
    }
    proxy = await createTcpProxy(where);
    const url = `ws://127.0.0.1:${proxy.port}/socket`;
    const { screeningId } = stage;
    watchers = [
      watchWithClient(url, screeningId),
      watchWithClient(url, screeningId),
      watchBare(url, screeningId),
      watchBare(url, screeningId),
    ];
  });
  after(async () => {
    for (const watcher of watchers) watcher[Symbol.dispose]();
    await proxy.close();
    await running[Symbol.asyncDispose]();
  });

  /** Holds and gives back a seat of its own; it has a connection that nobody cuts. */
  async function write(writer: number, written: { count: number; isOver: boolean }) {
    const input = { screeningId: stage.screeningId, seatIds: [stage.seatIds[writer] ?? ""] };
    const bearer = tokens[writer] ?? "";
    while (!written.isOver) {
      for (const name of ["cinema.hold", "cinema.release"] as const) {
        await patiently(() => callHttp(where.url, name, input, { bearer }));
        written.count += 1;
      }
    }
  }

  async function cutSomehow(): Promise<void> {
    const kind = below(5);
    const way = below(2) === 0 ? "toClient" : "toServer";
    if (kind <= 1) proxy.cut();
    // The second cut falls into the connections that are made after the first.
    if (kind === 1 || kind === 2) proxy.cutAfter(way, 1 + below(BYTES_MAX));
    if (kind <= 2) return;
    proxy.mute(way);
    await lasting(below(SILENCE_MS_MAX));
    if (kind === 3) proxy.cut();
    proxy.resume();
  }

  async function allIsTold(): Promise<void> {
    const bearer = tokens[0] ?? "";
    const { screeningId } = stage;
    const { seats } = await patiently(() =>
      callHttp(where.url, "cinema.getScreening", { screeningId }, { bearer }),
    );
    const isTold = () => watchers.every((one) => one.offset === watchers[0]?.offset);
    const isTrue = () => watchers.every((one) => isEqual(one.seats, seats));
    await waitFor(() => isTold() && isTrue(), { what: "the truth", timeoutMs: PATIENCE_MS });
    for (const { name, faults } of watchers) assert.deepEqual(faults, [], name);
    const told = new Map(watchers.flatMap(({ events }) => [...events]));
    for (const { name, events } of watchers) {
      for (const [offset, event] of events) assert.equal(event, told.get(offset), name);
    }
  }

  for (let round = 1; round <= ROUNDS; round += 1) {
    it(`everything is told once and in order, ${round} of ${ROUNDS}`, async (t) => {
      const connections = watchers.map((watcher) => watcher.connections);
      const written = { count: 0, isOver: false };
      const writing = Promise.all(tokens.map((_, writer) => write(writer, written)));
      try {
        for (let cut = 0; cut < CUTS_PER_ROUND; cut += 1) {
          const until = written.count + 1 + below(6);
          const isFarEnough = () => written.count >= until && proxy.connections() > 0;
          await waitFor(isFarEnough, { what: "some progress", timeoutMs: PATIENCE_MS });
          await cutSomehow();
        }
      } finally {
        written.isOver = true;
        await writing;
      }
      await allIsTold();
      const made = watchers.map((watcher, at) => watcher.connections - (connections[at] ?? 0));
      t.diagnostic(`${written.count} writes, reconnected ${made.join(", ")} times`);
      // A cut may come while a watcher is between two connections.
      for (const count of made) assert.ok(count > 0, "the cuts cut nothing");
    });
  }

  it("also when the server restarts, and something happens before anybody is back", async () => {
    const before = watchers.map(({ states }) => states);
    await running.app.stop();
    proxy.down();
    serveFrom(await running.restart());
    const written = { count: 0, isOver: false };
    const writing = tokens.map((_, writer) => write(writer, written));
    await waitFor(() => written.count >= 10, { what: "some writes", timeoutMs: PATIENCE_MS });
    written.isOver = true;
    await Promise.all(writing);
    proxy.up();
    await allIsTold();
    assert.deepEqual(
      watchers.map(({ states }) => states),
      before,
      "everything missed was recovered",
    );
  });

  for (const way of ["toClient", "toServer"] as const) {
    it(`the client notices by itself when ${way} falls silent`, async () => {
      const [client] = watchers;
      assert.ok(client !== undefined);
      const { connections } = client;
      proxy.mute(way);
      const isBack = () => client.connections > connections;
      await waitFor(isBack, { what: "a new connection", timeoutMs: PATIENCE_MS });
      proxy.resume();
      // For the bare sockets, which would wait for ever for what is on its way nowhere.
      proxy.cut();
      await allIsTold();
    });
  }
});

/** Makes the call again when it is told to: a busy machine makes calls wait too long. */
async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof CallError) || error.retryAfterMs === undefined) throw error;
      await lasting(error.retryAfterMs);
    }
  }
}

function isEqual(one: unknown, other: unknown): boolean {
  try {
    assert.deepEqual(one, other);
    return true;
  } catch {
    return false;
  }
}

const MINUTE_MS = 60_000;

describe("who was away for a while", () => {
  it("gets all that was missed for an hour, and a fresh state after it, never a part", async () => {
    await using place = await freshDatabase();
    const database = await place.open();
    await using _closed = { [Symbol.asyncDispose]: () => database.close() };
    const clock = createManualClock(Date.now());
    await using cinema = await createCinemaFixture({ clock, database });
    const { harness } = cinema;
    const { eventLog, log } = harness.ports;
    const repeatStore = { trim: async () => 0 } as never;
    const [trimEvents] = trimmingJobs({ eventLog, repeatStore, clock });
    const { signal } = new AbortController();
    const trim = () => trimEvents?.run({ work: harness.work, log, signal });
    const in3Hours = { startsAtMs: clock.nowMs() + 180 * MINUTE_MS };
    const { id } = await cinema.newScreening(gridPlan(2, 4), in3Hours);
    const watcher = await cinema.watch(id);
    const person = cinema.newPerson();
    for (const [awayMinutes, recoveries] of [
      [5, 1],
      [59, 2],
      [61, 2],
    ] as const) {
      watcher.disconnect();
      await cinema.hold(id, ["A1"], person);
      await cinema.call("cinema.release", { screeningId: id }, person);
      clock.advance(awayMinutes * MINUTE_MS);
      await trim();
      await cinema.hold(id, ["A2"], person);
      await watcher.connect();
      assert.equal(watcher.isLost, false);
      assert.equal(watcher.recoveries, recoveries, `after ${awayMinutes} minutes`);
      assert.deepEqual(watcher.seats, await cinema.seats(id));
      await cinema.call("cinema.release", { screeningId: id }, person);
      await waitFor(() => Object.keys(watcher.seats).length === 0, { what: "its next push" });
    }
  });
});
