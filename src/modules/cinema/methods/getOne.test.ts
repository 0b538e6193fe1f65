import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import {
  type CinemaFixture,
  createCinemaFixture,
  gridPlan,
} from "../../../../test/support/cinema-fixture.ts";
import { createManualClock } from "../../../../test/support/manual-clock.ts";
import { waitFor } from "../../../../test/support/wait-for.ts";
import type { MemoryExchange } from "../../../adapters/bus/memory.ts";
import type { Cinema, HallSummary, ScreeningSummary } from "../types.ts";

interface Page extends Cinema {
  readonly halls: HallSummary[];
  readonly screenings: ScreeningSummary[];
}

const clock = createManualClock(1_700_000_000_000);
const exchange: MemoryExchange = new Set();
const cinema = await createCinemaFixture({ clock, exchange });
const elsewhere = await createCinemaFixture({ clock, exchange });
const { cinemaId, operator } = cinema;
after(async () => {
  await cinema[Symbol.asyncDispose]();
  await elsewhere[Symbol.asyncDispose]();
});

const getOne = (node: CinemaFixture = cinema) => node.call<Page>("cinema.getOne", { id: cinemaId });

describe("cinema.getOne", () => {
  test("has what was changed on this node a moment ago, whatever it was", async () => {
    await getOne();
    const hallId = await cinema.newHall(gridPlan(1, 4));
    assert.equal((await getOne()).halls.find(({ id }) => id === hallId)?.seatCount, 4);
    const { id } = await cinema.newScreening(gridPlan(1, 4), { hallId });
    const counts = async () => (await getOne()).screenings.find((s) => s.id === id)?.counts;
    assert.deepEqual(await counts(), { free: 4, held: 0, booked: 0, blocked: 0 });
    const ann = cinema.newPerson();
    await cinema.hold(id, ["A1", "A2"], ann);
    assert.deepEqual(await counts(), { free: 2, held: 2, booked: 0, blocked: 0 });
    await cinema.book(id, ann, ["A1"]);
    assert.deepEqual(await counts(), { free: 2, held: 1, booked: 1, blocked: 0 });
    clock.advance(600_000);
    await cinema.sweep();
    assert.deepEqual(await counts(), { free: 3, held: 0, booked: 1, blocked: 0 });
    const hall = { id: hallId, cinemaId, name: "Large", plan: gridPlan(2, 4) };
    await cinema.call("cinema.saveHall", hall, operator);
    assert.deepEqual(await counts(), { free: 7, held: 0, booked: 1, blocked: 0 });
    const fields = { id: cinemaId, name: "Rex", city: "Riga", address: "" };
    await cinema.call("cinema.saveCinema", fields, operator);
    assert.equal((await getOne()).name, "Rex");
  });

  test("has what was changed on another node once the bus has told", async () => {
    await getOne(elsewhere);
    const { id } = await cinema.newScreening(gridPlan(1, 4));
    await waitFor(async () => (await getOne(elsewhere)).screenings.some((s) => s.id === id), {
      what: "the other node shows the screening",
    });
  });

  test("has what was changed on another node after a second, if the bus lost it", async () => {
    const alone = await createCinemaFixture({ clock });
    try {
      await getOne(alone);
      const { id } = await cinema.newScreening(gridPlan(1, 4));
      const shows = async () => (await getOne(alone)).screenings.some((s) => s.id === id);
      clock.advance(999);
      assert.equal(await shows(), false);
      clock.advance(1);
      assert.equal(await shows(), true);
    } finally {
      await alone[Symbol.asyncDispose]();
    }
  });

  test("does not remember what there is not", async () => {
    const input = { id: cinemaId + 1_000 };
    await assert.rejects(cinema.call("cinema.getOne", input), { code: "CINEMA_NOT_FOUND" });
  });
});
