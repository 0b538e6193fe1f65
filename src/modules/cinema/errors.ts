import { z } from "zod";
import { defineError } from "../../core/errors.ts";
import { TimestampMs, Uuid } from "../../core/schema.ts";
import { CategoryId, SeatId } from "./types.ts";

export const cinemaNotFound = defineError({
  code: "CINEMA_NOT_FOUND",
  kind: "not_found",
  message: "There is no cinema with this id.",
});

export const hallNotFound = defineError({
  code: "HALL_NOT_FOUND",
  kind: "not_found",
  message: "This cinema has no hall with this id.",
});

export const screeningNotFound = defineError({
  code: "SCREENING_NOT_FOUND",
  kind: "not_found",
  message: "There is no screening with this id.",
});

/** Also the answer when the booking is another person's: ids of others tell nothing. */
export const bookingNotFound = defineError({
  code: "BOOKING_NOT_FOUND",
  kind: "not_found",
  message: "You have no booking with this id.",
});

export const screeningStarted = defineError({
  code: "SCREENING_STARTED",
  kind: "rejected",
  message: "The screening has started: seats can be held, booked and cancelled until then.",
  data: z.strictObject({ startedAtMs: TimestampMs }),
});

export const seatUnknown = defineError({
  code: "SEAT_UNKNOWN",
  kind: "invalid_input",
  message: "The hall of this screening has no such seats.",
  data: z.strictObject({ seatIds: z.array(SeatId) }),
});

export const seatTaken = defineError({
  code: "SEAT_TAKEN",
  kind: "conflict",
  message: "Some of these seats are no longer free. Nothing was changed.",
  data: z.strictObject({
    /** The seats that are lost; the others of the request may still be free. */
    seatIds: z.array(SeatId),
  }),
});

export const seatLimit = defineError({
  code: "SEAT_LIMIT",
  kind: "rejected",
  message: "This would be more seats of a screening than one person may have.",
  data: z.strictObject({
    seatsMax: z.int(),
    /** Held and booked by the person in this screening, without those asked for. */
    seatsNow: z.int(),
  }),
});

export const notHeld = defineError({
  code: "NOT_HELD",
  kind: "conflict",
  message: "You do not hold these seats, or the hold has ended.",
  data: z.strictObject({
    /** Which of the seats asked for are not held; empty when no seats were named. */
    seatIds: z.array(SeatId),
  }),
});

export const notEnoughSeats = defineError({
  code: "NOT_ENOUGH_SEATS",
  kind: "conflict",
  message: "There are not as many free seats of this kind.",
  data: z.strictObject({ free: z.int() }),
});

export const seatsAvailable = defineError({
  code: "SEATS_AVAILABLE",
  kind: "conflict",
  message: "Nobody needs to wait: as many seats are free.",
  data: z.strictObject({ free: z.int() }),
});

export const waitlistLimit = defineError({
  code: "WAITLIST_LIMIT",
  kind: "rejected",
  message: "The waiting list is full, or you are in too many of them.",
  data: z.strictObject({ max: z.int() }),
});

const PlanProblem = z.strictObject({
  problem: z.enum([
    "duplicate_seat",
    "duplicate_category",
    "duplicate_section",
    "duplicate_row",
    "unknown_category",
    "overlapping_seats",
    "too_many_seats",
  ]),
  /** Where in the plan, `["sections", 0, "rows", 2, "seats", 5]`. */
  path: z.array(z.union([z.string(), z.number()])),
  /** A sentence for the person who made the plan. */
  message: z.string(),
});
export type PlanProblem = z.infer<typeof PlanProblem>;

export const planInvalid = defineError({
  code: "PLAN_INVALID",
  kind: "invalid_input",
  message: "The seating plan contradicts itself.",
  data: z.strictObject({
    /** The first of them. */
    problems: z.array(PlanProblem),
    problemsTotal: z.int(),
  }),
});

export const planInUse = defineError({
  code: "PLAN_IN_USE",
  kind: "conflict",
  message: "The new plan lacks seats that are booked or held in screenings to come.",
  data: z.strictObject({
    screenings: z.array(
      z.strictObject({
        screeningId: Uuid,
        title: z.string(),
        startsAtMs: TimestampMs,
        seatIds: z.array(SeatId),
      }),
    ),
  }),
});

export const planUnpriced = defineError({
  code: "PLAN_UNPRICED",
  kind: "conflict",
  message: "The new plan has categories without a price in screenings to come.",
  data: z.strictObject({
    screenings: z.array(z.strictObject({ screeningId: Uuid, categories: z.array(CategoryId) })),
  }),
});

export const pricesMismatch = defineError({
  code: "PRICES_MISMATCH",
  kind: "invalid_input",
  message: "Prices must name the categories of the hall: each of them, and no other.",
  data: z.strictObject({ missing: z.array(CategoryId), unknown: z.array(CategoryId) }),
});

export const screeningInUse = defineError({
  code: "SCREENING_IN_USE",
  kind: "conflict",
  message: "Seats are booked or held: the hall and the currency cannot be changed any more.",
  data: z.strictObject({ seatIds: z.array(SeatId) }),
});

export const programmeFull = defineError({
  code: "PROGRAMME_FULL",
  kind: "rejected",
  message: "There are as many of these as one place can have.",
  data: z.strictObject({ what: z.enum(["cinemas", "halls", "screenings"]), max: z.int() }),
});

export const reportTooLarge = defineError({
  code: "REPORT_TOO_LARGE",
  kind: "rejected",
  message: "Too many screenings are in this time. Ask for a shorter one.",
  data: z.strictObject({ max: z.int() }),
});
