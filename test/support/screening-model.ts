import { HOLD_MS, HOLD_TOTAL_MS, WAITLIST_GRACE_MS } from "../../src/modules/cinema/rules/hold.ts";
import { indexPlan, type PlanIndex } from "../../src/modules/cinema/rules/plan-index.ts";
import { assignOffers } from "../../src/modules/cinema/rules/waitlist.ts";
import { type Counts, type Plan, SEATS_PER_PERSON_MAX } from "../../src/modules/cinema/types.ts";

/** What a call is expected to come to: its effect, or the code it ends with. */
export type Outcome = "OK" | string;

interface ModelSeat {
  readonly state: "held" | "booked" | "blocked";
  /** Null when nobody has it. */
  readonly person: string | null;
  readonly untilMs?: number;
  readonly extendableUntilMs?: number;
  readonly offered?: boolean;
}

interface ModelBooking {
  readonly id: string;
  readonly person: string;
  readonly seatIds: readonly string[];
  cancelled: boolean;
}

/**
 * One screening as the rules have it, in plain maps and without a thought for concurrency: the
 * yardstick that the real module is held against, step by step.
 */
export class ScreeningModel {
  readonly seats = new Map<string, ModelSeat>();
  readonly bookings: ModelBooking[] = [];
  line: Array<{ person: string; count: number }> = [];
  readonly #index: PlanIndex;
  readonly #startsAtMs: number;

  constructor(plan: Plan, startsAtMs: number) {
    this.#index = indexPlan(plan);
    this.#startsAtMs = startsAtMs;
  }

  get seatIds(): string[] {
    return [...this.#index.places.keys()];
  }

  get counts(): Counts {
    const count = (state: string) =>
      [...this.seats.values()].filter((s) => s.state === state).length;
    const [held, booked, blocked] = [count("held"), count("booked"), count("blocked")];
    return { free: this.#index.seatCount - this.seats.size, held, booked, blocked };
  }

  hold(person: string, seatIds: readonly string[], nowMs: number): Outcome {
    if (nowMs >= this.#startsAtMs) return "SCREENING_STARTED";
    if (seatIds.some((id) => !this.#isTakeable(id, person, nowMs))) return "SEAT_TAKEN";
    const others = this.#seatsOf(person, nowMs).filter((id) => !seatIds.includes(id));
    if (others.length + seatIds.length > SEATS_PER_PERSON_MAX) return "SEAT_LIMIT";
    this.#claim(person, seatIds, nowMs, false);
    return "OK";
  }

  extend(person: string, nowMs: number): Outcome {
    if (nowMs >= this.#startsAtMs) return "SCREENING_STARTED";
    const live = this.#liveHold(person, nowMs);
    if (live.length === 0) return "NOT_HELD";
    for (const seatId of live) {
      const seat = this.#seat(seatId);
      const untilMs = Math.max(
        seat.untilMs ?? 0,
        Math.min(nowMs + HOLD_MS, seat.extendableUntilMs ?? 0),
      );
      this.seats.set(seatId, { ...seat, untilMs });
    }
    return "OK";
  }

  release(person: string, named: readonly string[] | undefined, nowMs: number): Outcome {
    const mine = [...this.seats]
      .filter(([, seat]) => seat.state === "held" && seat.person === person)
      .filter(([id]) => named === undefined || named.includes(id));
    if (mine.some(([, seat]) => seat.offered)) this.leave(person);
    this.#giveBack(
      mine.map(([id]) => id),
      nowMs,
    );
    return "OK";
  }

  book(person: string, named: readonly string[] | undefined, nowMs: number): Outcome {
    if (nowMs >= this.#startsAtMs) return "SCREENING_STARTED";
    const live = this.#liveHold(person, nowMs);
    const asked = named ?? live;
    if (live.length === 0 || asked.some((id) => !live.includes(id))) return "NOT_HELD";
    for (const seatId of asked) this.seats.set(seatId, { state: "booked", person });
    return "OK";
  }

  /** Keeps what a successful `book` answered. */
  booked(booking: Omit<ModelBooking, "cancelled">): void {
    this.bookings.push({ ...booking, cancelled: false });
  }

  cancel(person: string, booking: ModelBooking, nowMs: number): Outcome {
    if (booking.person !== person) return "BOOKING_NOT_FOUND";
    if (booking.cancelled) return "OK";
    if (nowMs >= this.#startsAtMs) return "SCREENING_STARTED";
    booking.cancelled = true;
    this.#giveBack(booking.seatIds, nowMs);
    return "OK";
  }

  block(seatIds: readonly string[], nowMs: number): Outcome {
    const isMine = (id: string) => this.seats.get(id)?.state === "blocked";
    const isOver = (seat: ModelSeat) => seat.state === "held" && (seat.untilMs ?? 0) <= nowMs;
    const lost = seatIds.some((id) => {
      const seat = this.seats.get(id);
      return seat !== undefined && !isMine(id) && !isOver(seat);
    });
    if (lost) return "SEAT_TAKEN";
    for (const id of seatIds) this.seats.set(id, { state: "blocked", person: null });
    return "OK";
  }

  unblock(seatIds: readonly string[], nowMs: number): Outcome {
    this.#giveBack(
      seatIds.filter((id) => this.seats.get(id)?.state === "blocked"),
      nowMs,
    );
    return "OK";
  }

  join(person: string, count: number, nowMs: number): Outcome {
    if (nowMs >= this.#startsAtMs) return "SCREENING_STARTED";
    const free = [...this.#index.places.values()].filter(
      ({ seat }) => seat.accessible !== true && !this.seats.has(seat.id),
    );
    if (free.length >= count) return "SEATS_AVAILABLE";
    if (this.#seatsOf(person, nowMs).length + count > SEATS_PER_PERSON_MAX) return "SEAT_LIMIT";
    const waiting = this.line.find((entry) => entry.person === person);
    if (waiting === undefined) this.line.push({ person, count });
    else waiting.count = count;
    return "OK";
  }

  leave(person: string): Outcome {
    this.line = this.line.filter((entry) => entry.person !== person);
    return "OK";
  }

  sweep(nowMs: number): void {
    const over = [...this.seats].filter(
      ([, seat]) => seat.state === "held" && (seat.untilMs ?? 0) <= nowMs,
    );
    for (const [seatId, seat] of over) {
      this.seats.delete(seatId);
      if (seat.offered && seat.person !== null) this.leave(seat.person);
    }
    if (nowMs >= this.#startsAtMs) return;
    const line = this.line.map(({ person, count }) => {
      const [first] = this.#liveHold(person, nowMs);
      return {
        accountId: person,
        count,
        seatsNow: this.#seatsOf(person, nowMs).length,
        extendableUntilMs:
          first === undefined ? null : (this.#seat(first).extendableUntilMs ?? null),
      };
    });
    const freed = over.map(([seatId]) => seatId);
    for (const { accountId, seatIds } of assignOffers(line, freed, this.#index, nowMs)) {
      this.#claim(accountId, seatIds, nowMs, true);
      const waiting = this.line.find((entry) => entry.person === accountId);
      if (waiting !== undefined) waiting.count -= seatIds.length;
    }
    this.line = this.line.filter(({ count }) => count > 0);
  }

  #seat(seatId: string): ModelSeat {
    const seat = this.seats.get(seatId);
    if (seat === undefined) throw new Error(`${seatId} is free.`);
    return seat;
  }

  #isLive(seat: ModelSeat, nowMs: number): boolean {
    return seat.state === "held" && (seat.untilMs ?? 0) > nowMs;
  }

  #liveHold(person: string, nowMs: number): string[] {
    return [...this.seats]
      .filter(([, seat]) => seat.person === person && this.#isLive(seat, nowMs))
      .map(([seatId]) => seatId);
  }

  #seatsOf(person: string, nowMs: number): string[] {
    return [...this.seats]
      .filter(([, seat]) => seat.person === person)
      .filter(([, seat]) => seat.state === "booked" || this.#isLive(seat, nowMs))
      .map(([seatId]) => seatId);
  }

  #isTakeable(seatId: string, person: string, nowMs: number): boolean {
    const seat = this.seats.get(seatId);
    if (seat === undefined) return true;
    if (seat.state !== "held") return false;
    if (seat.person === person && this.#isLive(seat, nowMs)) return true;
    const graceMs = this.line.length > 0 ? WAITLIST_GRACE_MS : 0;
    return (seat.untilMs ?? 0) <= nowMs - graceMs;
  }

  #claim(person: string, seatIds: readonly string[], nowMs: number, offered: boolean): void {
    const live = this.#liveHold(person, nowMs);
    const first = live[0] === undefined ? undefined : this.#seat(live[0]);
    const extendableUntilMs = first?.extendableUntilMs ?? nowMs + HOLD_TOTAL_MS;
    const untilMs = Math.max(first?.untilMs ?? 0, Math.min(nowMs + HOLD_MS, extendableUntilMs));
    const terms = { state: "held", person, untilMs, extendableUntilMs } as const;
    for (const seatId of live) {
      this.seats.set(seatId, { ...terms, offered: this.#seat(seatId).offered ?? false });
    }
    for (const seatId of seatIds) {
      const kept = live.includes(seatId) && this.#seat(seatId).offered;
      this.seats.set(seatId, { ...terms, offered: offered || kept === true });
    }
  }

  #giveBack(seatIds: readonly string[], nowMs: number): void {
    for (const seatId of seatIds) {
      if (this.line.length === 0) this.seats.delete(seatId);
      else {
        const end = { untilMs: nowMs, extendableUntilMs: nowMs };
        this.seats.set(seatId, { state: "held", person: null, ...end, offered: false });
      }
    }
  }
}
