import { z } from "zod";
import type { StreamEvent } from "../../../core/event-log.ts";
import type { Events } from "../../../core/events.ts";
import { Serial } from "../../../core/schema.ts";
import type { Counts, ScreeningSummary, SeatChange } from "../types.ts";

/** The topic of one screening: every change of a seat. */
export function screeningTopic(screeningId: string): string {
  return `cinema.screening.${screeningId}`;
}

/** The topic of one cinema: screenings and their counts. */
export function cinemaTopic(cinemaId: number): string {
  return `cinema.${cinemaId}`;
}

/** What nodes tell each other of a cinema's own fields and halls; no client listens to it. */
export const editEvents = { "cinema.edited": z.strictObject({ cinemaId: Serial }) };

const EDITS_TOPIC = "cinema.edits";

export function announceEdited(events: Events, cinemaId: number): void {
  events.emit(EDITS_TOPIC, "cinema.edited", { cinemaId });
}

/** The cinema whose page is no longer as it was, if the event says so of any. */
export function cinemaOf({ topic, data }: StreamEvent): number | undefined {
  if (topic === EDITS_TOPIC) return editEvents["cinema.edited"].parse(data).cinemaId;
  const number = /^cinema\.(\d+)$/.exec(topic)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** Changes in one push; about 50 KB of JSON. */
const CHANGES_PER_EVENT_MAX = 500;

/** Tells the watchers of the screening which seats changed. */
export function announceSeats(
  events: Events,
  screeningId: string,
  changes: readonly SeatChange[],
): void {
  for (let from = 0; from < changes.length; from += CHANGES_PER_EVENT_MAX) {
    events.emit(screeningTopic(screeningId), "cinema.seats", {
      screeningId,
      changes: changes.slice(from, from + CHANGES_PER_EVENT_MAX),
    });
  }
}

/**
 * Tells the cinema's subscribers by how much the counts of a screening changed. A difference and
 * not the counts, because transactions that run at the same time do not know each other's.
 */
export function announceCounts(
  events: Events,
  { screeningId, cinemaId }: { readonly screeningId: string; readonly cinemaId: number },
  by: Partial<Counts>,
): void {
  const change = { free: 0, held: 0, booked: 0, blocked: 0, ...by };
  if (Object.values(change).every((difference) => difference === 0)) return;
  events.emit(cinemaTopic(cinemaId), "cinema.counts", { screeningId, change });
}

/** Seats as held by somebody, or by nobody, until then. */
export function heldSeats(
  seatIds: readonly string[],
  by: string | undefined,
  untilMs: number,
): SeatChange[] {
  return seatIds.map((seatId) => ({
    seatId,
    state: "held",
    ...(by === undefined ? {} : { by }),
    untilMs,
  }));
}

export function freeSeats(seatIds: readonly string[]): SeatChange[] {
  return seatIds.map((seatId) => ({ seatId, state: "free" }));
}

/** Seats that came free are held for somebody who waits. */
export function announceOffer(
  events: Events,
  offer: {
    readonly screeningId: string;
    readonly to: string;
    readonly seatIds: readonly string[];
    readonly untilMs: number;
  },
): void {
  events.emit(screeningTopic(offer.screeningId), "cinema.offer", offer);
}

/** A screening that is new or changed, with its counts of this moment. */
export function announceScreening(events: Events, screening: ScreeningSummary): void {
  events.emit(cinemaTopic(screening.cinemaId), "cinema.screening", screening);
}

/** What `cinema.getScreening` answers for it is no longer as it was. */
export function announceChanged(events: Events, screeningId: string): void {
  events.emit(screeningTopic(screeningId), "cinema.changed", { screeningId });
}
