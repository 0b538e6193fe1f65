import type { Plan, Seat } from "../types.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A physical row of a hall, from left to right. */
export interface PlanRow {
  readonly seats: readonly Seat[];
  /** The middle of the whole row, whoever sits in it. */
  readonly centre: Point;
}

export interface SeatPlace {
  readonly seat: Seat;
  readonly row: PlanRow;
  /** The seat's index in its row. */
  readonly at: number;
  /** The seat's place among all seats of the plan. */
  readonly order: number;
}

/** A seating plan, prepared for questions about single seats. */
export interface PlanIndex {
  readonly plan: Plan;
  readonly seatCount: number;
  /** From the screen backwards, section by section. */
  readonly rows: readonly PlanRow[];
  readonly places: ReadonlyMap<string, SeatPlace>;
  readonly accessibleSeatIds: readonly string[];
  /** From where one sees best. */
  readonly focus: Point;
  /** How far the farthest seat is from there. */
  readonly reach: number;
}

/** Where one sees best when a plan does not say: this share of the way from front to back. */
const FOCUS_DEPTH = 0.6;

export function indexPlan(plan: Plan): PlanIndex {
  const rows: PlanRow[] = [];
  const places = new Map<string, SeatPlace>();
  for (const section of plan.sections) {
    for (const { seats } of section.rows) {
      const row = { seats, centre: middleOf(seats) };
      rows.push(row);
      for (const [at, seat] of seats.entries()) {
        places.set(seat.id, { seat, row, at, order: places.size });
      }
    }
  }
  const focus = plan.focus ?? focusOf(plan, rows);
  let reach = 0;
  const accessibleSeatIds: string[] = [];
  for (const { seat } of places.values()) {
    reach = Math.max(reach, distance(seat, focus));
    if (seat.accessible === true) accessibleSeatIds.push(seat.id);
  }
  return { plan, seatCount: places.size, rows, places, accessibleSeatIds, focus, reach };
}

/** The middle seat of an odd row, the point between the middle two of an even one. */
function middleOf(seats: readonly Seat[]): Point {
  const left = seats[Math.floor((seats.length - 1) / 2)];
  const right = seats[Math.floor(seats.length / 2)];
  if (left === undefined || right === undefined) throw new Error("A row has seats.");
  return { x: (left.x + right.x) / 2, y: (left.y + right.y) / 2 };
}

function focusOf(plan: Plan, rows: readonly PlanRow[]): Point {
  let front = Number.POSITIVE_INFINITY;
  let back = Number.NEGATIVE_INFINITY;
  for (const { seats } of rows) {
    for (const { y } of seats) {
      front = Math.min(front, y);
      back = Math.max(back, y);
    }
  }
  return { x: plan.screen.x, y: front + (back - front) * FOCUS_DEPTH };
}

/** The seats as they follow each other in the hall. */
export function inPlanOrder(seatIds: Iterable<string>, { places }: PlanIndex): string[] {
  const orderOf = (seatId: string) => places.get(seatId)?.order ?? places.size;
  return [...seatIds].sort((a, b) => orderOf(a) - orderOf(b));
}

/** Those of the labels that no seat of the plan has. */
export function unknownSeats(seatIds: readonly string[], { places }: PlanIndex): string[] {
  return seatIds.filter((seatId) => !places.has(seatId));
}

/** The point amid these seats. */
export function centroid(seats: readonly Seat[]): Point {
  let x = 0;
  let y = 0;
  for (const seat of seats) {
    x += seat.x;
    y += seat.y;
  }
  return { x: x / seats.length, y: y / seats.length };
}

export function distance(a: Point, b: Point): number {
  const [dx, dy] = [a.x - b.x, a.y - b.y];
  return Math.sqrt(dx * dx + dy * dy);
}
