import type { Person } from "../../../src/core/actor.ts";
import type { Booking, Plan, Screening } from "../../../src/modules/cinema/types.ts";
import { gridPlan } from "../../support/grid-plan.ts";
import type { LogEntry } from "../engine/log.ts";
import type { SeedResult } from "../engine/run-seeds.ts";
import { Simulation } from "../engine/simulation.ts";
import type { SqlSession } from "../engine/sql-session.ts";
import { Violation } from "../engine/world.ts";
import { Oracle } from "./oracle.ts";
import { createGuests, operate } from "./people.ts";
import { bootCinema, type CinemaProgram, type PlantedFault } from "./program.ts";
import { shake } from "./shaker.ts";
import { Visitor } from "./visitor.ts";
import { Watcher } from "./watcher.ts";
import { newPerson, type Stage, type World } from "./world.ts";

export interface RunOptions {
  readonly seed: number;
  readonly session: SqlSession;
  readonly fault?: PlantedFault | undefined;
  readonly show?: ((line: string) => void) | undefined;
}

const NODES = ["a", "b"];
const HOUR_MS = 3_600_000;
/** How long the world may take to come to rest, once nothing goes wrong any more. */
const SETTLE_MS_MAX = 25_000;
/** So long at the least: holds that end meanwhile are swept, nodes are compared with the log. */
const REST_MS_MIN = 1_100;
/** The last hold ends within this. */
const EVERY_HOLD_MS = 31 * 60_000;
/** A hold that is over is swept within this, by clocks that differ a little. */
const SWEPT_MS_MAX = 2_000;

/** One evening at the cinema, with everything that can go wrong in it. */
export async function runCinema({ seed, session, fault, show }: RunOptions): Promise<SeedResult> {
  await session.reset();
  const simulation: Simulation<CinemaProgram> = new Simulation<CinemaProgram>({
    seed,
    session,
    nodes: NODES,
    boot: (ports) => bootCinema(ports, fault),
    heard: (entry) => hear(simulation, entry),
    show,
  });
  const oracle = new Oracle(simulation);
  simulation.server.watch = oracle;
  let violation: string | undefined;
  try {
    await play(simulation, oracle);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    violation = error instanceof Violation ? error.message : (error.stack ?? error.message);
  } finally {
    simulation.stop();
  }
  const { steps, elapsedMs } = simulation.scheduler;
  const { commits } = oracle;
  const digest = simulation.trace.digest();
  return { seed, digest, violation, steps, commits, simulatedMs: elapsedMs };
}

/** Trouble may be logged; defects may not. */
function hear(simulation: Simulation<CinemaProgram>, { level, message, cause }: LogEntry): void {
  if (level === "warn") return;
  const isTrouble = cause instanceof Error && "code" in cause && cause.code === "UNAVAILABLE";
  if (isTrouble) return;
  const reason = cause instanceof Error ? (cause.stack ?? cause.message) : "";
  simulation.fail(`A node says: ${message} ${reason}`);
}

/** Plays the evening to its end. @throws Violation */
async function play(simulation: Simulation<CinemaProgram>, oracle: Oracle): Promise<void> {
  const { dice, wall } = simulation;
  const stages: Stage[] = [];
  // In some runs the screening begins while people still choose their seats.
  const isSoon = dice.chance(0.25);
  const startsInMs = isSoon ? dice.between(0.1, 0.7) * HOUR_MS : 60 * HOUR_MS;
  const forwardMsMax = (isSoon ? 1.2 : 30) * HOUR_MS;
  const world: World = { simulation, oracle, cinemaId: 1, stages, forwardMsMax };
  const operator = new Visitor(world, "operator", newPerson(dice, wall.latestMs(), true));
  const screenings: Screening[] = [];
  await simulation.phase("the building", async () => {
    for (const node of NODES) await simulation.start(node);
    await build(world, operator, startsInMs, stages, screenings);
  });

  simulation.unleash();
  const guests = createGuests(world, 2 + dice.below(5));
  const watchers = createWatchers(
    world,
    guests.map(({ visitor }) => visitor.person),
  );
  const restMs = dice.between(10, 300);
  const edit = () => {
    const { cinemaId: _, hallName: __, ...screening } = dice.pick(screenings);
    return operator.ask("saveScreening", { ...screening, title: `Take ${dice.below(1_000)}` });
  };
  let isOver = false;
  for (const watcher of watchers) simulation.begin(watcher.name, () => watcher.follow());
  simulation.begin("the shaker", () => shake(world, watchers, () => isOver));
  await simulation.phase("the evening", async () => {
    await Promise.all([
      ...guests.map((guest) => guest.live(3 + dice.below(9), restMs)),
      operate(world, operator, dice.below(6), restMs * 2, edit),
    ]);
    isOver = true;
    await simulation.calm();
  });

  await settle(world, watchers);
  if (dice.chance(0.4)) {
    wall.jump(EVERY_HOLD_MS);
    await settle(world, watchers);
  }
  await simulation.phase("the end", async () => {
    for (const { visitor } of dice.sample(guests, 2)) await compareOwn(world, visitor);
  });
}

/** A hall, and one or two screenings in it. */
async function build(
  { simulation: { dice, wall } }: World,
  operator: Visitor,
  startsInMs: number,
  stages: Stage[],
  screenings: Screening[],
): Promise<void> {
  const cinema = { name: "Roxy", city: "Riga", address: "Brīvības iela 1" };
  const { id: cinemaId } = (await operator.ask("saveCinema", cinema)) as { id: number };
  const plan: Plan = gridPlan(2 + dice.below(2), 4 + dice.below(3));
  const seats = plan.sections.flatMap(({ rows }) => rows.flatMap((row) => row.seats));
  dice.pick(seats).accessible = true;
  const hall = { cinemaId, name: "One", plan };
  const { id: hallId } = (await operator.ask("saveHall", hall)) as { id: string };
  const seatIds = seats.map(({ id }) => id);
  const count = dice.chance(0.3) ? 2 : 1;
  for (let screening = 0; screening < count; screening += 1) {
    const made = (await operator.ask("saveScreening", {
      hallId,
      title: "The Long Crossing",
      description: "",
      startsAtMs: Math.round(wall.latestMs() + startsInMs),
      durationMinutes: 100,
      currency: "EUR",
      prices: { standard: 1_000 },
    })) as Screening;
    screenings.push(made);
    stages.push({ screeningId: made.id, seatIds });
    // A house that is almost full is where people wait in line.
    const blocked = dice.chance(0.5)
      ? dice.sample(seatIds, seatIds.length - 2 - dice.below(4))
      : [];
    if (blocked.length === 0) continue;
    await operator.ask("blockSeats", { screeningId: made.id, seatIds: blocked, blocked: true });
  }
}

function createWatchers(world: World, people: readonly Person[]): Watcher[] {
  const { dice } = world.simulation;
  return Array.from({ length: 1 + dice.below(4) }, (_, index) => {
    const { screeningId } = dice.pick(world.stages);
    const view = dice.chance(0.7)
      ? ({ kind: "watch", screeningId } as const)
      : ({ kind: "subscribe", cinemaId: world.cinemaId } as const);
    const person = dice.chance(0.5) ? dice.pick(people) : undefined;
    return new Watcher(world, `watcher${index + 1}`, view, person);
  });
}

/** Left in peace, the world comes to rest: everybody knows everything, and no hold is overdue. */
async function settle(world: World, watchers: readonly Watcher[]): Promise<void> {
  const { simulation, oracle } = world;
  const { scheduler, wall } = simulation;
  const startedMs = scheduler.elapsedMs;
  const overdue = () => {
    const sinceMs = wall.earliestMs() - SWEPT_MS_MAX;
    return oracle.tables.seats.find(({ untilMs }) => untilMs !== null && untilMs <= sinceMs);
  };
  // Whatever was still under way when the faults ended has come to its end by then.
  const isAtRest = () =>
    scheduler.elapsedMs > startedMs + REST_MS_MIN &&
    overdue() === undefined &&
    watchers.every((watcher) => watcher.isUpToDate);
  const isLate = () => scheduler.elapsedMs > startedMs + SETTLE_MS_MAX;
  await simulation.runUntil(() => isLate() || isAtRest());
  if (isAtRest()) return;
  const behind = watchers.filter((watcher) => !watcher.isUpToDate).join(", ");
  throw new Violation(`The world does not settle: ${behind || JSON.stringify(overdue())}`);
}

/** What a person finds among their own is what the tables say is theirs. */
async function compareOwn({ oracle }: World, visitor: Visitor): Promise<void> {
  const own = (await visitor.ask("myBookings", { limit: 100 })) as { bookings: Booking[] };
  const told = own.bookings.map(({ id, status }) => `${id} ${status}`).sort();
  const recorded = oracle.tables.bookings
    .filter(({ accountId }) => accountId === visitor.person.accountId)
    .map(({ id, status }) => `${id} ${status}`)
    .sort();
  if (told.join() === recorded.join()) return;
  throw new Violation(`${visitor.name} is told of ${told}, and there is ${recorded}`);
}
