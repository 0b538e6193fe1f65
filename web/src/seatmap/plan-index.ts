import type { Plan, Seat } from "../../../src/modules/cinema/types.ts";

/** A seat with its place in the plan. */
export interface PlacedSeat extends Seat {
  readonly row: PlacedRow;
  /** Its place in the row, from 0. */
  readonly at: number;
}

export interface PlacedRow {
  readonly label: string;
  readonly section: string;
  readonly seats: readonly PlacedSeat[];
}

export interface PlacedSection {
  readonly name: string;
  readonly rows: readonly PlacedRow[];
}

export interface Bounds {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export type Direction = "left" | "right" | "up" | "down";

/** Room around the outermost seats, for the labels of rows. */
const MARGIN = 1.9;
/** Room above the screen, without its name. */
const SCREEN_MARGIN = 1.2;
/** The screen's name grows with the hall, so that it can be read when all of it is seen. */
const SCREEN_NAME_PART = 1 / 48;
const SCREEN_NAME_MIN = 0.55;

/** A plan made ready to be drawn, walked through and searched. */
export class PlanIndex {
  readonly sections: readonly PlacedSection[];
  readonly seats: readonly PlacedSeat[];
  readonly byId: ReadonlyMap<string, PlacedSeat>;
  readonly categories: Plan["categories"];
  readonly bounds: Bounds;
  readonly screen: Plan["screen"];
  /** The height of the letters of the screen's name. */
  readonly screenNameSize: number;
  readonly #cells = new Map<string, PlacedSeat[]>();
  readonly #categoryAt: ReadonlyMap<string, number>;

  constructor(plan: Plan) {
    this.categories = plan.categories;
    this.screen = plan.screen;
    this.#categoryAt = new Map(plan.categories.map(({ id }, at) => [id, at]));
    this.sections = plan.sections.map((section) => ({
      name: section.name,
      rows: section.rows.map((row) => placeRow(row, section.name)),
    }));
    this.seats = this.sections.flatMap(({ rows }) => rows.flatMap(({ seats }) => seats));
    this.byId = new Map(this.seats.map((seat) => [seat.id, seat]));
    for (const seat of this.seats) {
      const key = cellKey(Math.floor(seat.x), Math.floor(seat.y));
      const cell = this.#cells.get(key);
      if (cell === undefined) this.#cells.set(key, [seat]);
      else cell.push(seat);
    }
    const bounds = boundsOf(this.seats, plan.screen);
    this.screenNameSize = Math.max(SCREEN_NAME_MIN, bounds.width * SCREEN_NAME_PART);
    this.bounds = {
      ...bounds,
      top: bounds.top - this.screenNameSize,
      height: bounds.height + this.screenNameSize,
    };
  }

  /** The category's place in the plan's list: it decides colour and shape. */
  categoryIndex(id: string): number {
    return this.#categoryAt.get(id) ?? 0;
  }

  categoryName(id: string): string {
    return this.categories[this.categoryIndex(id)]?.name ?? id;
  }

  /** The seat nearest to a point, if one is within reach (plan units, up to about 2). */
  nearest(x: number, y: number, reach: number): PlacedSeat | undefined {
    let best: PlacedSeat | undefined;
    let bestDistance = reach;
    for (let column = Math.floor(x - reach); column <= Math.floor(x + reach); column += 1) {
      for (let line = Math.floor(y - reach); line <= Math.floor(y + reach); line += 1) {
        for (const seat of this.#cells.get(cellKey(column, line)) ?? []) {
          const distance = Math.hypot(seat.x - x, seat.y - y);
          if (distance <= bestDistance) {
            best = seat;
            bestDistance = distance;
          }
        }
      }
    }
    return best;
  }

  /**
   * Where an arrow key leads. Within a row that is the next seat; otherwise the seat that lies
   * nearest in that direction, where going astray sideways counts double.
   */
  neighbour(from: PlacedSeat, direction: Direction): PlacedSeat | undefined {
    const along = direction === "left" || direction === "right";
    if (along) {
      const next = from.row.seats[from.at + (direction === "left" ? -1 : 1)];
      if (next !== undefined) return next;
    }
    const sign = direction === "left" || direction === "up" ? -1 : 1;
    let best: PlacedSeat | undefined;
    let bestCost = Number.POSITIVE_INFINITY;
    for (const seat of this.seats) {
      if (seat.row === from.row) continue;
      const ahead = sign * (along ? seat.x - from.x : seat.y - from.y);
      const aside = Math.abs(along ? seat.y - from.y : seat.x - from.x);
      // Sideways one stays in line; forwards and backwards a wide gap may be crossed.
      if (ahead < 0.25 || (along && aside > 0.75)) continue;
      const cost = ahead + 2 * aside;
      if (cost < bestCost) {
        best = seat;
        bestCost = cost;
      }
    }
    return best;
  }
}

function placeRow(row: Plan["sections"][number]["rows"][number], section: string): PlacedRow {
  const seats: PlacedSeat[] = [];
  const placed: PlacedRow = { label: row.label, section, seats };
  for (const [at, seat] of row.seats.entries()) seats.push({ ...seat, row: placed, at });
  return placed;
}

function cellKey(column: number, line: number): string {
  return `${column}:${line}`;
}

function boundsOf(seats: readonly Seat[], screen: Plan["screen"]): Bounds {
  let left = screen.x - screen.width / 2;
  let right = screen.x + screen.width / 2;
  let top = screen.y;
  let bottom = screen.y;
  for (const { x, y } of seats) {
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return {
    left: left - MARGIN,
    top: top - SCREEN_MARGIN,
    width: right - left + 2 * MARGIN,
    height: bottom - top + SCREEN_MARGIN + MARGIN,
  };
}
