import { z } from "zod";
import {
  Empty,
  LINE,
  LINES,
  type ModuleWire,
  Serial,
  TimestampMs,
  Uuid,
} from "../../core/schema.ts";

/** Seats one person may hold in a screening. */
export const SEATS_PER_PERSON_MAX = 10;
/** Seats of a hall. */
export const HALL_SEATS_MAX = 5_000;
const SECTIONS_MAX = 50;
const ROWS_PER_SECTION_MAX = 200;
const CATEGORIES_MAX = 20;
export const PAGE_MAX = 100;

const Text = (charsMax: number) =>
  z.string().trim().min(1).max(charsMax).regex(LINE, "expected one line of text");

/** Labels become keys of objects, where one named like a member of every object would be found. */
const isNoMember = (label: string) => !(label in Object.prototype);

/** A seat's label, unique in its hall: `A12`, `Balcony L-3`. */
export const SeatId = z
  .string()
  .regex(/^[\p{L}\p{N}](?:[\p{L}\p{N} ._-]{0,14}[\p{L}\p{N}])?$/u, "expected a seat's label")
  .refine(isNoMember, "expected another label");
export const CategoryId = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,23}$/, "expected a category's id")
  .refine(isNoMember, "expected another id");
/** Plan units: a seat is about 1 wide. */
const Coordinate = z.number().min(-1_000).max(1_000);
/** In the currency's smallest unit. */
const AmountMinor = z.int().min(0).max(1_000_000_000);
const Currency = z.string().regex(/^[A-Z]{3}$/, "expected an ISO 4217 code");

export const Seat = z.strictObject({
  id: SeatId,
  x: Coordinate,
  y: Coordinate,
  category: CategoryId,
  /** A place for a wheelchair: given only to those who ask for it. */
  accessible: z.boolean().optional(),
  /** Beside an accessible place, for the person who comes along. */
  companion: z.boolean().optional(),
  /** An aisle runs along the side of this seat that has the next one in the row. */
  aisleAfter: z.boolean().optional(),
});
export type Seat = z.infer<typeof Seat>;

export const Row = z.strictObject({
  label: Text(16),
  /** From left to right as seen by somebody who sits in the hall. */
  seats: z.array(Seat).min(1).max(500),
});
export type Row = z.infer<typeof Row>;

const Section = z.strictObject({
  name: Text(60),
  /** From the screen backwards. */
  rows: z.array(Row).min(1).max(ROWS_PER_SECTION_MAX),
});

const Category = z.strictObject({
  id: CategoryId,
  name: Text(60),
});
export type Category = z.infer<typeof Category>;

/** A hall's seating plan. The screen is at the top, y grows away from it. */
export const Plan = z.strictObject({
  screen: z.strictObject({ x: Coordinate, y: Coordinate, width: z.number().min(0.5).max(1_000) }),
  /** From where one sees best; absent, it is worked out from the seats. */
  focus: z.strictObject({ x: Coordinate, y: Coordinate }).optional(),
  categories: z.array(Category).min(1).max(CATEGORIES_MAX),
  sections: z.array(Section).min(1).max(SECTIONS_MAX),
});
export type Plan = z.infer<typeof Plan>;

export const Hall = z.strictObject({
  id: Uuid,
  cinemaId: Serial,
  name: Text(80),
  seatCount: z.int(),
  plan: Plan,
});
export type Hall = z.infer<typeof Hall>;
export const HallSummary = Hall.omit({ plan: true, cinemaId: true });
export type HallSummary = z.infer<typeof HallSummary>;

/** How many seats of a screening are in which state. Together they are all its seats. */
export const Counts = z.strictObject({
  free: z.int(),
  held: z.int(),
  booked: z.int(),
  blocked: z.int(),
});
export type Counts = z.infer<typeof Counts>;

/** Prices by category, in the currency's smallest unit. */
const Prices = z.record(CategoryId, AmountMinor);

export const Screening = z.strictObject({
  id: Uuid,
  cinemaId: Serial,
  hallId: Uuid,
  hallName: z.string(),
  title: Text(120),
  /** A sentence or two about the film. */
  description: z.string().trim().max(1_000).regex(LINES, "expected text"),
  startsAtMs: TimestampMs,
  durationMinutes: z.int().min(1).max(1_440),
  currency: Currency,
  prices: Prices,
});
export type Screening = z.infer<typeof Screening>;

export const ScreeningSummary = Screening.extend({ counts: Counts });
export type ScreeningSummary = z.infer<typeof ScreeningSummary>;

export const Cinema = z.strictObject({
  id: Serial,
  name: Text(80),
  city: Text(80),
  address: z.string().trim().max(200).regex(LINE, "expected one line of text"),
});
export type Cinema = z.infer<typeof Cinema>;

/** What is true of a seat that is not free. */
export const SeatState = z.strictObject({
  state: z.enum(["held", "booked", "blocked"]),
  /** Who holds or has booked it: a tag that means a person within this screening only. */
  by: z.string().optional(),
  /** When a hold ends, by the server's clock. */
  untilMs: TimestampMs.optional(),
});
export type SeatState = z.infer<typeof SeatState>;

/** The seats that are not free, by label. */
export const SeatMap = z.record(SeatId, SeatState);
export type SeatMap = z.infer<typeof SeatMap>;

export const SeatChange = z.strictObject({
  seatId: SeatId,
  state: z.enum(["free", "held", "booked", "blocked"]),
  by: z.string().optional(),
  untilMs: TimestampMs.optional(),
});
export type SeatChange = z.infer<typeof SeatChange>;

/** A person's hold in a screening: all its seats end together. */
export const Hold = z.strictObject({
  screeningId: Uuid,
  seatIds: z.array(SeatId),
  untilMs: TimestampMs,
  /** Until when it can be extended at the most. */
  extendableUntilMs: TimestampMs,
  /** Offered from the waiting list. */
  offered: z.boolean(),
});
export type Hold = z.infer<typeof Hold>;

export const Booking = z.strictObject({
  id: Uuid,
  /** Short, to be read out at the door. */
  reference: z.string(),
  status: z.enum(["booked", "cancelled"]),
  screeningId: Uuid,
  title: z.string(),
  cinemaName: z.string(),
  hallName: z.string(),
  startsAtMs: TimestampMs,
  seatIds: z.array(SeatId),
  amountMinor: z.int().min(0),
  currency: Currency,
  bookedAtMs: TimestampMs,
});
export type Booking = z.infer<typeof Booking>;

export const Waiting = z.strictObject({
  screeningId: Uuid,
  title: z.string(),
  startsAtMs: TimestampMs,
  count: z.int(),
  /** 1 is the next. */
  position: z.int(),
});
export type Waiting = z.infer<typeof Waiting>;

const SeatIds = z
  .array(SeatId)
  .min(1)
  .max(SEATS_PER_PERSON_MAX)
  .refine((ids) => new Set(ids).size === ids.length, "each seat once")
  .meta({ uniqueItems: true });

const ReportLine = z.strictObject({
  screeningId: Uuid,
  title: z.string(),
  hallName: z.string(),
  startsAtMs: TimestampMs,
  seatCount: z.int(),
  counts: Counts,
  bookings: z.int(),
  revenueMinor: z.int(),
  currency: Currency,
});

const ScreeningInput = z.strictObject({ screeningId: Uuid });

/** The wire contract of the module. */
export const cinemaWire = {
  methods: {
    "cinema.list": {
      input: Empty,
      output: z.strictObject({ cinemas: z.array(Cinema) }),
    },
    "cinema.getOne": {
      input: z.strictObject({ id: Serial }),
      output: Cinema.extend({
        halls: z.array(HallSummary),
        /** From two hours ago on, at most a page of them, by time. */
        screenings: z.array(ScreeningSummary),
      }),
    },
    "cinema.getScreening": {
      input: ScreeningInput,
      output: z.strictObject({
        screening: Screening,
        cinemaName: z.string(),
        plan: Plan,
        seats: SeatMap,
        /** Grows with every change of the seats: the offset of `cinema.watch`. */
        version: z.int(),
        /** The tag by which `seats` names the caller; null when nobody is signed in. */
        you: z.string().nullable(),
        serverTimeMs: TimestampMs,
      }),
    },
    "cinema.hold": {
      input: z.strictObject({ screeningId: Uuid, seatIds: SeatIds }),
      output: Hold,
    },
    "cinema.extendHold": { input: ScreeningInput, output: Hold },
    "cinema.release": {
      /** Without `seatIds` the whole hold. */
      input: z.strictObject({ screeningId: Uuid, seatIds: SeatIds.optional() }),
      output: z.strictObject({ released: z.array(SeatId), hold: Hold.nullable() }),
    },
    "cinema.book": {
      /** Without `seatIds` the whole hold. */
      input: z.strictObject({ screeningId: Uuid, seatIds: SeatIds.optional() }),
      output: Booking,
    },
    "cinema.cancelBooking": {
      input: z.strictObject({ bookingId: Uuid }),
      output: Booking,
    },
    "cinema.myBookings": {
      input: z.strictObject({
        /** Bookings older than this one. */
        before: Uuid.optional(),
        limit: z.int().min(1).max(PAGE_MAX).default(20),
      }),
      output: z.strictObject({
        bookings: z.array(Booking),
        /** Live holds and places in waiting lists, all of them. */
        holds: z.array(Hold.extend({ title: z.string(), startsAtMs: TimestampMs })),
        waiting: z.array(Waiting),
        more: z.boolean(),
      }),
    },
    "cinema.bestAvailable": {
      input: z.strictObject({
        screeningId: Uuid,
        count: z.int().min(1).max(SEATS_PER_PERSON_MAX),
        category: CategoryId.optional(),
        /** How many of the seats must be accessible. */
        accessible: z.int().min(0).max(SEATS_PER_PERSON_MAX).default(0),
      }),
      /** A proposal; `cinema.hold` takes it. */
      output: z.strictObject({ seatIds: z.array(SeatId), oneRow: z.boolean() }),
    },
    "cinema.joinWaitlist": {
      input: z.strictObject({
        screeningId: Uuid,
        count: z.int().min(1).max(SEATS_PER_PERSON_MAX).default(1),
      }),
      output: Waiting,
    },
    "cinema.leaveWaitlist": { input: ScreeningInput, output: Empty },
    "cinema.saveCinema": {
      input: Cinema.partial({ id: true }),
      output: Cinema,
    },
    "cinema.getHall": { input: z.strictObject({ id: Uuid }), output: Hall },
    "cinema.saveHall": {
      input: Hall.omit({ seatCount: true }).partial({ id: true }),
      output: HallSummary,
    },
    "cinema.saveScreening": {
      input: Screening.omit({ cinemaId: true, hallName: true }).partial({ id: true }),
      output: Screening,
    },
    "cinema.blockSeats": {
      input: z.strictObject({
        screeningId: Uuid,
        seatIds: z.array(SeatId).min(1).max(500),
        blocked: z.boolean(),
      }),
      output: z.strictObject({ changed: z.array(SeatId) }),
    },
    "cinema.report": {
      input: z.strictObject({ cinemaId: Serial, fromMs: TimestampMs, toMs: TimestampMs }),
      output: z.strictObject({ lines: z.array(ReportLine) }),
    },
  },
  subscriptions: {
    "cinema.subscribe": {
      input: z.strictObject({ cinemaId: Serial }),
      state: z.strictObject({ cinemaId: Serial, screenings: z.array(ScreeningSummary) }),
      events: {
        /** By how much the counts of a screening changed. */
        "cinema.counts": z.strictObject({ screeningId: Uuid, change: Counts }),
        /** A screening was added or changed; its counts are those of this moment. */
        "cinema.screening": ScreeningSummary,
      },
    },
    "cinema.watch": {
      input: ScreeningInput,
      state: z.strictObject({
        screeningId: Uuid,
        seats: SeatMap,
        you: z.string().nullable(),
        serverTimeMs: TimestampMs,
      }),
      events: {
        /** Seats whose state changed; all others are as before. */
        "cinema.seats": z.strictObject({ screeningId: Uuid, changes: z.array(SeatChange) }),
        /** Seats that came free are held for the first of the waiting list, named by tag. */
        "cinema.offer": z.strictObject({
          screeningId: Uuid,
          to: z.string(),
          seatIds: z.array(SeatId),
          untilMs: TimestampMs,
        }),
        /** Title, time, prices or plan changed: `cinema.getScreening` has the present ones. */
        "cinema.changed": z.strictObject({ screeningId: Uuid }),
      },
    },
  },
} satisfies ModuleWire;
