import { gridPlan } from "./grid-plan.ts";
import type { Call } from "./in-process.ts";

/** A cinema of a test's own, with one hall and one screening. */
export interface Stage {
  readonly cinemaId: number;
  readonly hallId: string;
  readonly screeningId: string;
  readonly seatIds: readonly string[];
}

export interface StageOptions {
  readonly rows?: number;
  readonly seatsPerRow?: number;
  readonly startsAtMs?: number;
}

const STARTS_IN_MS = 6 * 3_600_000;

/** @param call as an operator */
export async function createStage(call: Call, options: StageOptions = {}): Promise<Stage> {
  const { rows = 4, seatsPerRow = 6, startsAtMs = Date.now() + STARTS_IN_MS } = options;
  const plan = gridPlan(rows, seatsPerRow);
  const { id: cinemaId } = await call("cinema.saveCinema", {
    name: "Rialto",
    city: "Trieste",
    address: "Via del Mare 4",
  });
  const { id: hallId } = await call("cinema.saveHall", { cinemaId, name: "One", plan });
  const { id: screeningId } = await call("cinema.saveScreening", {
    hallId,
    title: "The Glass Orchard",
    description: "Two sisters, one ladder, and an autumn that does not end.",
    startsAtMs,
    durationMinutes: 104,
    currency: "EUR",
    prices: Object.fromEntries(plan.categories.map(({ id }) => [id, 1_100])),
  });
  const seats = plan.sections.flatMap((section) => section.rows.flatMap((row) => row.seats));
  return { cinemaId, hallId, screeningId, seatIds: seats.map(({ id }) => id) };
}
