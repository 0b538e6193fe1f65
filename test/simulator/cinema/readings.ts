import type { Counts, SeatMap } from "../../../src/modules/cinema/types.ts";
import type { Intent } from "./intents.ts";
import { canonical, type Replay } from "./replay.ts";

/** A page of a cinema may be so old when it is asked for; see `seating/page-cache.ts`. */
const PAGE_AGE_MS_MAX = 1_000;

/**
 * Holds what a reading call answered against the log: it is what was true at a moment that is not
 * too long ago.
 *
 * @returns what is wrong
 */
export function judgeReading(replay: Replay, intent: Intent): string | undefined {
  const { method, who, outcome } = intent;
  if (outcome?.kind !== "answer") return undefined;
  const { answer, attemptAtMs } = outcome;
  const wrong =
    method === "getScreening"
      ? judgeScreening(replay, answer as ScreeningAnswer, attemptAtMs)
      : method === "getOne"
        ? judgePage(replay, answer as PageAnswer, attemptAtMs)
        : undefined;
  return wrong && `${who} was told by ${method}: ${wrong}`;
}

interface ScreeningAnswer {
  readonly screening: { readonly id: string };
  readonly seats: SeatMap;
  readonly version: number;
}

function judgeScreening(
  replay: Replay,
  { screening, seats, version }: ScreeningAnswer,
  askedAtMs: number,
): string | undefined {
  const topic = `cinema.screening.${screening.id}`;
  const oldest = replay.offsetAt(topic, askedAtMs);
  if (version < oldest) return `version ${version}, when there was ${oldest} already`;
  const expected = replay.stateAt(topic, version);
  const told = canonical(seats);
  return told === expected ? undefined : `${told} at ${version}, which was ${expected}`;
}

interface PageAnswer {
  readonly id: number;
  readonly screenings: ReadonlyArray<{ readonly id: string; readonly counts: Counts }>;
}

function judgePage(
  replay: Replay,
  { id, screenings }: PageAnswer,
  askedAtMs: number,
): string | undefined {
  const topic = `cinema.${id}`;
  const told = canonical(Object.fromEntries(screenings.map((one) => [one.id, one.counts])));
  const oldest = replay.offsetAt(topic, askedAtMs - PAGE_AGE_MS_MAX);
  for (let offset = replay.offsetOf(topic); offset >= oldest; offset -= 1) {
    if (replay.stateAt(topic, offset) === told) return undefined;
  }
  return `${told}, which was true before ${oldest} or never`;
}
