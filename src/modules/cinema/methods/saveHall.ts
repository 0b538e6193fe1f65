import type { Tx } from "../../../core/database.ts";
import type { Events } from "../../../core/events.ts";
import { defineMethod } from "../../../core/method.ts";
import {
  cinemaNotFound,
  hallNotFound,
  planInUse,
  planInvalid,
  planUnpriced,
  programmeFull,
} from "../errors.ts";
import { indexPlan, type PlanIndex } from "../rules/plan-index.ts";
import { PLAN_PROBLEMS_MAX, planProblems } from "../rules/plan-problems.ts";
import { priceGaps } from "../rules/prices.ts";
import { HALLS_MAX, LISTED_MAX } from "../rules/programme.ts";
import {
  announceChanged,
  announceEdited,
  announceScreening,
  announceSeats,
  freeSeats,
} from "../seating/announce.ts";
import {
  cinemaExists,
  countHalls,
  findHallRow,
  getPlan,
  insertPlan,
  listOccupied,
  listUpcoming,
  type OccupiedSeat,
  setPlan,
  type UpcomingScreening,
  upsertHall,
} from "../store/editing.ts";
import { lockProgramme, lockScreenings } from "../store/locks.ts";
import { listSummaries } from "../store/programme.ts";
import { deleteSeats } from "../store/seats.ts";
import { cinemaWire, type Plan } from "../types.ts";

const HALL_BYTES_MAX = 4 * 1024 * 1024;

export const saveHall = defineMethod({
  name: "cinema.saveHall",
  ...cinemaWire.methods["cinema.saveHall"],
  summary: "Adds a hall, or changes the one with the id, in all its screenings to come.",
  access: "operator",
  errors: [cinemaNotFound, hallNotFound, planInvalid, planInUse, planUnpriced, programmeFull],
  transaction: "write",
  inputBytesMax: HALL_BYTES_MAX,
  async handle({ input, tx, clock, ids, events }) {
    const { cinemaId, name, plan } = input;
    checkPlan(plan);
    const index = indexPlan(plan);
    await lockProgramme(tx);
    if (!(await cinemaExists(tx, cinemaId))) throw cinemaNotFound();
    const known = input.id === undefined ? null : await findHallRow(tx, input.id);
    if (input.id !== undefined && known?.cinemaId !== cinemaId) throw hallNotFound();
    if (known === null && (await countHalls(tx, cinemaId)) >= HALLS_MAX) {
      throw programmeFull({ what: "halls", max: HALLS_MAX });
    }

    const id = known?.id ?? ids.uuid();
    const keepsPlan = known !== null && samePlan(await getPlan(tx, known.planId), plan);
    const planId = keepsPlan ? known.planId : ids.uuid();
    if (!keepsPlan) await insertPlan(tx, planId, plan, index.seatCount);
    await upsertHall(tx, { id, cinemaId, name, planId });
    const upcoming = await listUpcoming(tx, id, clock.nowMs());
    await lockScreenings(
      tx,
      upcoming.map((screening) => screening.id),
    );
    if (!keepsPlan) await putIntoForce(tx, events, upcoming, planId, index, clock.nowMs());
    await announceUpcoming(tx, events, upcoming);
    announceEdited(events, cinemaId);
    return { id, name, seatCount: index.seatCount };
  },
});

function checkPlan(plan: Plan): void {
  const problems = planProblems(plan);
  if (problems.length === 0) return;
  throw planInvalid({
    problems: problems.slice(0, PLAN_PROBLEMS_MAX),
    problemsTotal: problems.length,
  });
}

/** Plans are stored as they were parsed, so the order of fields is the same in both. */
function samePlan(a: Plan, b: Plan): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Gives the screenings the plan, unless one of them stands against it. */
async function putIntoForce(
  tx: Tx,
  events: Events,
  upcoming: readonly UpcomingScreening[],
  planId: string,
  index: PlanIndex,
  nowMs: number,
): Promise<void> {
  const screeningIds = upcoming.map(({ id }) => id);
  const occupied = await listOccupied(tx, screeningIds, nowMs);
  const vanishing = Map.groupBy(
    occupied.filter(({ seatId }) => !index.places.has(seatId)),
    ({ screeningId }) => screeningId,
  );
  checkInUse(upcoming, vanishing);
  checkPrices(upcoming, index.plan);
  await setPlan(tx, screeningIds, planId);
  for (const [screeningId, seats] of vanishing) {
    const seatIds = seats.map(({ seatId }) => seatId);
    await deleteSeats(tx, screeningId, seatIds);
    announceSeats(events, screeningId, freeSeats(seatIds));
  }
}

function checkInUse(
  upcoming: readonly UpcomingScreening[],
  vanishing: ReadonlyMap<string, readonly OccupiedSeat[]>,
): void {
  const screenings = upcoming
    .map(({ id, title, startsAtMs }) => {
      const lost = (vanishing.get(id) ?? []).filter(({ inUse }) => inUse);
      const seatIds = lost.slice(0, LISTED_MAX).map(({ seatId }) => seatId);
      return { screeningId: id, title, startsAtMs, seatIds };
    })
    .filter(({ seatIds }) => seatIds.length > 0);
  if (screenings.length > 0) throw planInUse({ screenings: screenings.slice(0, LISTED_MAX) });
}

function checkPrices(upcoming: readonly UpcomingScreening[], plan: Plan): void {
  const screenings = upcoming
    .map(({ id, prices }) => ({ screeningId: id, categories: priceGaps(plan, prices).missing }))
    .filter(({ categories }) => categories.length > 0);
  if (screenings.length > 0) throw planUnpriced({ screenings: screenings.slice(0, LISTED_MAX) });
}

async function announceUpcoming(
  tx: Tx,
  events: Events,
  upcoming: readonly UpcomingScreening[],
): Promise<void> {
  const screeningIds = upcoming.map(({ id }) => id);
  for (const screening of await listSummaries(tx, screeningIds)) {
    announceScreening(events, screening);
    announceChanged(events, screening.id);
  }
}
