import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gridPlan } from "../../../../test/support/cinema-fixture.ts";
import { planProblems } from "./plan-problems.ts";

const problemsOf = (change: (plan: ReturnType<typeof gridPlan>) => void) => {
  const plan = gridPlan(3, 5);
  change(plan);
  return planProblems(plan).map(({ problem, path }) => ({ problem, path: path.join(".") }));
};

describe("a seating plan", () => {
  test("may be as it should be", () => {
    assert.deepEqual(
      problemsOf(() => {}),
      [],
    );
  });

  test("must not label two seats alike, not even in another case", () => {
    const problems = problemsOf(({ sections }) => {
      sections[0]!.rows[1]!.seats[0]!.id = "A1";
      sections[0]!.rows[2]!.seats[4]!.id = "a2";
    });
    assert.deepEqual(problems, [
      { problem: "duplicate_seat", path: "sections.0.rows.1.seats.0" },
      { problem: "duplicate_seat", path: "sections.0.rows.2.seats.4" },
    ]);
  });

  test("must not name two categories, sections or rows alike", () => {
    const problems = problemsOf((plan) => {
      plan.categories.push({ id: "standard", name: "Again" });
      plan.sections[0]!.rows[2]!.label = "A";
      plan.sections.push({
        name: "stalls",
        rows: [{ label: "Z", seats: [{ id: "Z1", x: 0, y: 20, category: "standard" }] }],
      });
    });
    assert.deepEqual(problems, [
      { problem: "duplicate_category", path: "categories.1" },
      { problem: "duplicate_section", path: "sections.1" },
      { problem: "duplicate_row", path: "sections.0.rows.2" },
    ]);
  });

  test("must list the categories of its seats", () => {
    const problems = problemsOf(({ sections }) => {
      sections[0]!.rows[0]!.seats[3]!.category = "royal";
    });
    const path = "sections.0.rows.0.seats.3.category";
    assert.deepEqual(problems, [{ problem: "unknown_category", path }]);
  });

  test("must not put two seats on one spot", () => {
    const problems = problemsOf(({ sections }) => {
      const [a, b] = sections[0]!.rows[0]!.seats;
      b!.x = a!.x + 0.2;
      b!.y = a!.y - 0.2;
    });
    assert.deepEqual(problems, [
      { problem: "overlapping_seats", path: "sections.0.rows.0.seats.1" },
    ]);
  });

  test("must not have more than 5,000 seats, and one of 100,000 is refused in a blink", () => {
    const plan = gridPlan(1, 1);
    const rows = Array.from({ length: 200 }, (_, r) => ({
      label: `R${r}`,
      seats: Array.from({ length: 500 }, (_, i) => ({
        id: `${r}-${i}`,
        x: 0,
        y: 0,
        category: "standard",
      })),
    }));
    plan.sections = [{ name: "Field", rows }];
    const startedMs = performance.now();
    const problems = planProblems(plan);
    assert.deepEqual(
      problems.map(({ problem }) => problem),
      ["too_many_seats"],
    );
    assert.match(problems[0]!.message, /100000 seats; 5000/);
    assert.ok(performance.now() - startedMs < 10_000);
  });

  test("of 5,000 seats on one spot is refused in a blink as well", () => {
    const plan = gridPlan(1, 1);
    plan.sections[0]!.rows = Array.from({ length: 10 }, (_, r) => ({
      label: `R${r}`,
      seats: Array.from({ length: 500 }, (_, i) => ({
        id: `${r}-${i}`,
        x: 0,
        y: 0,
        category: "standard",
      })),
    }));
    const startedMs = performance.now();
    assert.equal(planProblems(plan).length, 4_999);
    assert.ok(performance.now() - startedMs < 10_000);
  });
});
