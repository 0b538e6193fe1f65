import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Claimed, SeatClaims, type TakenSeat } from "./claims.ts";
import { HOLD_MS, HOLD_TOTAL_MS, WAITLIST_GRACE_MS } from "./hold.ts";

const NOW = { nowMs: 1_700_000_000_000, waiting: false };

function held(seatId: string, accountId: string | null, more: Partial<TakenSeat> = {}): TakenSeat {
  const untilMs = NOW.nowMs + 60_000;
  const extendableUntilMs = NOW.nowMs + HOLD_TOTAL_MS;
  return { seatId, state: "held", accountId, untilMs, extendableUntilMs, offered: false, ...more };
}

function booked(seatId: string, accountId: string): TakenSeat {
  const none = { untilMs: null, extendableUntilMs: null, offered: false };
  return { seatId, state: "booked", accountId, ...none };
}

const had = (claimed: Claimed) => ("terms" in claimed ? [...claimed.seatIds].sort() : claimed);

const termsOf = (claimed: Claimed) =>
  "terms" in claimed && { ...claimed.terms, offered: claimed.offered };

test("the first to ask has the seat, and who comes after is told", () => {
  const claims = new SeatClaims([], NOW);
  assert.deepEqual(had(claims.take("ann", ["A1", "A2"])), ["A1", "A2"]);
  assert.deepEqual(claims.take("ben", ["A2", "A3"]), { lost: ["A2"] });
  assert.deepEqual(had(claims.take("ben", ["A3"])), ["A3"]);
  assert.equal(claims.freshCount, 3);
  assert.deepEqual(claims.changed.map(({ seatId, accountId }) => [seatId, accountId]).sort(), [
    ["A1", "ann"],
    ["A2", "ann"],
    ["A3", "ben"],
  ]);
});

test("a refused claim leaves nothing", () => {
  const claims = new SeatClaims([booked("A1", "ben")], NOW);
  claims.take("ann", ["A1", "A2"]);
  assert.deepEqual(claims.changed, []);
  assert.equal(claims.freshCount, 0);
});

test("ten seats a person, over all claims and bookings", () => {
  const claims = new SeatClaims([booked("Z1", "ann"), booked("Z2", "ann")], NOW);
  const six = ["A1", "A2", "A3", "A4", "A5", "A6"];
  assert.ok("terms" in claims.take("ann", six));
  assert.deepEqual(claims.take("ann", ["B1", "B2", "B3"]), { seatsNow: 8 });
  assert.ok("terms" in claims.take("ann", ["B1", "B2"]));
  assert.ok("terms" in claims.take("ann", ["A1", "B2"]), "its own seats take no room");
});

test("the seats of a hold end together, at most thirty minutes after the first", () => {
  const late = NOW.nowMs + 5_000;
  const claims = new SeatClaims(
    [held("A1", "ann", { extendableUntilMs: late, untilMs: late })],
    NOW,
  );
  const claimed = claims.take("ann", ["A2"]);
  assert.ok("terms" in claimed);
  assert.deepEqual(claimed.terms, { untilMs: late, extendableUntilMs: late });
  assert.deepEqual(claimed.kept, ["A1"]);
  const fresh = claims.take("ben", ["A3"]);
  assert.ok("terms" in fresh && fresh.terms.untilMs === NOW.nowMs + HOLD_MS);
});

test("a hold that is over is free, but for a moment the waiting list's", () => {
  const over = held("A1", "ben", { untilMs: NOW.nowMs });
  assert.ok("terms" in new SeatClaims([over], NOW).take("ann", ["A1"]));
  const waiting = { ...NOW, waiting: true };
  assert.deepEqual(new SeatClaims([over], waiting).take("ann", ["A1"]), { lost: ["A1"] });
  assert.deepEqual(new SeatClaims([over], waiting).take("ben", ["A1"]), { lost: ["A1"] });
  const longOver = held("A1", null, { untilMs: NOW.nowMs - WAITLIST_GRACE_MS });
  const claims = new SeatClaims([longOver], waiting);
  assert.ok("terms" in claims.take("ann", ["A1"]));
  assert.equal(claims.freshCount, 0, "it counted as held");
});

test("an offer stays one when seats are added, and only for whom it was made", () => {
  const own = new SeatClaims([held("A1", "ann", { offered: true })], NOW).take("ann", ["A2"]);
  assert.ok("terms" in own && own.offered);
  const over = held("A1", "ann", { offered: true, untilMs: NOW.nowMs });
  const other = new SeatClaims([over], NOW).take("ben", ["A1"]);
  assert.ok("terms" in other && !other.offered);
});

test("claims decided together come to what they come to one after the other", () => {
  const seat = fc.constantFrom("A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8");
  const who = fc.constantFrom("ann", "ben", "cat");
  const offsetMs = fc.constantFrom(-WAITLIST_GRACE_MS, -1, 0, 1, 300_000);
  const taken = fc.uniqueArray(
    fc.oneof(
      fc.record({ seatId: seat, accountId: who }).map((s) => booked(s.seatId, s.accountId)),
      fc
        .record({ seatId: seat, accountId: who, offsetMs, offered: fc.boolean() })
        .map(({ offsetMs: ms, ...s }) =>
          held(s.seatId, s.accountId, { ...s, untilMs: NOW.nowMs + ms }),
        ),
    ),
    { selector: ({ seatId }) => seatId },
  );
  const asks = fc.array(
    fc.record({ who, seatIds: fc.uniqueArray(seat, { minLength: 1, maxLength: 4 }) }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(taken, asks, fc.boolean(), (before, claimsAsked, waiting) => {
      const options = { ...NOW, waiting };
      const together = new SeatClaims(before, options);
      const outcomes = claimsAsked.map((ask) => together.take(ask.who, ask.seatIds));
      const rows = new Map(before.map((row) => [row.seatId, row]));
      const apart = claimsAsked.map((ask) => {
        const single = new SeatClaims(rows.values(), options);
        const outcome = single.take(ask.who, ask.seatIds);
        for (const row of single.changed) rows.set(row.seatId, row);
        return outcome;
      });
      assert.deepEqual(outcomes.map(had), apart.map(had));
      assert.deepEqual(outcomes.map(termsOf), apart.map(termsOf));
      const after = new Map(before.map((row) => [row.seatId, row]));
      for (const row of together.changed) after.set(row.seatId, row);
      assert.deepEqual(after, rows);
    }),
  );
});
