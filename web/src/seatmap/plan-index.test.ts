import assert from "node:assert/strict";
import { test } from "node:test";
import type { Plan } from "../../../src/modules/cinema/types.ts";
import { type Direction, PlanIndex } from "./plan-index.ts";

/** Three rows of four; the last one is shifted, and a box stands to the right of the first. */
const plan: Plan = {
  screen: { x: 1.5, y: 0, width: 4 },
  categories: [
    { id: "standard", name: "Standard" },
    { id: "box", name: "Box" },
  ],
  sections: [
    {
      name: "Stalls",
      rows: ["A", "B", "C"].map((label, line) => ({
        label,
        seats: [0, 1, 2, 3].map((at) => ({
          id: `${label}${at + 1}`,
          x: at + (label === "C" ? 0.4 : 0),
          y: 3 + line * 1.2,
          category: "standard",
        })),
      })),
    },
    {
      name: "Box",
      rows: [{ label: "X", seats: [{ id: "X1", x: 8, y: 3.2, category: "box" }] }],
    },
  ],
};

const index = new PlanIndex(plan);

function walk(from: string, ...directions: readonly Direction[]): string | undefined {
  let seat = index.byId.get(from);
  for (const direction of directions) {
    seat = seat === undefined ? undefined : index.neighbour(seat, direction);
  }
  return seat?.id;
}

test("arrows walk along a row and across rows", () => {
  assert.equal(walk("A1", "right"), "A2");
  assert.equal(walk("A2", "down"), "B2");
  assert.equal(walk("B3", "up"), "A3");
  assert.equal(walk("B2", "down"), "C2");
});

test("at the end of a row the next seat in line is in another section", () => {
  assert.equal(walk("A4", "right"), "X1");
  assert.equal(walk("X1", "left"), "A4");
  assert.equal(walk("B4", "right"), undefined);
});

test("there is no way out of the hall", () => {
  assert.equal(walk("A1", "left"), undefined);
  assert.equal(walk("A1", "up"), undefined);
  assert.equal(walk("C4", "down"), undefined);
});

test("every seat can be reached by arrows from every other", () => {
  const directions: readonly Direction[] = ["left", "right", "up", "down"];
  for (const start of index.seats) {
    const reached = new Set([start]);
    for (const seat of reached) {
      for (const direction of directions) {
        const next = index.neighbour(seat, direction);
        if (next !== undefined) reached.add(next);
      }
    }
    assert.equal(reached.size, index.seats.length, `from ${start.id}`);
  }
});

test("the nearest seat is found within reach only", () => {
  assert.equal(index.nearest(1.2, 3.1, 0.75)?.id, "A2");
  assert.equal(index.nearest(5.5, 3, 0.75), undefined);
});

test("the bounds hold every seat and the screen", () => {
  const { left, top, width, height } = index.bounds;
  for (const { x, y } of index.seats) {
    assert.ok(x > left && x < left + width && y > top && y < top + height);
  }
  assert.ok(top < plan.screen.y);
});

test("categories are known by their place in the plan", () => {
  assert.equal(index.categoryIndex("box"), 1);
  assert.equal(index.categoryName("box"), "Box");
});
