import type { Seat } from "../types.ts";
import { centroid, distance, type PlanIndex, type PlanRow, type Point } from "./plan-index.ts";

/**
 * Which free seats to propose to a party.
 *
 * The choices of one row are compared first; only when no row has enough seats, groups over several
 * rows are. Among the choices, each of these leaves those that are best by it to the next one:
 *
 * 1. the fewest gaps within the party: an aisle or somebody else's seat between two of its seats
 * 2. no orphan, a single free seat between taken ones, unless every choice leaves one
 * 3. nearness: the distance to the middle of the whole physical row and to the focal point
 *    together; what is at most {@link nearnessStep} behind the nearest counts as equally near
 * 4. no stretch of free seats is cut in two
 * 5. places for companions left to companions
 * 6. a seeded choice, so that a crowd spreads over what is equally good
 *
 * A general request never gets an accessible place, and one for accessible places gets exactly as
 * many as it asks for.
 */
export interface SeatRequest {
  readonly count: number;
  readonly category?: string | undefined;
  /** How many of the seats must be accessible. */
  readonly accessible: number;
}

export interface Proposal {
  readonly seatIds: string[];
  readonly oneRow: boolean;
}

/** Of the way from the focal point to the farthest seat. */
const NEARNESS_SHARE = 0.06;

/** Differences of nearness up to this, in plan units, are too small for people to mind. */
export function nearnessStep({ reach }: PlanIndex): number {
  return Math.max(1, reach * NEARNESS_SHARE);
}

/** Seats around which groups over several rows are tried. */
const ANCHORS_MAX = 64;

/** Seats of one row, as ascending indices into it. */
interface RowChoice {
  readonly row: PlanRow;
  readonly at: readonly number[];
}

/**
 * @param isFree whether nobody has the seat
 * @param pick in [0, 1): chooses among what is equally good
 * @returns null when there are not enough seats of the kind
 */
export function bestAvailable(
  index: PlanIndex,
  isFree: (seatId: string) => boolean,
  request: SeatRequest,
  pick: number,
): Proposal | null {
  const isEligible = (seat: Seat) =>
    (request.category === undefined || seat.category === request.category) && isFree(seat.id);
  const isOpen = (seat: Seat | undefined) =>
    seat !== undefined && seat.accessible !== true && isFree(seat.id);

  const inRows = index.rows.flatMap((row) => rowChoices(row, isEligible, request));
  if (inRows.length > 0) {
    const { row, at } = chooseInRow(inRows, index, isOpen, pick);
    return { seatIds: seatsOf({ row, at }).map(({ id }) => id), oneRow: true };
  }
  const group = chooseGroup(index, isEligible, isOpen, request, pick);
  return group === null ? null : { seatIds: group.map(({ id }) => id), oneRow: false };
}

/** How many free seats there are of the kind that the request's seats must all be. */
export function countEligible(
  index: PlanIndex,
  isFree: (seatId: string) => boolean,
  { category, accessible }: Pick<SeatRequest, "category" | "accessible">,
): number {
  let count = 0;
  for (const { seat } of index.places.values()) {
    if (category !== undefined && seat.category !== category) continue;
    if (accessible === 0 && seat.accessible === true) continue;
    if (isFree(seat.id)) count += 1;
  }
  return count;
}

function seatsOf({ row, at }: RowChoice): Seat[] {
  return at.map((i) => seatAt(row, i));
}

function seatAt(row: PlanRow, at: number): Seat {
  const seat = row.seats[at];
  if (seat === undefined) throw new Error(`The row has no seat ${at}.`);
  return seat;
}

/**
 * The choices of a row. A general party takes free seats that follow each other, whatever lies
 * between them; with accessible places, those come first and the others are the nearest to them.
 */
function rowChoices(
  row: PlanRow,
  isEligible: (seat: Seat) => boolean,
  { count, accessible }: SeatRequest,
): RowChoice[] {
  const places: number[] = [];
  const seats: number[] = [];
  for (const [at, seat] of row.seats.entries()) {
    if (isEligible(seat)) (seat.accessible === true ? places : seats).push(at);
  }
  const others = count - accessible;
  if (places.length < accessible || seats.length < others) return [];
  if (accessible === 0) return windows(seats, count).map((at) => ({ row, at }));
  return windows(places, accessible).map((chosen) => ({
    row,
    at: [...chosen, ...nearestInRow(row, seats, chosen, others)].sort((a, b) => a - b),
  }));
}

function windows(items: readonly number[], size: number): number[][] {
  const found: number[][] = [];
  for (let from = 0; from + size <= items.length; from += 1) {
    found.push(items.slice(from, from + size));
  }
  return found;
}

/** The seats nearest to the chosen places; of two as near, the one meant for a companion. */
function nearestInRow(
  row: PlanRow,
  seats: readonly number[],
  chosen: readonly number[],
  count: number,
): number[] {
  const rank = (at: number) => {
    const steps = Math.min(...chosen.map((place) => Math.abs(place - at)));
    return steps * 2 - (seatAt(row, at).companion === true ? 1 : 0);
  };
  return seats
    .map((at) => ({ at, rank: rank(at) }))
    .sort((a, b) => a.rank - b.rank || a.at - b.at)
    .slice(0, count)
    .map(({ at }) => at);
}

function chooseInRow(
  choices: readonly RowChoice[],
  index: PlanIndex,
  isOpen: (seat: Seat | undefined) => boolean,
  pick: number,
): RowChoice {
  const tight = least(choices, gapsWithin);
  const whole = tight.filter((choice) => !leavesOrphan(choice, isOpen));
  const near = least(
    whole.length > 0 ? whole : tight,
    (choice) => remoteness(choice, index),
    nearnessStep(index),
  );
  const compact = least(near, (choice) => cuts(choice, isOpen));
  const polite = least(compact, companionPlaces);
  return pickOne(polite, pick);
}

/** Those whose measure is the least, or above it by less than the slack. */
function least<T>(items: readonly T[], measure: (item: T) => number, slack = 0): T[] {
  const measured = items.map((item) => ({ item, value: measure(item) }));
  const minimum = measured.reduce((min, { value }) => Math.min(min, value), Infinity);
  return measured.filter(({ value }) => value <= minimum + slack).map(({ item }) => item);
}

function pickOne<T>(items: readonly T[], pick: number): T {
  const item = items[Math.floor(pick * items.length)];
  if (item === undefined) throw new Error("There is nothing to pick from.");
  return item;
}

/** Whether the two seats touch: the second is next in the row and no aisle lies between. */
function touches(row: PlanRow, left: number, right: number): boolean {
  return right === left + 1 && seatAt(row, left).aisleAfter !== true;
}

function gapsWithin({ row, at }: RowChoice): number {
  let gaps = 0;
  for (let i = 1; i < at.length; i += 1) {
    if (!touches(row, at[i - 1] ?? 0, at[i] ?? 0)) gaps += 1;
  }
  return gaps;
}

/**
 * Whether a free seat beside the party is left with no free seat beside it. A place for a companion
 * is meant to stand alone, and is no orphan.
 */
function leavesOrphan(
  { row, at }: RowChoice,
  isOpen: (seat: Seat | undefined) => boolean,
): boolean {
  const chosen = new Set(at);
  const isLeft = (i: number) => !chosen.has(i) && isOpen(row.seats[i]);
  const isOrphan = (i: number) =>
    isLeft(i) &&
    seatAt(row, i).companion !== true &&
    !(isLeft(i - 1) && touches(row, i - 1, i)) &&
    !(isLeft(i + 1) && touches(row, i, i + 1));
  return at.some(
    (i) =>
      (i > 0 && touches(row, i - 1, i) && isOrphan(i - 1)) ||
      (i + 1 < row.seats.length && touches(row, i, i + 1) && isOrphan(i + 1)),
  );
}

function remoteness(choice: RowChoice, { focus }: PlanIndex): number {
  const middle = centroid(seatsOf(choice));
  return distance(middle, choice.row.centre) + distance(middle, focus);
}

/** By how many stretches of free seats the row has more once the party sits. */
function cuts({ row, at }: RowChoice, isOpen: (seat: Seat | undefined) => boolean): number {
  const chosen = new Set(at);
  const before = countStretches(row, (i) => chosen.has(i) || isOpen(row.seats[i]));
  const after = countStretches(row, (i) => !chosen.has(i) && isOpen(row.seats[i]));
  return Math.max(0, after - before);
}

function countStretches(row: PlanRow, isFree: (at: number) => boolean): number {
  let stretches = 0;
  let last: number | undefined;
  for (let i = 0; i < row.seats.length; i += 1) {
    if (!isFree(i)) continue;
    if (last === undefined || !touches(row, last, i)) stretches += 1;
    last = i;
  }
  return stretches;
}

function companionPlaces(choice: RowChoice): number {
  return seatsOf(choice).filter(({ companion }) => companion === true).length;
}

/**
 * A party that no row can seat: around each of the free seats that are nearest to the focal point,
 * the nearest others make a group. Of those that leave no orphan, if there are any, the one that
 * sits closest together and to the focal point is chosen.
 */
function chooseGroup(
  index: PlanIndex,
  isEligible: (seat: Seat) => boolean,
  isOpen: (seat: Seat | undefined) => boolean,
  { count, accessible }: SeatRequest,
  pick: number,
): Seat[] | null {
  const places: Seat[] = [];
  const seats: Seat[] = [];
  for (const { seat } of index.places.values()) {
    if (isEligible(seat)) (seat.accessible === true ? places : seats).push(seat);
  }
  if (places.length < accessible || seats.length < count - accessible) return null;
  const anchors = nearest(accessible > 0 ? places : seats, index.focus, ANCHORS_MAX);
  const groups = anchors.map((anchor) => [
    ...nearest(places, anchor, accessible),
    ...nearest(seats, anchor, count - accessible),
  ]);
  const whole = groups.filter(
    (group) => !choicesByRow(index, group).some((choice) => leavesOrphan(choice, isOpen)),
  );
  const spread = (group: readonly Seat[]) => {
    const middle = centroid(group);
    const sum = group.reduce((total, seat) => total + distance(seat, middle), 0);
    return sum / group.length + distance(middle, index.focus);
  };
  return pickOne(least(whole.length > 0 ? whole : groups, spread, nearnessStep(index)), pick);
}

function choicesByRow(index: PlanIndex, group: readonly Seat[]): RowChoice[] {
  const byRow = new Map<PlanRow, number[]>();
  for (const { id } of group) {
    const place = index.places.get(id);
    if (place === undefined) throw new Error(`The plan has no seat ${id}.`);
    byRow.set(place.row, [...(byRow.get(place.row) ?? []), place.at]);
  }
  return [...byRow].map(([row, at]) => ({ row, at }));
}

/** The nearest of the seats, nearest first. Few are wanted of many, so only those are kept. */
function nearest(seats: readonly Seat[], to: Point, count: number): Seat[] {
  const found: Seat[] = [];
  const far: number[] = [];
  if (count === 0) return found;
  for (const seat of seats) {
    const away = distance(seat, to);
    if (found.length === count && away >= (far[count - 1] ?? 0)) continue;
    let at = found.length;
    while (at > 0 && away < (far[at - 1] ?? 0)) at -= 1;
    found.splice(at, 0, seat);
    far.splice(at, 0, away);
    if (found.length > count) {
      found.pop();
      far.pop();
    }
  }
  return found;
}
