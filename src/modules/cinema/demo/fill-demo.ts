import type { Clock } from "../../../core/clock.ts";
import type { Tx } from "../../../core/database.ts";
import type { Ids } from "../../../core/ids.ts";
import type { JobContext } from "../../../core/module.ts";
import { fraction, type Random } from "../../../core/random.ts";
import { indexPlan, type PlanIndex } from "../rules/plan-index.ts";
import { amountOf } from "../rules/prices.ts";
import { newReference } from "../seating/references.ts";
import {
  countCinemas,
  insertCinema,
  insertPlan,
  type ScreeningRow,
  upsertHall,
  upsertScreening,
} from "../store/editing.ts";
import { lockProgramme } from "../store/locks.ts";
import { insertSales } from "../store/sales.ts";
import { sellAll, sellSome } from "./box-office.ts";
import { DEMO_CINEMAS, DEMO_DAYS, type DemoHall } from "./programme.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const CURRENCY = "EUR";

/** Nobody's account: what the demo's seats are booked by. */
const BOX_OFFICE = "00000000-0000-7000-8000-000000000001";

/** From the third day on nothing is sold yet. */
const DAYS_SOLD = 2;
const SHARE_SOLD_MAX = 0.5;

export interface DemoParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
}

/** Puts two cinemas with a week's programme into an installation that has none. */
export async function fillDemo(parts: DemoParts, { work }: JobContext): Promise<void> {
  await work.write(
    async ({ tx }) => {
      await lockProgramme(tx);
      if ((await countCinemas(tx)) > 0) return;
      for (const { halls, ...cinema } of DEMO_CINEMAS) {
        const cinemaId = await insertCinema(tx, cinema);
        for (const hall of halls) await fillHall(parts, tx, cinemaId, hall);
      }
    },
    { repeatable: true },
  );
}

async function fillHall(parts: DemoParts, tx: Tx, cinemaId: number, hall: DemoHall): Promise<void> {
  const { clock, ids } = parts;
  const index = indexPlan(hall.plan());
  const [hallId, planId] = [ids.uuid(), ids.uuid()];
  await insertPlan(tx, planId, index.plan, index.seatCount);
  await upsertHall(tx, { id: hallId, cinemaId, name: hall.name, planId });
  const midnightMs = clock.nowMs() - (clock.nowMs() % DAY_MS);
  for (let day = 0; day < DEMO_DAYS; day += 1) {
    for (const [show, atMinutes] of hall.showsAtMinutes.entries()) {
      const film = hall.films[(day + show) % hall.films.length];
      if (film === undefined) throw new Error(`${hall.name} shows no films.`);
      const screening = {
        id: ids.uuid(),
        cinemaId,
        hallId,
        planId,
        ...film,
        startsAtMs: midnightMs + day * DAY_MS + atMinutes * MINUTE_MS,
        currency: CURRENCY,
        prices: hall.prices,
      };
      await upsertScreening(tx, screening);
      // Tomorrow's last show in each small hall is sold out: there one can wait for a seat.
      const isSoldOut =
        day === 1 && show === hall.showsAtMinutes.length - 1 && index.seatCount < 100;
      if (day < DAYS_SOLD) await sell(parts, tx, screening, index, isSoldOut);
    }
  }
}

async function sell(
  { clock, random, ids }: DemoParts,
  tx: Tx,
  screening: ScreeningRow,
  index: PlanIndex,
  isSoldOut: boolean,
): Promise<void> {
  const parties = isSoldOut
    ? sellAll(index)
    : sellSome(index, fraction(random) * SHARE_SOLD_MAX, random);
  const sales = parties.map((seatIds) => ({
    id: ids.uuid(),
    reference: newReference(random),
    seatIds,
    amountMinor: amountOf(seatIds, index, screening.prices),
  }));
  await insertSales(tx, screening.id, BOX_OFFICE, sales, CURRENCY, clock.nowMs());
}
