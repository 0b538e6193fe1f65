import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { createCinemaFixture, gridPlan } from "../../../../test/support/cinema-fixture.ts";
import { createManualClock } from "../../../../test/support/manual-clock.ts";
import { collectingSink } from "../../../../test/support/module-harness.ts";
import type { Screening, ScreeningSummary } from "../types.ts";

const HOUR_MS = 3_600_000;
const clock = createManualClock(1_700_000_000_000);
const cinema = await createCinemaFixture({ clock });
after(() => cinema[Symbol.asyncDispose]());

describe("cinema.subscribe", () => {
  test("begins with the programme, as cinema.getOne has it", async () => {
    const { cinemaId } = cinema;
    const { id } = await cinema.newScreening(gridPlan(2, 3));
    await cinema.hold(id, ["A1"], cinema.newPerson());
    const stream = await cinema.harness.open("cinema.subscribe", { cinemaId }, collectingSink());
    const page = await cinema.call<{ screenings: ScreeningSummary[] }>("cinema.getOne", {
      id: cinemaId,
    });
    assert.deepEqual(stream.opened.recovered ? null : stream.opened.state, {
      cinemaId,
      screenings: page.screenings,
    });
    const counts = { free: 5, held: 1, booked: 0, blocked: 0 };
    assert.deepEqual(page.screenings.find((screening) => screening.id === id)?.counts, counts);
  });

  test("shows screenings until two hours after they started", async () => {
    const { id } = await cinema.newScreening(gridPlan(1, 1), { startsAtMs: clock.nowMs() });
    const shown = async () => {
      const page = await cinema.call<{ screenings: Screening[] }>("cinema.getOne", {
        id: cinema.cinemaId,
      });
      return page.screenings.some((screening) => screening.id === id);
    };
    clock.advance(2 * HOUR_MS);
    assert.equal(await shown(), true);
    clock.advance(1_000);
    assert.equal(await shown(), false);
  });

  test("refuses a cinema there is not", async () => {
    const input = { cinemaId: 2_000_000_000 };
    const refusal = { code: "CINEMA_NOT_FOUND" };
    await assert.rejects(cinema.harness.open("cinema.subscribe", input, collectingSink()), refusal);
    await assert.rejects(cinema.call("cinema.getOne", { id: 2_000_000_000 }), refusal);
  });
});

describe("cinema.watch", () => {
  test("tells who is calling their own tag", async () => {
    const { id } = await cinema.newScreening(gridPlan(1, 2));
    const ann = cinema.newPerson();
    await cinema.hold(id, ["A1"], ann);
    const input = { screeningId: id };
    const own = await cinema.harness.open("cinema.watch", input, collectingSink(), ann);
    const other = await cinema.harness.open("cinema.watch", input, collectingSink());
    assert.ok(!own.opened.recovered && !other.opened.recovered);
    const state = own.opened.state as { you: string; seats: Record<string, { by: string }> };
    assert.equal(state.you, state.seats["A1"]?.by);
    assert.equal((other.opened.state as { you: null }).you, null);
  });

  test("goes on where it stood, and counts as cinema.getScreening does", async () => {
    const { id } = await cinema.newScreening(gridPlan(1, 6));
    const ann = cinema.newPerson();
    const watcher = await cinema.watch(id);
    await cinema.hold(id, ["A1"], ann);
    watcher.disconnect();
    await cinema.hold(id, ["A2", "A3"], ann);
    await cinema.book(id, ann, ["A2"]);
    await watcher.connect();
    assert.equal(watcher.recoveries, 1);
    assert.deepEqual(watcher.seats, await cinema.seats(id));
    const { version } = await cinema.call<{ version: number }>("cinema.getScreening", {
      screeningId: id,
    });
    assert.equal(watcher.offset, version);
  });

  test("refuses a screening there is not", async () => {
    const input = { screeningId: cinema.harness.ports.ids.uuid() };
    await assert.rejects(cinema.harness.open("cinema.watch", input, collectingSink()), {
      code: "SCREENING_NOT_FOUND",
    });
  });
});
