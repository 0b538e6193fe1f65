import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { CallError, call, type Output, type Push, subscribe } from "../api.ts";
import { count, list, sortLabels } from "../format.ts";
import { learnServerTime } from "../server-time.ts";
import { announce, toast } from "../ui/announce.ts";
import { SEATS_PER_PERSON_MAX } from "./limits.ts";
import { LiveSeats } from "./live-seats.ts";
import { PlanIndex } from "./plan-index.ts";

export type ScreeningDetails = Output<"cinema.getScreening">;
export type Hold = Output<"cinema.hold">;
export type Booking = Output<"cinema.book">;

const SELECTION_KEY = "stoa.selection.";

/** A hold as far as the map tells it, with what only the holder is told. */
export interface MyHold {
  readonly seatIds: readonly string[];
  readonly untilMs: number;
  readonly extendableUntilMs: number | undefined;
  readonly offered: boolean;
}

/**
 * One screening on the page: what it is, its seats live, and what this person does with them. The
 * server's pushes alone change the map: an answer to a call is followed by one.
 */
export class ScreeningModel {
  readonly screeningId: string;
  readonly details = signal<ScreeningDetails | undefined>(undefined);
  /** Exchanged when the plan changes. */
  readonly live = signal<LiveSeats | undefined>(undefined);
  readonly error = signal<unknown>(undefined);
  /** Seats a conflict took away, named until the next step. */
  readonly lost = signal<readonly string[]>([]);
  readonly hold: ReadonlySignal<MyHold | null>;
  readonly selection: ReadonlySignal<readonly string[]>;
  /** What the last answer told about the hold. */
  readonly #lastHold = signal<Hold | null>(null);
  /** This person ends the hold, by release or booking: no reason to be told that it ended. */
  #ending = false;
  #endWatch: (() => void) | undefined;
  #isOver = false;
  readonly #selectsBlocked: boolean;

  constructor(screeningId: string, selectsBlocked = false) {
    this.screeningId = screeningId;
    this.#selectsBlocked = selectsBlocked;
    this.hold = computed(() => {
      const live = this.live.value;
      // Read for its changes.
      if (live === undefined || live.version.value < 0) return null;
      const held = live.myHold();
      if (held === null) return null;
      const told = this.#lastHold.value;
      return {
        seatIds: sortLabels(held.seatIds),
        untilMs: held.untilMs,
        extendableUntilMs: told?.extendableUntilMs,
        offered: told?.offered ?? false,
      };
    });
    this.selection = computed(() => {
      const live = this.live.value;
      return live === undefined || live.version.value < 0 ? [] : sortLabels(live.selection);
    });
  }

  async open(): Promise<void> {
    this.error.value = undefined;
    try {
      await this.#read();
    } catch (error) {
      this.error.value = error;
      return;
    }
    if (this.#isOver || this.#endWatch !== undefined) return;
    this.#endWatch = subscribe(
      "cinema.watch",
      { screeningId: this.screeningId },
      {
        onState: (state) => {
          this.#learn(() => this.live.peek()?.replace(state.seats, state.you) ?? []);
          // It may be another person's by now: somebody signed in, or out.
          void this.#readHold().catch(() => undefined);
        },
        onEvent: (...push) => this.#hear(push),
        onError: (error) => {
          this.error.value = error;
        },
      },
    );
  }

  close(): void {
    this.#isOver = true;
    this.#endWatch?.();
  }

  async #read(): Promise<void> {
    const sentAtMs = performance.now();
    const details = await call("cinema.getScreening", { screeningId: this.screeningId });
    if (this.#isOver) return;
    learnServerTime(details.serverTimeMs, sentAtMs);
    const before = this.details.peek();
    this.details.value = details;
    const samePlan =
      before !== undefined && JSON.stringify(before.plan) === JSON.stringify(details.plan);
    if (samePlan) return;
    const live = new LiveSeats(new PlanIndex(details.plan), this.#selectsBlocked);
    live.replace(details.seats, details.you);
    live.select(recallSelection(this.screeningId), true);
    this.live.value = live;
  }

  /** Asks for what the map does not tell about one's own hold. */
  async #readHold(): Promise<void> {
    if (this.hold.peek() === null) return;
    const { holds } = await call("cinema.myBookings", { limit: 1 });
    this.#lastHold.value = holds.find((hold) => hold.screeningId === this.screeningId) ?? null;
  }

  #hear([type, data]: Push<"cinema.watch">): void {
    if (type === "cinema.seats") {
      this.#learn(() => this.live.peek()?.apply(data.changes) ?? []);
    } else if (type === "cinema.changed") {
      void this.#read().catch(() => undefined);
    } else if (data.to === this.live.peek()?.you) {
      const seats = list(sortLabels(data.seatIds));
      toast(`Good news from the waiting list: ${seats} came free and are held for you.`, "good");
      void this.#readHold().catch(() => undefined);
    }
  }

  /** Lets something change the map, and says what that means for this person. */
  #learn(change: () => string[]): void {
    const before = this.hold.peek();
    const lost = change();
    if (lost.length > 0) {
      this.lost.value = sortLabels([...this.lost.peek(), ...lost]);
      const verb = lost.length === 1 ? "was" : "were";
      toast(`${list(sortLabels(lost))} ${verb} just taken by somebody else.`, "bad");
    }
    const after = this.hold.peek();
    if (before !== null && after === null && !this.#ending) {
      this.#lastHold.value = null;
      toast(`Your hold has ended: ${list(before.seatIds)}. Select the seats again to hold them.`);
    }
  }

  /** Selects a seat or gives it back from the selection. */
  toggle(seatId: string): void {
    const live = this.live.peek();
    if (live === undefined) return;
    this.lost.value = [];
    if (live.selection.has(seatId)) {
      live.select([seatId], false);
      announce(`${seatId} is no longer selected. ${this.#selectionWords()}`);
      return;
    }
    if (live.selection.size + live.mine() >= SEATS_PER_PERSON_MAX) {
      toast(`One person can have at most ${SEATS_PER_PERSON_MAX} seats of a screening.`, "bad");
      return;
    }
    live.select([seatId], true);
    announce(`${seatId} selected. ${this.#selectionWords()}`);
  }

  #selectionWords(): string {
    const chosen = this.selection.peek().length;
    return chosen === 0 ? "Nothing is selected." : `${count(chosen, "seat")} selected.`;
  }

  /** Puts these seats in the place of the selection. */
  choose(seatIds: readonly string[]): void {
    const live = this.live.peek();
    live?.clearSelection();
    live?.select(seatIds, true);
    this.lost.value = [];
  }

  /** Remembers the selection for when the person comes back from signing in. */
  keepSelection(): void {
    rememberSelection(this.screeningId, this.selection.peek());
  }

  /** Holds what is selected: all of it, or nothing, and then the lost ones are named. */
  async holdSelected(): Promise<void> {
    const seatIds = [...this.selection.peek()];
    this.lost.value = [];
    try {
      const hold = await call("cinema.hold", { screeningId: this.screeningId, seatIds });
      this.#lastHold.value = hold;
      announce(`${count(hold.seatIds.length, "seat")} held for you: ${list(hold.seatIds)}.`);
    } catch (error) {
      const taken = lostSeats(error);
      if (taken.length === 0) throw error;
      this.live.peek()?.select(taken, false);
      this.lost.value = sortLabels(taken);
      announce(`Nothing is held yet: ${list(taken)} went to somebody else.`);
    }
  }

  async extend(): Promise<void> {
    const hold = await call("cinema.extendHold", { screeningId: this.screeningId });
    this.#lastHold.value = hold;
    announce("You have more time now.");
  }

  /** Gives back the whole hold, or some of its seats. */
  async release(seatIds?: readonly string[]): Promise<void> {
    await this.#asEnding(async () => {
      const { released, hold } = await call("cinema.release", {
        screeningId: this.screeningId,
        ...(seatIds === undefined ? {} : { seatIds: [...seatIds] }),
      });
      this.#lastHold.value = hold;
      toast(`${list(sortLabels(released))} ${released.length === 1 ? "is" : "are"} free again.`);
    });
  }

  async book(): Promise<Booking> {
    return await this.#asEnding(async () => {
      const booking = await call("cinema.book", { screeningId: this.screeningId });
      this.#lastHold.value = null;
      return booking;
    });
  }

  /** The push that shows the end may come before or just after the answer. */
  async #asEnding<T>(act: () => Promise<T>): Promise<T> {
    this.#ending = true;
    try {
      return await act();
    } finally {
      setTimeout(() => {
        this.#ending = false;
      }, 1_000);
    }
  }
}

/** The seats that a conflict names. */
function lostSeats(error: unknown): string[] {
  if (!(error instanceof CallError) || error.code !== "SEAT_TAKEN") return [];
  const seatIds = error.data?.["seatIds"];
  return Array.isArray(seatIds) ? seatIds.filter((seatId) => typeof seatId === "string") : [];
}

function rememberSelection(screeningId: string, seatIds: readonly string[]): void {
  try {
    window.sessionStorage.setItem(SELECTION_KEY + screeningId, JSON.stringify(seatIds));
  } catch {
    // Without storage the person selects again.
  }
}

function recallSelection(screeningId: string): string[] {
  try {
    const stored: unknown = JSON.parse(
      window.sessionStorage.getItem(SELECTION_KEY + screeningId) ?? "[]",
    );
    window.sessionStorage.removeItem(SELECTION_KEY + screeningId);
    if (!Array.isArray(stored)) return [];
    return stored.filter((seatId) => typeof seatId === "string");
  } catch {
    return [];
  }
}
