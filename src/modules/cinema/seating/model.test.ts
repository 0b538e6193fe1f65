import assert from "node:assert/strict";
import { after, test } from "node:test";
import fc from "fast-check";
import {
  createCinemaFixture,
  gridPlan,
  type Watcher,
} from "../../../../test/support/cinema-fixture.ts";
import { createManualClock } from "../../../../test/support/manual-clock.ts";
import { type Outcome, ScreeningModel } from "../../../../test/support/screening-model.ts";
import type { Person } from "../../../core/actor.ts";
import { StoaError } from "../../../core/errors.ts";
import type { StreamEvent } from "../../../core/event-log.ts";
import type { Booking, Counts, ScreeningSummary } from "../types.ts";

/** More of them find more: `MODEL_RUNS=2000 node --test <this file>`. */
const RUNS = Number(process.env["MODEL_RUNS"] ?? 8);
const SECOND_MS = 1_000;
const NAMES = ["ann", "ben", "eve"] as const;
type Name = (typeof NAMES)[number];

const clock = createManualClock(1_700_000_000_000);
const cinema = await createCinemaFixture({ clock });
after(() => cinema[Symbol.asyncDispose]());

/** The real screening, those who look at it, and who is who. */
interface World {
  readonly screeningId: string;
  readonly people: Readonly<Record<Name, Person>>;
  readonly names: ReadonlyMap<string, Name>;
  readonly watchers: readonly Watcher[];
  /** What `cinema.subscribe` said at first, and all differences since. */
  readonly counts: Counts;
  readonly stopCounting: () => void;
}

async function outcomeOf(call: Promise<unknown>): Promise<Outcome> {
  try {
    await call;
    return "OK";
  } catch (error) {
    assert.ok(error instanceof StoaError, String(error));
    return error.code;
  }
}

/** One step: what the model says will come of it, and what comes of it. */
class Step implements fc.AsyncCommand<ScreeningModel, World> {
  readonly #label: string;
  readonly #run: (model: ScreeningModel, world: World) => Promise<void>;

  constructor(label: string, run: (model: ScreeningModel, world: World) => Promise<void>) {
    this.#label = label;
    this.#run = run;
  }

  check(): boolean {
    return true;
  }

  async run(model: ScreeningModel, world: World): Promise<void> {
    await this.#run(model, world);
    await compare(model, world);
  }

  toString(): string {
    return this.#label;
  }
}

/** What the runs came to, so that a run that shows nothing is seen. */
const tally = new Map<string, number>();

function count(what: string): void {
  tally.set(what, (tally.get(what) ?? 0) + 1);
}

/** A call that must come to what the model says. */
function calling(
  label: string,
  method: string,
  name: Name | "operator",
  input: object,
  expected: (model: ScreeningModel) => Outcome,
): Step {
  return new Step(`${name} ${label}`, async (model, { screeningId, people }) => {
    const person = name === "operator" ? cinema.operator : people[name];
    const given = { screeningId, ...input };
    const called = cinema.call(`cinema.${method}`, given, person);
    const outcome = await outcomeOf(called);
    count(`${method} ${outcome}`);
    assert.equal(outcome, expected(model), `${name} ${label}`);
  });
}

async function compare(model: ScreeningModel, world: World): Promise<void> {
  const recorded = await cinema.seats(world.screeningId);
  const told = Object.fromEntries(
    Object.entries(recorded).map(([seatId, { state, by, untilMs }]) => [
      seatId,
      { state, person: by === undefined ? null : world.names.get(by), untilMs },
    ]),
  );
  const expected = Object.fromEntries(
    [...model.seats].map(([seatId, { state, person, untilMs }]) => [
      seatId,
      { state, person, untilMs },
    ]),
  );
  assert.deepEqual(told, expected);
  for (const watcher of world.watchers) {
    if (!watcher.connected) continue;
    assert.equal(watcher.isLost, false);
    assert.deepEqual(watcher.seats, recorded);
  }
  assert.deepEqual(world.counts, model.counts);
}

/** What people find among their own is what the model says they booked and hold. */
async function compareBookings(model: ScreeningModel, world: World): Promise<void> {
  for (const name of NAMES) {
    const { bookings } = await cinema.call<{ bookings: Booking[] }>(
      "cinema.myBookings",
      { limit: 100 },
      world.people[name],
    );
    const booked = bookings.filter(({ status }) => status === "booked");
    const seats = [...model.seats].filter(([, s]) => s.state === "booked" && s.person === name);
    assert.deepEqual(
      booked.flatMap(({ seatIds }) => seatIds).sort(),
      seats.map(([seatId]) => seatId).sort(),
    );
  }
}

const plan = gridPlan(2, 6);
plan.sections[0]!.rows[1]!.seats[5]!.accessible = true;
const seatIds = plan.sections.flatMap((s) => s.rows.flatMap((r) => r.seats.map(({ id }) => id)));
const hallId = await cinema.newHall(plan);
const someSeats = fc.uniqueArray(fc.constantFrom(...seatIds), { minLength: 1, maxLength: 4 });
const maybeSeats = fc.option(someSeats, { nil: undefined });
const names = fc.constantFrom(...NAMES);
const often = <T>(times: number, step: fc.Arbitrary<T>) =>
  Array.from({ length: times }, () => step);
const spans = fc.oneof(
  fc.integer({ min: 1, max: 3 * SECOND_MS }),
  fc.integer({ min: SECOND_MS, max: 900 * SECOND_MS }),
  fc.constant(600 * SECOND_MS),
);

const holding = fc
  .tuple(names, someSeats)
  .map(([name, ids]) =>
    calling(`holds ${ids}`, "hold", name, { seatIds: ids }, (model) =>
      model.hold(name, ids, clock.nowMs()),
    ),
  );
const extending = names.map((name) =>
  calling("extends", "extendHold", name, {}, (model) => model.extend(name, clock.nowMs())),
);
const releasing = fc
  .tuple(names, maybeSeats)
  .map(([name, ids]) =>
    calling(
      `releases ${ids ?? "all"}`,
      "release",
      name,
      { ...(ids && { seatIds: ids }) },
      (model) => model.release(name, ids, clock.nowMs()),
    ),
  );
const joining = fc
  .tuple(names, fc.integer({ min: 1, max: 4 }))
  .map(([name, count]) =>
    calling(`waits for ${count}`, "joinWaitlist", name, { count }, (model) =>
      model.join(name, count, clock.nowMs()),
    ),
  );
const leaving = names.map((name) =>
  calling("waits no more", "leaveWaitlist", name, {}, (model) => model.leave(name)),
);
const blocking = fc
  .tuple(fc.uniqueArray(fc.constantFrom(...seatIds), { minLength: 1, maxLength: 2 }), fc.boolean())
  .map(([ids, blocked]) =>
    calling(
      `${blocked ? "blocks" : "unblocks"} ${ids}`,
      "blockSeats",
      "operator",
      { seatIds: ids, blocked },
      (model) => (blocked ? model.block(ids, clock.nowMs()) : model.unblock(ids, clock.nowMs())),
    ),
  );
const waiting = spans.map((ms) => new Step(`${ms} ms pass`, async () => clock.advance(ms)));
/** Around the moment at which a hold ends. */
const endings = fc.constantFrom(-1, 0, 1).map((ms) => 600 * SECOND_MS + ms);
const hesitating = fc.tuple(names, someSeats, endings).map(
  ([name, ids, ms]) =>
    new Step(
      `${name} holds ${ids}, and books after ${ms} ms`,
      async (model, { screeningId, people }) => {
        const held = outcomeOf(cinema.hold(screeningId, ids, people[name]));
        assert.equal(await held, model.hold(name, ids, clock.nowMs()));
        clock.advance(ms);
        await book(model, { screeningId, people }, name, undefined);
      },
    ),
);
const sweeping = fc.constant(
  new Step("a sweep", async (model) => {
    await cinema.sweep();
    const before = model.line.length;
    model.sweep(clock.nowMs());
    if (model.line.length < before) count("sweep serves the line");
  }),
);
const reconnecting = fc.nat(1).map(
  (at) =>
    new Step(`watcher ${at} goes or comes back`, async (_, { watchers }) => {
      const watcher = watchers[at]!;
      if (watcher.connected) watcher.disconnect();
      else await watcher.connect();
    }),
);
const steps = [
  ...often(6, holding),
  ...often(2, extending),
  ...often(3, releasing),
  ...often(
    4,
    fc.tuple(names, maybeSeats).map(([name, ids]) => booking(name, ids)),
  ),
  ...often(
    4,
    fc.tuple(names, fc.nat(20)).map(([name, at]) => cancelling(name, at)),
  ),
  ...often(4, joining),
  leaving,
  ...often(2, blocking),
  ...often(5, waiting),
  ...often(3, hesitating),
  ...often(5, sweeping),
  ...often(2, reconnecting),
];

function booking(name: Name, ids: readonly string[] | undefined): Step {
  return new Step(`${name} books ${ids ?? "all"}`, (model, world) => book(model, world, name, ids));
}

async function book(
  model: ScreeningModel,
  { screeningId, people }: Pick<World, "screeningId" | "people">,
  name: Name,
  ids: readonly string[] | undefined,
): Promise<void> {
  const expected = model.book(name, ids, clock.nowMs());
  try {
    const made = await cinema.book(screeningId, people[name], ids);
    assert.equal("OK", expected);
    model.booked({ id: made.id, person: name, seatIds: made.seatIds });
  } catch (error) {
    assert.ok(error instanceof StoaError, String(error));
    assert.equal(error.code, expected);
  }
}

function cancelling(name: Name, at: number): Step {
  return new Step(`${name} cancels ${at}`, async (model, { people }) => {
    const made = model.bookings[at % Math.max(1, model.bookings.length)];
    if (made === undefined) return;
    const expected = model.cancel(name, made, clock.nowMs());
    const input = { bookingId: made.id };
    const called = cinema.call("cinema.cancelBooking", input, people[name]);
    assert.equal(await outcomeOf(called), expected);
  });
}

async function newWorld(): Promise<{ model: ScreeningModel; real: World }> {
  const startsAtMs = clock.nowMs() + 3 * 3_600 * SECOND_MS;
  const { id: screeningId } = await cinema.newScreening(plan, { hallId, startsAtMs });
  const people = { ann: cinema.newPerson(), ben: cinema.newPerson(), eve: cinema.newPerson() };
  const tagged = NAMES.map(async (name): Promise<[string, Name]> => {
    const input = { screeningId };
    const { you } = await cinema.call<{ you: string }>("cinema.getScreening", input, people[name]);
    return [you, name];
  });
  const real = {
    screeningId,
    people,
    names: new Map(await Promise.all(tagged)),
    watchers: [await cinema.watch(screeningId), await cinema.watch(screeningId, people.ann)],
    ...(await followCounts(screeningId)),
  };
  return { model: new ScreeningModel(plan, startsAtMs), real };
}

/** Nothing but an accessible place is left, so that people meet. */
async function sellOut(model: ScreeningModel, { screeningId, people }: World): Promise<void> {
  for (const [name, ids] of [
    ["ann", ["A1", "A2"]],
    ["ann", ["A3", "A4"]],
    ["ben", ["A5", "A6", "B1"]],
    ["eve", ["B2"]],
    ["eve", ["B3", "B4", "B5"]],
  ] as const) {
    await cinema.hold(screeningId, ids, people[name]);
    model.hold(name, ids, clock.nowMs());
    const { id } = await cinema.book(screeningId, people[name]);
    model.book(name, undefined, clock.nowMs());
    model.booked({ id, person: name, seatIds: ids });
  }
}

async function followCounts(screeningId: string): Promise<Pick<World, "counts" | "stopCounting">> {
  const counts: Counts = { free: 0, held: 0, booked: 0, blocked: 0 };
  const add = (change: Counts) => {
    for (const key of ["free", "held", "booked", "blocked"] as const) counts[key] += change[key];
  };
  const sink = {
    push: ({ type, data }: StreamEvent) => {
      const event = data as { screeningId: string; change: Counts };
      if (type === "cinema.counts" && event.screeningId === screeningId) add(event.change);
    },
    lost: () => assert.fail("the subscriber was lost"),
  };
  const { cinemaId } = cinema;
  const stream = await cinema.harness.open("cinema.subscribe", { cinemaId }, sink);
  const { opened } = stream;
  assert.ok(!opened.recovered);
  const { screenings } = opened.state as { screenings: ScreeningSummary[] };
  add(screenings.find(({ id }) => id === screeningId)!.counts);
  return { counts, stopCounting: () => stream.close() };
}

test("whatever is done in whatever order, the module does what the model does", async () => {
  await fc.assert(
    fc.asyncProperty(fc.commands(steps, { maxCommands: 300, size: "max" }), async (commands) => {
      const { model, real } = await newWorld();
      try {
        await sellOut(model, real);
        await fc.asyncModelRun(() => ({ model, real }), commands);
        await compareBookings(model, real);
      } finally {
        for (const watcher of real.watchers) watcher.disconnect();
        real.stopCounting();
        // What is over is no longer in the programme, which is a page and no more.
        clock.advance(6 * 3_600 * SECOND_MS);
      }
    }),
    {
      numRuns: RUNS,
      ...(process.env["MODEL_SEED"] && { seed: Number(process.env["MODEL_SEED"]) }),
    },
  );
  for (const what of ["hold OK", "hold SEAT_TAKEN", "joinWaitlist OK", "sweep serves the line"]) {
    assert.ok(tally.has(what), `no run came to this: ${what}`);
  }
});
