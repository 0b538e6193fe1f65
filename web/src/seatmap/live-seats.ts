import { type ReadonlySignal, signal } from "@preact/signals";
import type { SeatChange, SeatMap, SeatState } from "../../../src/modules/cinema/types.ts";
import type { PlanIndex } from "./plan-index.ts";

/** What a seat is to the person who looks. */
export type Look = "free" | "selected" | "mine" | "booked-mine" | "held" | "booked" | "blocked";

/** Why seats look different: news of the server, or what this person did here. */
export type Cause = "live" | "snapshot" | "selection";

type Listener = (seatIds: readonly string[], cause: Cause) => void;

/** Free seats of a category, and all of them. */
export interface Tally {
  readonly free: number;
  readonly all: number;
}

/**
 * The seats of a screening as the server tells them, and this person's selection in them. The map
 * on the page listens for single seats; everything else follows `version`.
 */
export class LiveSeats {
  readonly index: PlanIndex;
  /** Grows with every change of states or selection. */
  readonly version: ReadonlySignal<number>;
  /** The tag by which the states name this person; null when nobody is signed in. */
  you: string | null = null;
  readonly #version = signal(0);
  readonly #states = new Map<string, SeatState>();
  readonly #selection = new Set<string>();
  readonly #listeners = new Set<Listener>();
  readonly #selectsBlocked: boolean;

  /** `selectsBlocked`: seats that are not on sale can be selected too, by those who sell them. */
  constructor(index: PlanIndex, selectsBlocked = false) {
    this.index = index;
    this.#selectsBlocked = selectsBlocked;
    this.version = this.#version;
  }

  get selection(): ReadonlySet<string> {
    return this.#selection;
  }

  onChange(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  look(seatId: string): Look {
    if (this.#selection.has(seatId)) return "selected";
    const state = this.#states.get(seatId);
    if (state === undefined) return "free";
    const mine = this.you !== null && state.by === this.you;
    if (state.state === "held") return mine ? "mine" : "held";
    if (state.state === "booked") return mine ? "booked-mine" : "booked";
    return "blocked";
  }

  /** Takes the whole map; answers the selected seats that others have taken. */
  replace(seats: SeatMap, you: string | null): string[] {
    const changed = new Set<string>(this.#states.keys());
    this.#states.clear();
    this.you = you;
    for (const [seatId, state] of Object.entries(seats)) {
      this.#states.set(seatId, state);
      changed.add(seatId);
    }
    return this.#settle([...changed], "snapshot");
  }

  /** Takes changes; answers the selected seats that others have taken. */
  apply(changes: readonly SeatChange[]): string[] {
    for (const { seatId, state, by, untilMs } of changes) {
      if (state === "free") {
        this.#states.delete(seatId);
      } else {
        this.#states.set(seatId, {
          state,
          ...(by === undefined ? {} : { by }),
          ...(untilMs === undefined ? {} : { untilMs }),
        });
      }
    }
    return this.#settle(
      changes.map(({ seatId }) => seatId),
      "live",
    );
  }

  #isSelectable(seatId: string): boolean {
    const state = this.#states.get(seatId)?.state;
    return state === undefined || (this.#selectsBlocked && state === "blocked");
  }

  isBlocked(seatId: string): boolean {
    return this.#states.get(seatId)?.state === "blocked";
  }

  /** A seat that somebody has taken can be no part of a selection. */
  #settle(seatIds: readonly string[], cause: Cause): string[] {
    const lost: string[] = [];
    for (const seatId of seatIds) {
      if (this.#isSelectable(seatId) || !this.#selection.delete(seatId)) continue;
      const look = this.look(seatId);
      if (look !== "mine" && look !== "booked-mine") lost.push(seatId);
    }
    this.#tell(seatIds, cause);
    return lost;
  }

  select(seatIds: Iterable<string>, selected: boolean): void {
    const changed: string[] = [];
    for (const seatId of seatIds) {
      if (selected && this.#isSelectable(seatId) && !this.#selection.has(seatId)) {
        this.#selection.add(seatId);
        changed.push(seatId);
      } else if (!selected && this.#selection.delete(seatId)) {
        changed.push(seatId);
      }
    }
    if (changed.length > 0) this.#tell(changed, "selection");
  }

  clearSelection(): void {
    this.select([...this.#selection], false);
  }

  #tell(seatIds: readonly string[], cause: Cause): void {
    this.#version.value += 1;
    for (const listener of this.#listeners) listener(seatIds, cause);
  }

  /** The seats this person holds, and when the hold ends. */
  myHold(): { seatIds: string[]; untilMs: number } | null {
    const seatIds: string[] = [];
    let untilMs = 0;
    for (const [seatId, state] of this.#states) {
      if (state.state !== "held" || this.you === null || state.by !== this.you) continue;
      seatIds.push(seatId);
      untilMs = Math.max(untilMs, state.untilMs ?? 0);
    }
    return seatIds.length === 0 ? null : { seatIds, untilMs };
  }

  /** How many seats this person holds or has booked. */
  mine(): number {
    let seats = 0;
    for (const { by } of this.#states.values())
      if (this.you !== null && by === this.you) seats += 1;
    return seats;
  }

  /** How many seats are in which state, this person's included. */
  counts(): Record<"free" | SeatState["state"], number> {
    const counts = { free: this.index.seats.length, held: 0, booked: 0, blocked: 0 };
    for (const { state } of this.#states.values()) {
      counts[state] += 1;
      counts.free -= 1;
    }
    return counts;
  }

  /** Free seats by category id. */
  tallies(): ReadonlyMap<string, Tally> {
    const tallies = new Map<string, { free: number; all: number }>();
    for (const seat of this.index.seats) {
      let tally = tallies.get(seat.category);
      if (tally === undefined) {
        tally = { free: 0, all: 0 };
        tallies.set(seat.category, tally);
      }
      tally.all += 1;
      if (!this.#states.has(seat.id)) tally.free += 1;
    }
    return tallies;
  }
}
