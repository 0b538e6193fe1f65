import assert from "node:assert/strict";
import { test } from "node:test";
import type { SeatChange } from "../../../src/modules/cinema/types.ts";
import { LiveSeats } from "./live-seats.ts";
import { PlanIndex } from "./plan-index.ts";

const YOU = "tag-of-you";
const OTHER = "tag-of-other";

function makeSeats(selectsBlocked = false): LiveSeats {
  const seats = new LiveSeats(
    new PlanIndex({
      screen: { x: 0, y: 0, width: 4 },
      categories: [{ id: "standard", name: "Standard" }],
      sections: [
        {
          name: "Stalls",
          rows: [
            {
              label: "A",
              seats: [1, 2, 3, 4].map((at) => ({
                id: `A${at}`,
                x: at,
                y: 3,
                category: "standard",
              })),
            },
          ],
        },
      ],
    }),
    selectsBlocked,
  );
  seats.replace({ A4: { state: "blocked" } }, YOU);
  return seats;
}

function held(seatId: string, by: string, untilMs = 1_000): SeatChange {
  return { seatId, state: "held", by, untilMs };
}

test("looks tell one's own seats from those of others", () => {
  const seats = makeSeats();
  seats.apply([held("A1", YOU), held("A2", OTHER), { seatId: "A3", state: "booked", by: YOU }]);
  assert.deepEqual(
    ["A1", "A2", "A3", "A4"].map((seatId) => seats.look(seatId)),
    ["mine", "held", "booked-mine", "blocked"],
  );
  seats.apply([{ seatId: "A2", state: "free" }]);
  assert.equal(seats.look("A2"), "free");
});

test("whoever is not signed in owns nothing, whatever the tags", () => {
  const seats = makeSeats();
  seats.replace({ A1: { state: "held", untilMs: 5 } }, null);
  assert.equal(seats.look("A1"), "held");
  assert.equal(seats.myHold(), null);
});

test("a selected seat that another takes is lost, and the others stay selected", () => {
  const seats = makeSeats();
  seats.select(["A1", "A2", "A3"], true);
  assert.deepEqual(seats.apply([held("A2", OTHER)]), ["A2"]);
  assert.deepEqual([...seats.selection], ["A1", "A3"]);
});

test("a selected seat that becomes one's own is not lost", () => {
  const seats = makeSeats();
  seats.select(["A1"], true);
  assert.deepEqual(seats.apply([held("A1", YOU)]), []);
  assert.equal(seats.selection.size, 0);
  assert.deepEqual(seats.myHold(), { seatIds: ["A1"], untilMs: 1_000 });
});

test("a snapshot settles the selection as changes do", () => {
  const seats = makeSeats();
  seats.select(["A1", "A2"], true);
  assert.deepEqual(seats.replace({ A1: { state: "booked", by: OTHER } }, YOU), ["A1"]);
  assert.equal(seats.look("A4"), "free");
  assert.deepEqual([...seats.selection], ["A2"]);
});

test("only free seats can be selected, and blocked ones by those who sell", () => {
  const seats = makeSeats();
  seats.apply([held("A1", OTHER)]);
  seats.select(["A1", "A2", "A4"], true);
  assert.deepEqual([...seats.selection], ["A2"]);
  const operator = makeSeats(true);
  operator.select(["A2", "A4"], true);
  assert.deepEqual([...operator.selection], ["A2", "A4"]);
  assert.equal(operator.look("A4"), "selected");
  assert.equal(operator.isBlocked("A4"), true);
});

test("listeners hear which seats look different, and why", () => {
  const seats = makeSeats();
  const heard: unknown[] = [];
  const end = seats.onChange((seatIds, cause) => heard.push([...seatIds, cause]));
  const before = seats.version.value;
  seats.select(["A1"], true);
  seats.apply([held("A2", OTHER)]);
  end();
  seats.apply([held("A3", OTHER)]);
  assert.deepEqual(heard, [
    ["A1", "selection"],
    ["A2", "live"],
  ]);
  assert.equal(seats.version.value, before + 3);
});

test("counts and tallies follow the states", () => {
  const seats = makeSeats();
  seats.apply([held("A1", YOU), { seatId: "A2", state: "booked", by: OTHER }]);
  assert.deepEqual(seats.counts(), { free: 1, held: 1, booked: 1, blocked: 1 });
  assert.deepEqual(seats.tallies().get("standard"), { free: 1, all: 4 });
  assert.equal(seats.mine(), 1);
});
