import type { Tx } from "../../../core/database.ts";
import type { Events } from "../../../core/events.ts";
import { defineMethod } from "../../../core/method.ts";
import {
  hallNotFound,
  pricesMismatch,
  programmeFull,
  screeningInUse,
  screeningNotFound,
} from "../errors.ts";
import { priceGaps } from "../rules/prices.ts";
import { LISTED_MAX, UPCOMING_MAX } from "../rules/programme.ts";
import {
  announceChanged,
  announceScreening,
  announceSeats,
  freeSeats,
} from "../seating/announce.ts";
import type { SeatingParts } from "../seating/parts.ts";
import {
  findHallRow,
  type HallRow,
  listOccupied,
  listUpcoming,
  type ScreeningRow,
  upsertScreening,
} from "../store/editing.ts";
import { lockProgramme, lockScreenings } from "../store/locks.ts";
import { findScreening, listSummaries, type ScreeningFacts } from "../store/programme.ts";
import { deleteSeats } from "../store/seats.ts";
import { cinemaWire } from "../types.ts";

/**
 * A screening stays in its cinema. It takes the hall's present plan as long as it has not started;
 * one that is over keeps the plan it was sold under.
 */
export const saveScreening = ({ plans }: SeatingParts) =>
  defineMethod({
    name: "cinema.saveScreening",
    ...cinemaWire.methods["cinema.saveScreening"],
    summary: "Adds a screening, or changes the one with the id.",
    access: "operator",
    errors: [hallNotFound, screeningNotFound, pricesMismatch, programmeFull, screeningInUse],
    transaction: "write",
    async handle({ input, tx, clock, ids, events }) {
      await lockProgramme(tx);
      if (input.id !== undefined) await lockScreenings(tx, [input.id]);
      const known = input.id === undefined ? null : await findScreening(tx, input.id);
      if (input.id !== undefined && known === null) throw screeningNotFound();
      const hall = await findHallRow(tx, input.hallId);
      if (hall === null) throw hallNotFound();
      if (known !== null && known.screening.cinemaId !== hall.cinemaId) throw hallNotFound();

      const nowMs = clock.nowMs();
      const row: ScreeningRow = {
        ...input,
        id: known?.screening.id ?? ids.uuid(),
        cinemaId: hall.cinemaId,
        planId: planFor(known, hall, input.startsAtMs > nowMs),
      };
      const { missing, unknown } = priceGaps((await plans.get(tx, row.planId)).plan, row.prices);
      if (missing.length > 0 || unknown.length > 0) {
        throw pricesMismatch({ missing, unknown: unknown.slice(0, LISTED_MAX) });
      }
      if (row.startsAtMs > nowMs) await checkRoom(tx, row, nowMs);
      if (known !== null) await makeWay(tx, events, known, row, nowMs);
      await upsertScreening(tx, row);

      const [summary] = await listSummaries(tx, [row.id]);
      if (summary === undefined) throw new Error("What was saved is there.");
      announceScreening(events, summary);
      if (known !== null) announceChanged(events, row.id);
      const { counts, ...screening } = summary;
      return screening;
    },
  });

function planFor(known: ScreeningFacts | null, hall: HallRow, isUpcoming: boolean): string {
  if (known === null || known.screening.hallId !== hall.id || isUpcoming) return hall.planId;
  return known.planId;
}

async function checkRoom(tx: Tx, row: ScreeningRow, nowMs: number): Promise<void> {
  const upcoming = await listUpcoming(tx, row.hallId, nowMs);
  if (upcoming.filter(({ id }) => id !== row.id).length < UPCOMING_MAX) return;
  throw programmeFull({ what: "screenings", max: UPCOMING_MAX });
}

/**
 * Another plan or currency needs a screening in which nobody has a seat; what is left of the old
 * plan's seats, blocked ones and holds that are over, goes with it.
 */
async function makeWay(
  tx: Tx,
  events: Events,
  { screening, planId }: ScreeningFacts,
  row: ScreeningRow,
  nowMs: number,
): Promise<void> {
  const changesPlan = planId !== row.planId;
  if (!changesPlan && screening.currency === row.currency) return;
  const occupied = await listOccupied(tx, [row.id], nowMs);
  const inUse = occupied.filter((seat) => seat.inUse).map(({ seatId }) => seatId);
  if (inUse.length > 0) throw screeningInUse({ seatIds: inUse.slice(0, LISTED_MAX) });
  if (!changesPlan) return;
  const seatIds = occupied.map(({ seatId }) => seatId);
  await deleteSeats(tx, row.id, seatIds);
  announceSeats(events, row.id, freeSeats(seatIds));
}
