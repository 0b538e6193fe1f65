import assert from "node:assert/strict";
import { test } from "node:test";
import { freshDatabase } from "../../../../test/support/database.ts";
import { createHarness } from "../../../../test/support/module-harness.ts";
import { createSeededRandom } from "../../../../test/support/seeded-random.ts";
import { createCinema } from "../index.ts";
import { indexPlan } from "../rules/plan-index.ts";
import { planProblems } from "../rules/plan-problems.ts";
import { type Cinema, PAGE_MAX, Plan, type ScreeningSummary } from "../types.ts";
import { DEMO_CINEMAS } from "./programme.ts";

interface Page extends Cinema {
  readonly halls: ReadonlyArray<{ readonly seatCount: number }>;
  readonly screenings: readonly ScreeningSummary[];
}

test("the demo's halls can be sold, and have different shapes", () => {
  const plans = DEMO_CINEMAS.flatMap(({ halls }) => halls.map(({ plan }) => plan()));
  for (const plan of plans) {
    Plan.parse(plan);
    assert.deepEqual(planProblems(plan), []);
  }
  const counts = plans.map((plan) => indexPlan(plan).seatCount);
  assert.deepEqual(counts, [78, 300, 753, 2_500, 78]);
});

test("an empty installation is filled once, with something sold and something sold out", async () => {
  await using place = await freshDatabase();
  const database = await place.open();
  try {
    await using harness = await createHarness({
      database,
      random: createSeededRandom("demo"),
      modules: ({ clock, random, ids, eventLog }) => [
        createCinema({ clock, random, ids, eventLog, tagSecret: new Uint8Array(32) }),
      ],
    });
    const [module] = harness.registry.modules;
    const { log } = harness.ports;
    const context = { work: harness.work, log, signal: new AbortController().signal };
    await module?.fillDemo?.(context);
    await module?.fillDemo?.(context);
    const { cinemas } = (await harness.call("cinema.list", {})) as { cinemas: Cinema[] };
    assert.deepEqual(
      cinemas.map(({ id }) => id),
      [1, 2],
    );
    const pages = (await Promise.all(
      cinemas.map(({ id }) => harness.call("cinema.getOne", { id })),
    )) as Page[];
    const screenings = pages.flatMap((page) => page.screenings);
    for (const page of pages) assert.ok(page.screenings.length < PAGE_MAX);
    const soon = screenings.filter(({ startsAtMs }) => startsAtMs > harness.ports.clock.nowMs());
    assert.ok(soon.length > 50);
    assert.ok(screenings.some(({ counts }) => counts.booked > 10 && counts.free > 10));
    assert.ok(screenings.some(({ counts }) => counts.free <= 2));
  } finally {
    await database.close();
  }
});
