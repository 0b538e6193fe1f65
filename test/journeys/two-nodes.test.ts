import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { callHttp, connect } from "../../client/index.ts";
import { DEMO_PASSWORD } from "../../src/modules/auth/types.ts";
import { freshPostgres, SERVER_URL } from "../support/database.ts";
import { callOver, operatorOver } from "../support/over-http.ts";
import { type ServerProcess, startServerProcess } from "../support/server-process.ts";
import { createStage } from "../support/stage.ts";
import { visit } from "../support/visitor.ts";
import { waitFor } from "../support/wait-for.ts";

/**
 * Two nodes over one PostgreSQL, RabbitMQ between them: what happens on one is seen on the other,
 * and a watcher whose node is killed goes on at the other one where it stopped.
 */

/** Events that a watcher misses, well within what is handed over. */
const MUCH = 100;
/** Events of all 500 seats, more together than is handed over. */
const TOO_MUCH = 17;

const BUS_URL = process.env["AMQP_URL"];
const skip =
  SERVER_URL === undefined || BUS_URL === undefined
    ? "two nodes need DATABASE_URL and AMQP_URL"
    : false;

/** A watcher whose connections go to whichever node is named at the moment. */
function watcher(node: { url: string }, screeningId: string) {
  const heard: string[] = [];
  const states: number[] = [];
  const client = connect({
    url: "ws://chosen-at-each-connection/socket",
    createSocket: () => new WebSocket(`${node.url.replace("http", "ws")}/socket`),
  });
  client.subscribe(
    "cinema.watch",
    { screeningId },
    {
      onState: (_, { offset }) => void states.push(offset),
      onEvent: (type, data) => {
        if (type !== "cinema.seats") return;
        for (const { seatId, state } of data.changes) heard.push(`${seatId} ${state}`);
      },
      onError: (error) => void heard.push(`refused: ${error.code}`),
    },
  );
  return { heard, states, [Symbol.dispose]: () => client.close() };
}

/** A screening tomorrow, and seats of it that are free. */
async function choose(url: string): Promise<{ screeningId: string; free: string[] }> {
  const { screenings } = await callHttp(url, "cinema.getOne", { id: 1 });
  const roomiest = screenings
    .filter(({ startsAtMs }) => startsAtMs > Date.now() + 3_600_000)
    .toSorted((a, b) => b.counts.free - a.counts.free)[0];
  assert.ok(roomiest !== undefined, "the demo has a screening in an hour");
  const shown = await callHttp(url, "cinema.getScreening", { screeningId: roomiest.id });
  const seats = shown.plan.sections.flatMap(({ rows }) => rows.flatMap((row) => row.seats));
  const free = seats.filter(({ id, accessible }) => !shown.seats[id] && !accessible);
  return { screeningId: roomiest.id, free: free.map(({ id }) => id) };
}

describe("two nodes", { skip }, () => {
  it("show each other's holds, and take over a killed node's watchers where they stood", async () => {
    await using place = await freshPostgres(SERVER_URL ?? "");
    const options = {
      dataFolder: place.dataFolder,
      databaseUrl: place.url,
      busUrl: BUS_URL,
    };
    await using first: ServerProcess = await startServerProcess(options);
    await using second: ServerProcess = await startServerProcess(options);
    const { screeningId, free } = await choose(first.url);
    const [one = "", two = "", three = ""] = free;
    /** Each seat by another person: a second hold would also lengthen the first. */
    const hold = async (url: string, username: string, seatId: string) => {
      const { token } = await callHttp(url, "auth.login", { username, secret: DEMO_PASSWORD });
      await callHttp(url, "cinema.hold", { screeningId, seatIds: [seatId] }, { bearer: token });
    };

    const node = { url: first.url };
    using watching = watcher(node, screeningId);
    await waitFor(() => watching.states.length === 1, { what: "the snapshot" });
    await hold(second.url, "ada", one);
    await waitFor(() => watching.heard.includes(`${one} held`), {
      what: "a hold of the other node",
    });
    using unmoved = watcher(node, screeningId);
    await waitFor(() => unmoved.states.length === 1, { what: "a snapshot and no push" });

    // They knock at the dead node until all has happened, so that they miss it for certain.
    await first.kill();
    await hold(second.url, "ben", two);
    await hold(second.url, "chloe", three);
    assert.deepEqual([watching.heard.length, unmoved.heard.length], [1, 0], "it was missed");
    node.url = second.url;
    for (const { heard } of [watching, unmoved]) {
      await waitFor(() => heard.includes(`${three} held`), {
        what: "what was missed",
        timeoutMs: 20_000,
      });
    }
    assert.deepEqual(watching.heard, [`${one} held`, `${two} held`, `${three} held`]);
    assert.deepEqual(unmoved.heard, [`${two} held`, `${three} held`]);
    assert.equal(watching.states.length, 1, "recovered without a second snapshot");
    assert.equal(unmoved.states.length, 1, "also with zero pushes before");
    assert.equal(await second.stop(), 0);
  });

  it("hand a killed node's watchers all of much that passed, and a fresh map after too much", async () => {
    await using place = await freshPostgres(SERVER_URL ?? "");
    const { dataFolder, url: databaseUrl } = place;
    const options = { dataFolder, databaseUrl, busUrl: BUS_URL };
    await using first = await startServerProcess(options);
    await using second = await startServerProcess(options);
    const operator = await operatorOver(first.url);
    const stage = await createStage(callOver(first.url, operator), { rows: 20, seatsPerRow: 25 });
    const { screeningId, seatIds } = stage;
    const [firstSeat = ""] = seatIds;
    const block = (url: string, some: readonly string[], blocked: boolean) =>
      callOver(url, operator)("cinema.blockSeats", { screeningId, seatIds: [...some], blocked });

    const node = { url: first.url };
    using ada = visit(() => node.url);
    using ben = visit(() => node.url);
    const moved = ada.watch(screeningId);
    await waitFor(() => moved.states === 1, { what: "the first map" });
    await block(second.url, [firstSeat], true);
    await waitFor(() => moved.seats[firstSeat] !== undefined, { what: "a push" });
    const unmoved = ben.watch(screeningId);
    await waitFor(() => unmoved.states === 1, { what: "a map and no push" });
    const shown = [moved, unmoved];
    const showWhatIs = async (url: string) => {
      const { seats } = await callHttp(url, "cinema.getScreening", { screeningId });
      const same = () => shown.every((one) => isDeepStrictEqual(one.seats, seats));
      await waitFor(same, { what: "both show what is there", timeoutMs: 20_000 });
      return shown.map(({ states }) => states);
    };

    await first.kill();
    for (const seatId of seatIds.slice(1, 1 + MUCH)) await block(second.url, [seatId], true);
    assert.equal(Object.keys(unmoved.seats).length, 1, "it was missed");
    node.url = second.url;
    assert.deepEqual(await showWhatIs(second.url), [1, 1], "recovered without a second map");

    await using third = await startServerProcess(options);
    await second.kill();
    for (let time = 0; time < TOO_MUCH; time += 1) await block(third.url, seatIds, time % 2 > 0);
    node.url = third.url;
    assert.deepEqual(await showWhatIs(third.url), [2, 2], "each got one fresh map");
    assert.deepEqual([...moved.errors, ...unmoved.errors], []);
  });
});
