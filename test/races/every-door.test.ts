import assert from "node:assert/strict";
import { it } from "node:test";
import { CallError, type Client, callHttp } from "../../client/index.ts";
import { freshPostgres, onPostgres } from "../support/database.ts";
import { scaled } from "../support/fault-scale.ts";
import { callOver, newPersonOver, operatorOver } from "../support/over-http.ts";
import { startServerProcess } from "../support/server-process.ts";
import { createStage } from "../support/stage.ts";
import { visit } from "../support/visitor.ts";

/**
 * The same seats wanted at once by HTTP and by socket, of two processes over one database: each has
 * exactly one winner, and everybody else is told that it is taken, and nothing else.
 */

const PEOPLE = scaled(16);
const SEATS = 10;
const HELD = "OK";

type Hold = (seatIds: readonly string[]) => Promise<unknown>;

onPostgres("one seat, every door", (_database, serverUrl) => {
  it(`${PEOPLE} people by HTTP and socket want ${SEATS} seats of two processes`, async () => {
    await using place = await freshPostgres(serverUrl);
    const options = { dataFolder: place.dataFolder, databaseUrl: place.url };
    await using one = await startServerProcess(options);
    await using other = await startServerProcess(options);
    const operator = callOver(one.url, await operatorOver(one.url));
    const { screeningId, seatIds } = await createStage(operator);
    const wanted = seatIds.slice(0, SEATS);
    using opened = new DisposableStack();
    const clients: Client[] = [];

    const people: Hold[] = [];
    for (let person = 0; person < PEOPLE; person += 1) {
      const { url } = person % 2 === 0 ? one : other;
      const bearer = await newPersonOver(url);
      if (person % 4 < 2) {
        people.push((seats) =>
          callHttp(url, "cinema.hold", { screeningId, seatIds: [...seats] }, { bearer }),
        );
        continue;
      }
      const { client } = opened.use(visit(() => url, bearer));
      clients.push(client);
      people.push((seats) => client.call("cinema.hold", { screeningId, seatIds: [...seats] }));
    }
    await Promise.all(clients.map((client) => client.call("auth.me", {})));

    const outcomes = new Map(wanted.map((seatId) => [seatId, [] as string[]]));
    await Promise.all(
      people.flatMap((hold, person) =>
        // Everybody begins with another seat, so that each is wanted first by somebody else.
        wanted.map(async (_, at) => {
          const seatId = wanted[(at + person) % SEATS] ?? "";
          outcomes.get(seatId)?.push(await outcomeOf(hold([seatId])));
        }),
      ),
    );
    for (const [seatId, codes] of outcomes) {
      assert.equal(codes.filter((code) => code === HELD).length, 1, `winners of ${seatId}`);
      assert.equal(codes.length, PEOPLE);
      assert.deepEqual(new Set(codes), new Set([HELD, "SEAT_TAKEN"]), seatId);
    }
    const { seats } = await callOver(other.url)("cinema.getScreening", { screeningId });
    assert.deepEqual(Object.keys(seats).toSorted(), wanted.toSorted());
  });
});

async function outcomeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return HELD;
  } catch (error) {
    if (error instanceof CallError) return error.code;
    throw error;
  }
}
