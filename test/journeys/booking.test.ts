import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CallError, Client } from "../../client/index.ts";
import { startTestApp } from "../support/app.ts";
import { callWithin, newPersonOf, operatorOf } from "../support/in-process.ts";
import { createShiftedClock } from "../support/shifted-clock.ts";
import { createStage } from "../support/stage.ts";
import { visit } from "../support/visitor.ts";
import { waitFor } from "../support/wait-for.ts";

/** From a hold to a booking and back, with the server's clock in the test's hands. */

const MINUTE_MS = 60_000;
const BEFORE_END_MS = 1_000;
/** A second is promised; the rest is for a machine that is busy with other tests. */
const SEEN_MS_MAX = 3_000;

async function openHouse(seatsPerRow: number) {
  const clock = createShiftedClock();
  const running = await startTestApp({ ports: { clock } });
  const { token } = await operatorOf(running.app);
  const startsAtMs = clock.nowMs() + 6 * 60 * MINUTE_MS;
  const size = { rows: 1, seatsPerRow, startsAtMs };
  const stage = await createStage(callWithin(running.app, token), size);
  return {
    clock,
    stage,
    signIn: async (): Promise<Guest> => {
      const { token } = await newPersonOf(running.app);
      return visit(() => running.url, token);
    },
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

type Guest = ReturnType<typeof visit>;

function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "OK",
    (error: CallError) => error.code,
  );
}

/** So many minutes, less the moments that the call itself took. */
function assertMinutes(durationMs: number, minutes: number): void {
  const missingMs = minutes * MINUTE_MS - durationMs;
  assert.ok(missingMs >= 0 && missingMs < SEEN_MS_MAX, `${durationMs} ms`);
}

describe("a booking", () => {
  it("is held, extended, paid for, listed, cancelled, and goes to who waits first", async () => {
    await using house = await openHouse(2);
    const { clock, stage, signIn } = house;
    const { screeningId, seatIds } = stage;
    using ada = await signIn();
    using ben = await signIn();
    using chloe = await signIn();

    const held = await ada.client.call("cinema.hold", { screeningId, seatIds: [...seatIds] });
    assertMinutes(held.untilMs - clock.nowMs(), 10);
    clock.forward(4 * MINUTE_MS);
    const { serverTimeMs } = await ada.client.call("cinema.getScreening", { screeningId });
    // What the countdown shows.
    assertMinutes(held.untilMs - serverTimeMs, 6);
    const extended = await ada.client.call("cinema.extendHold", { screeningId });
    assertMinutes(extended.untilMs - clock.nowMs(), 10);
    assert.equal(extended.extendableUntilMs, held.extendableUntilMs);

    const booking = await ada.client.call("cinema.book", { screeningId });
    assert.deepEqual(booking.seatIds, seatIds);
    assert.equal(booking.amountMinor, 2 * 1_100);
    const mine = await ada.client.call("cinema.myBookings", {});
    assert.deepEqual(mine.bookings, [booking]);
    assert.deepEqual([mine.holds, mine.waiting], [[], []]);

    const place = await ben.client.call("cinema.joinWaitlist", { screeningId, count: 2 });
    assert.equal(place.position, 1);
    const next = await chloe.client.call("cinema.joinWaitlist", { screeningId });
    assert.equal(next.position, 2);
    const bens = ben.watch(screeningId);
    const chloes = chloe.watch(screeningId);
    await waitFor(() => bens.states + chloes.states === 2, { what: "two seat maps" });

    const cancelled = await ada.client.call("cinema.cancelBooking", { bookingId: booking.id });
    assert.equal(cancelled.status, "cancelled");
    await waitFor(() => bens.offers.length + chloes.offers.length === 2, { what: "the offer" });
    assert.deepEqual(bens.offers[0]?.to, bens.you, "it is for the first in line");
    assert.deepEqual(chloes.offers[0]?.to, bens.you);
    assert.deepEqual(bens.offers[0]?.seatIds.toSorted(), seatIds.toSorted());
    assert.equal(
      await codeOf(chloe.client.call("cinema.hold", { screeningId, seatIds: [seatIds[0] ?? ""] })),
      "SEAT_TAKEN",
      "nobody slips in between",
    );

    const [offer] = (await ben.client.call("cinema.myBookings", {})).holds;
    assert.deepEqual([offer?.offered, offer?.seatIds.length], [true, 2]);
    const taken = await ben.client.call("cinema.book", { screeningId });
    assert.deepEqual(taken.seatIds, seatIds);
    assert.notEqual(taken.reference, booking.reference);
    const { waiting } = await chloe.client.call("cinema.myBookings", {});
    assert.equal(waiting[0]?.position, 1, "she is the next now");
  });

  it("comes too late when the hold has run out, which every watcher sees", async () => {
    await using house = await openHouse(3);
    const { clock, stage, signIn } = house;
    const { screeningId, seatIds, cinemaId } = stage;
    using ada = await signIn();
    using ben = await signIn();
    const bens = ben.watch(screeningId);
    const free = watchFree(ben.client, cinemaId, screeningId);
    await waitFor(() => bens.states === 1 && free.now === 3, {
      what: "the seat map and the counts",
    });

    const { untilMs } = await ada.client.call("cinema.hold", {
      screeningId,
      seatIds: seatIds.slice(0, 2),
    });
    await waitFor(() => Object.keys(bens.seats).length === 2 && free.now === 1, {
      what: "the hold",
    });
    clock.forward(untilMs - clock.nowMs() - BEFORE_END_MS);
    await ben.client.call("cinema.list", {});
    if (clock.nowMs() < untilMs) assert.equal(Object.keys(bens.seats).length, 2, "hers until then");
    await waitFor(() => Object.keys(bens.seats).length === 0 && free.now === 3, {
      what: "the end",
    });
    const lateMs = clock.nowMs() - untilMs;
    assert.ok(lateMs >= 0 && lateMs < SEEN_MS_MAX, `seen ${lateMs} ms after the end`);
    assert.equal(await codeOf(ada.client.call("cinema.book", { screeningId })), "NOT_HELD");
    await ben.client.call("cinema.hold", { screeningId, seatIds: [...seatIds] });
    assert.deepEqual(bens.errors, []);
  });
});

/** How many seats of a screening the cinema's list shows as free. */
function watchFree(client: Client, cinemaId: number, screeningId: string) {
  const free = { now: 0 };
  client.subscribe(
    "cinema.subscribe",
    { cinemaId },
    {
      onState({ screenings }) {
        free.now = screenings.find(({ id }) => id === screeningId)?.counts.free ?? 0;
      },
      onEvent(type, data) {
        if (type === "cinema.counts" && data.screeningId === screeningId) {
          free.now += data.change.free;
        }
      },
      onError: (error) => assert.fail(error),
    },
  );
  return free;
}
