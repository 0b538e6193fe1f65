import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { createCinemaFixture, gridPlan } from "../../../../test/support/cinema-fixture.ts";
import { createManualClock } from "../../../../test/support/manual-clock.ts";
import type { Hold } from "../types.ts";

const MINUTE_MS = 60_000;
const clock = createManualClock(1_700_000_000_000);
const cinema = await createCinemaFixture({ clock });
after(() => cinema[Symbol.asyncDispose]());

const newScreening = async () => (await cinema.newScreening(gridPlan(3, 12))).id;

describe("cinema.hold", () => {
  test("holds seats for ten minutes and tells the watchers", async () => {
    const id = await newScreening();
    const ann = cinema.newPerson();
    const watcher = await cinema.watch(id);
    assert.deepEqual(await cinema.hold(id, ["B2", "B1"], ann), {
      screeningId: id,
      seatIds: ["B1", "B2"],
      untilMs: clock.nowMs() + 10 * MINUTE_MS,
      extendableUntilMs: clock.nowMs() + 30 * MINUTE_MS,
      offered: false,
    });
    const seats = await cinema.seats(id);
    assert.deepEqual(Object.keys(seats).sort(), ["B1", "B2"]);
    assert.deepEqual(watcher.seats, seats);
  });

  test("names people by tags that differ from screening to screening", async () => {
    const [one, two] = [await newScreening(), await newScreening()];
    const ann = cinema.newPerson();
    await cinema.hold(one, ["A1"], ann);
    await cinema.hold(two, ["A1"], ann);
    const by = (await cinema.seats(one))["A1"]?.by;
    const { you } = await cinema.call<{ you: string }>(
      "cinema.getScreening",
      { screeningId: one },
      ann,
    );
    assert.equal(by, you);
    assert.notEqual(by, (await cinema.seats(two))["A1"]?.by);
  });

  test("takes all or nothing, and lists the seats that are lost", async () => {
    const id = await newScreening();
    await cinema.hold(id, ["A2", "A4"], cinema.newPerson());
    const before = await cinema.seats(id);
    await assert.rejects(cinema.hold(id, ["A4", "A3", "A2", "A1"], cinema.newPerson()), {
      code: "SEAT_TAKEN",
      kind: "conflict",
      data: { seatIds: ["A2", "A4"] },
    });
    assert.deepEqual(await cinema.seats(id), before);
  });

  test("adds seats to the hold, and all of them end together", async () => {
    const id = await newScreening();
    const ann = cinema.newPerson();
    const watcher = await cinema.watch(id);
    const first = await cinema.hold(id, ["A1"], ann);
    clock.advance(4 * MINUTE_MS);
    const second = await cinema.hold(id, ["A2"], ann);
    assert.deepEqual(second.seatIds, ["A1", "A2"]);
    assert.equal(second.untilMs, first.untilMs + 4 * MINUTE_MS);
    assert.equal(second.extendableUntilMs, first.extendableUntilMs);
    const seats = await cinema.seats(id);
    assert.equal(seats["A1"]?.untilMs, second.untilMs);
    assert.deepEqual(watcher.seats, seats);
  });

  test("never lasts longer than thirty minutes from its first seat", async () => {
    const id = await newScreening();
    const ann = cinema.newPerson();
    const first = await cinema.hold(id, ["A1"], ann);
    let last: Hold = first;
    for (const seatId of ["A2", "A3", "A4"]) {
      clock.advance(8 * MINUTE_MS);
      last = await cinema.hold(id, [seatId], ann);
    }
    assert.equal(last.untilMs, first.extendableUntilMs);
    assert.equal(last.untilMs, clock.nowMs() + 6 * MINUTE_MS);
  });

  test("is for at most ten seats of a screening, those booked before included", async () => {
    const id = await newScreening();
    const ann = cinema.newPerson();
    await cinema.hold(id, ["A1", "A2", "A3", "A4"], ann);
    await cinema.book(id, ann, ["A1", "A2"]);
    const six = ["B1", "B2", "B3", "B4", "B5", "B6"];
    assert.equal((await cinema.hold(id, six, ann)).seatIds.length, 8);
    await assert.rejects(cinema.hold(id, ["C1"], ann), {
      code: "SEAT_LIMIT",
      data: { seatsMax: 10, seatsNow: 10 },
    });
    assert.equal((await cinema.hold(id, ["A3", "B6"], ann)).seatIds.length, 8);
    assert.equal((await cinema.seats(id))["C1"], undefined);
  });

  test("takes a seat over once its hold is over, sweeper or not", async () => {
    const id = await newScreening();
    const watcher = await cinema.watch(id);
    const [ann, ben] = [cinema.newPerson(), cinema.newPerson()];
    await cinema.hold(id, ["A1", "A2"], ann);
    clock.advance(10 * MINUTE_MS - 1);
    await assert.rejects(cinema.hold(id, ["A1"], ben), { code: "SEAT_TAKEN" });
    clock.advance(1);
    assert.deepEqual((await cinema.hold(id, ["A1"], ben)).seatIds, ["A1"]);
    assert.deepEqual(watcher.seats, await cinema.seats(id));
    // Its former holder has lost the rest as well, and may begin afresh.
    const again = await cinema.hold(id, ["A2"], ann);
    assert.deepEqual(again.seatIds, ["A2"]);
    assert.equal(again.extendableUntilMs, clock.nowMs() + 30 * MINUTE_MS);
  });

  test("has one effect however often the same call comes", async () => {
    const id = await newScreening();
    const ann = cinema.newPerson();
    const input = { screeningId: id, seatIds: ["A1"] };
    const watcher = await cinema.watch(id);
    const first = await cinema.call("cinema.hold", input, ann, "click");
    clock.advance(MINUTE_MS);
    assert.deepEqual(await cinema.call("cinema.hold", input, ann, "click"), first);
    assert.equal(watcher.events.length, 1);
  });

  test("refuses seats and screenings there are not, and those that have started", async () => {
    const id = await newScreening();
    const ann = cinema.newPerson();
    await assert.rejects(cinema.hold(id, ["A1", "Z9"], ann), {
      code: "SEAT_UNKNOWN",
      data: { seatIds: ["Z9"] },
    });
    assert.deepEqual(await cinema.seats(id), {});
    const nowhere = cinema.harness.ports.ids.uuid();
    await assert.rejects(cinema.hold(nowhere, ["A1"], ann), { code: "SCREENING_NOT_FOUND" });
    const startsAtMs = clock.nowMs() + MINUTE_MS;
    const soon = await cinema.newScreening(gridPlan(1, 4), { startsAtMs });
    await cinema.hold(soon.id, ["A1"], ann);
    clock.advance(MINUTE_MS);
    await assert.rejects(cinema.hold(soon.id, ["A2"], ann), {
      code: "SCREENING_STARTED",
      data: { startedAtMs: startsAtMs },
    });
  });

  test("needs a person", async () => {
    const input = { screeningId: await newScreening(), seatIds: ["A1"] };
    await assert.rejects(cinema.call("cinema.hold", input), { code: "UNAUTHENTICATED" });
  });
});
