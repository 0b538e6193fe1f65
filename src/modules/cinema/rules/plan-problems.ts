import type { PlanProblem } from "../errors.ts";
import { HALL_SEATS_MAX, type Plan, type Seat } from "../types.ts";

/** Problems listed in one answer; the rest is counted. */
export const PLAN_PROBLEMS_MAX = 20;

/** Two seats nearer than this stand in each other: a seat is about 1 wide. */
const SEAT_DISTANCE_MIN = 0.4;

type Path = Array<string | number>;

interface Located {
  readonly seat: Seat;
  readonly path: Path;
}

/** What a plan of the right form can still get wrong. An empty list means it can be sold. */
export function planProblems(plan: Plan): PlanProblem[] {
  const seats = locateSeats(plan);
  return [
    ...tooManySeats(seats),
    ...duplicateNames(plan),
    ...duplicateSeats(seats),
    ...unknownCategories(plan, seats),
    // Comparing places costs most, and a plan with too many seats is refused anyway.
    ...(seats.length > HALL_SEATS_MAX ? [] : overlappingSeats(seats)),
  ];
}

function locateSeats(plan: Plan): Located[] {
  return plan.sections.flatMap((section, s) =>
    section.rows.flatMap((row, r) =>
      row.seats.map((seat, i) => ({ seat, path: ["sections", s, "rows", r, "seats", i] })),
    ),
  );
}

function tooManySeats(seats: readonly Located[]): PlanProblem[] {
  if (seats.length <= HALL_SEATS_MAX) return [];
  const message = `The hall has ${seats.length} seats; ${HALL_SEATS_MAX} are the most.`;
  return [{ problem: "too_many_seats", path: ["sections"], message }];
}

/** Labels that differ in upper and lower case alone are the same to people. */
function sameToPeople(label: string): string {
  return label.normalize("NFKC").toLowerCase();
}

function duplicateNames(plan: Plan): PlanProblem[] {
  return [
    ...duplicates(
      plan.categories.map(({ id }, i) => ({ name: id, path: ["categories", i] })),
      (name) => ({
        problem: "duplicate_category",
        message: `The category ${name} is there twice.`,
      }),
    ),
    ...duplicates(
      plan.sections.map(({ name }, s) => ({ name, path: ["sections", s] })),
      (name) => ({ problem: "duplicate_section", message: `Two sections are named ${name}.` }),
    ),
    ...plan.sections.flatMap((section, s) =>
      duplicates(
        section.rows.map(({ label }, r) => ({ name: label, path: ["sections", s, "rows", r] })),
        (label) => ({
          problem: "duplicate_row",
          message: `Two rows of the section ${section.name} are labelled ${label}.`,
        }),
      ),
    ),
  ];
}

function duplicateSeats(seats: readonly Located[]): PlanProblem[] {
  return duplicates(
    seats.map(({ seat, path }) => ({ name: seat.id, path })),
    (name) => ({ problem: "duplicate_seat", message: `Two seats are labelled ${name}.` }),
  );
}

function duplicates(
  named: ReadonlyArray<{ readonly name: string; readonly path: Path }>,
  describe: (name: string) => Pick<PlanProblem, "problem" | "message">,
): PlanProblem[] {
  const known = new Set<string>();
  const problems: PlanProblem[] = [];
  for (const { name, path } of named) {
    const key = sameToPeople(name);
    if (known.has(key)) problems.push({ ...describe(name), path });
    known.add(key);
  }
  return problems;
}

function unknownCategories(plan: Plan, seats: readonly Located[]): PlanProblem[] {
  const known = new Set(plan.categories.map(({ id }) => id));
  return seats
    .filter(({ seat }) => !known.has(seat.category))
    .map(({ seat, path }) => ({
      problem: "unknown_category",
      path: [...path, "category"],
      message: `Seat ${seat.id} has the category ${seat.category}, which the plan does not list.`,
    }));
}

/**
 * Seats are put into squares as wide as the least distance, so only neighbours are compared. A seat
 * that overlaps another is not put in, so no square ever holds more than a few.
 */
function overlappingSeats(seats: readonly Located[]): PlanProblem[] {
  const squares = new Map<string, Seat[]>();
  const problems: PlanProblem[] = [];
  for (const { seat, path } of seats) {
    const column = Math.floor(seat.x / SEAT_DISTANCE_MIN);
    const line = Math.floor(seat.y / SEAT_DISTANCE_MIN);
    const other = neighbours(squares, column, line).find(
      ({ x, y }) => Math.hypot(x - seat.x, y - seat.y) < SEAT_DISTANCE_MIN,
    );
    if (other !== undefined) {
      const message = `Seats ${other.id} and ${seat.id} stand on the same spot.`;
      problems.push({ problem: "overlapping_seats", path, message });
      continue;
    }
    const key = `${column} ${line}`;
    const square = squares.get(key);
    if (square === undefined) squares.set(key, [seat]);
    else square.push(seat);
  }
  return problems;
}

function neighbours(squares: ReadonlyMap<string, Seat[]>, column: number, line: number): Seat[] {
  const found: Seat[] = [];
  for (let dx = -1; dx <= 1; dx += 1) {
    for (let dy = -1; dy <= 1; dy += 1) {
      found.push(...(squares.get(`${column + dx} ${line + dy}`) ?? []));
    }
  }
  return found;
}
