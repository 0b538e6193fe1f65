import { drawBackdrop } from "./backdrop.ts";
import type { Cause, LiveSeats, Look } from "./live-seats.ts";
import type { Rest } from "./pan-zoom.ts";
import type { PlacedSeat } from "./plan-index.ts";
import { CHECK, colourAt, numberOf, outline, TICKET, WHEELCHAIR } from "./shapes.ts";
import { svg } from "./svg.ts";

/** From this size on, seats carry their numbers, in pixels. */
const NUMBERS_FROM_PX = 21;
/** From this size on, the letters of rows can be read. */
const LABELS_FROM_PX = 12;
/** The width of the focus ring's line, in pixels. */
const RING_PX = 3;
/** Longer labels do not fit on a seat. */
const LABEL_CHARS_MAX = 4;

/** A seat in words: what it is called by those who do not see it. */
export type Describe = (seat: PlacedSeat, look: Look) => string;

export interface LayerOptions {
  readonly label: string;
  readonly describe: Describe;
  /** What seats can look like and be chosen; all others are announced as unavailable. */
  readonly choosable: ReadonlySet<Look>;
}

/**
 * The drawing of the seats. Thousands of them are built once, as plain elements, and a change
 * touches the elements of its seats alone: no tree of components is compared.
 */
export class SeatLayer {
  readonly element: SVGSVGElement;
  readonly #live: LiveSeats;
  readonly #describe: Describe;
  readonly #choosable: ReadonlySet<Look>;
  readonly #paths = new Map<string, SVGPathElement>();
  readonly #looks = new Map<string, Look>();
  readonly #marks = new Map<string, SVGPathElement>();
  readonly #markLayer = svg("g", { class: "marks", "aria-hidden": "true" });
  readonly #numberLayer = svg("g", { class: "numbers", "aria-hidden": "true" });
  readonly #ring = svg("rect", { class: "ring", "aria-hidden": "true", rx: 0.16 });
  #current: string | undefined;
  #shown: Rest | undefined;

  constructor(live: LiveSeats, options: LayerOptions) {
    const { label, describe, choosable } = options;
    this.#live = live;
    this.#describe = describe;
    this.#choosable = choosable;
    const { left, top, width, height } = live.index.bounds;
    this.element = svg("svg", {
      class: "seats",
      viewBox: `${left} ${top} ${width} ${height}`,
      role: "grid",
      "aria-label": label,
      "aria-multiselectable": "true",
    });
    this.element.append(drawBackdrop(live.index));
    for (const section of live.index.sections) {
      for (const row of section.rows) {
        const group = svg("g", { role: "row", "aria-label": `${row.section}, row ${row.label}` });
        for (const seat of row.seats) group.append(this.#draw(seat));
        this.element.append(group);
      }
    }
    this.element.append(this.#markLayer, this.#numberLayer, this.#ring);
    this.hideRing();
    this.element.addEventListener("animationend", (event) => {
      if (event.target instanceof SVGElement) event.target.classList.remove("turned");
    });
    const first = live.index.seats[0];
    if (first !== undefined) this.setCurrent(first.id);
  }

  #draw(seat: PlacedSeat): SVGPathElement {
    const path = svg("path", {
      role: "gridcell",
      tabindex: -1,
      "data-seat": seat.id,
      transform: `translate(${seat.x} ${seat.y})`,
    });
    this.#paths.set(seat.id, path);
    this.#paint(seat, path, false);
    return path;
  }

  #paint(seat: PlacedSeat, path: SVGPathElement, isNews: boolean): void {
    const look = this.#live.look(seat.id);
    const changed = this.#looks.get(seat.id) !== look;
    path.setAttribute("aria-label", this.#describe(seat, look));
    if (!changed) return;
    this.#looks.set(seat.id, look);
    const category = this.#live.index.categoryIndex(seat.category);
    path.setAttribute("d", outline(look, category));
    path.setAttribute("class", `seat c${colourAt(category)} ${look}${isNews ? " turned" : ""}`);
    path.setAttribute("aria-selected", look === "selected" || look === "mine" ? "true" : "false");
    if (this.#choosable.has(look)) path.removeAttribute("aria-disabled");
    else path.setAttribute("aria-disabled", "true");
    this.#mark(seat, look);
  }

  #mark(seat: PlacedSeat, look: Look): void {
    const d =
      look === "selected" || look === "mine"
        ? CHECK
        : look === "booked-mine"
          ? TICKET
          : seat.accessible === true && look === "free"
            ? WHEELCHAIR
            : undefined;
    const mark = this.#marks.get(seat.id);
    mark?.setAttribute("class", look);
    if (d === undefined) {
      mark?.remove();
      this.#marks.delete(seat.id);
    } else if (mark === undefined) {
      const drawn = svg("path", {
        class: look,
        d,
        transform: `translate(${seat.x} ${seat.y})`,
      });
      this.#marks.set(seat.id, drawn);
      this.#markLayer.append(drawn);
    } else {
      mark.setAttribute("d", d);
    }
  }

  refresh(seatIds: Iterable<string>, cause: Cause): void {
    for (const seatId of seatIds) {
      const seat = this.#live.index.byId.get(seatId);
      const path = this.#paths.get(seatId);
      if (seat !== undefined && path !== undefined) this.#paint(seat, path, cause === "live");
    }
    if (this.#shown !== undefined) this.showNumbers(this.#shown);
  }

  /**
   * Writes numbers on the seats that are in the frame, when they are large enough for it. Where
   * the letters of the rows may be out of sight, seats carry their whole label.
   */
  showNumbers(rest: Rest): void {
    this.#shown = rest;
    const { view, frame } = rest;
    this.#ring.setAttribute("stroke-width", String(RING_PX / view.scale));
    this.element.classList.toggle("far", view.scale < LABELS_FROM_PX);
    if (view.scale < NUMBERS_FROM_PX) {
      this.#numberLayer.replaceChildren();
      return;
    }
    const { left, top } = this.#live.index.bounds;
    const fromX = left - view.left / view.scale - 0.5;
    const fromY = top - view.top / view.scale - 0.5;
    const toX = fromX + frame.width / view.scale + 1;
    const toY = fromY + frame.height / view.scale + 1;
    const numbers: SVGTextElement[] = [];
    for (const seat of this.#live.index.seats) {
      if (seat.x < fromX || seat.x > toX || seat.y < fromY || seat.y > toY) continue;
      const look = this.#looks.get(seat.id);
      if (this.#marks.has(seat.id) || look === "booked" || look === "blocked") continue;
      const number = svg("text", { class: look ?? "", x: seat.x, y: seat.y + 0.14 });
      const isWhole = !rest.isFitted && seat.id.length <= LABEL_CHARS_MAX;
      number.textContent = isWhole ? seat.id : numberOf(seat.id);
      numbers.push(number);
    }
    this.#numberLayer.replaceChildren(...numbers);
  }

  /** The one seat that the Tab key reaches. */
  setCurrent(seatId: string): void {
    if (this.#current !== undefined) {
      this.#paths.get(this.#current)?.setAttribute("tabindex", "-1");
    }
    this.#current = seatId;
    this.#paths.get(seatId)?.setAttribute("tabindex", "0");
  }

  get current(): PlacedSeat | undefined {
    return this.#current === undefined ? undefined : this.#live.index.byId.get(this.#current);
  }

  focus(seatId: string): void {
    this.#paths.get(seatId)?.focus({ preventScroll: true });
  }

  showRing(seat: PlacedSeat): void {
    const half = 0.6;
    this.#ring.setAttribute("x", String(seat.x - half));
    this.#ring.setAttribute("y", String(seat.y - half));
    this.#ring.setAttribute("width", String(half * 2));
    this.#ring.setAttribute("height", String(half * 2));
    this.#ring.removeAttribute("visibility");
  }

  hideRing(): void {
    this.#ring.setAttribute("visibility", "hidden");
  }
}
