import { SEATS_PER_PERSON_MAX } from "../types.ts";
import { freshTerms, type HoldTerms, takeableSinceMs } from "./hold.ts";

/** A seat of a screening that is not free, as it is recorded. */
export interface TakenSeat {
  readonly seatId: string;
  readonly state: "held" | "booked" | "blocked";
  /** Null when it is blocked, or given back while others wait. */
  readonly accountId: string | null;
  /** When its hold ends; null when it is not held. */
  readonly untilMs: number | null;
  readonly extendableUntilMs: number | null;
  /** Whether it was offered from the waiting list. */
  readonly offered: boolean;
}

/** A seat that somebody holds. */
export interface HeldSeat extends TakenSeat {
  readonly state: "held";
  readonly accountId: string;
  readonly untilMs: number;
  readonly extendableUntilMs: number;
}

/** What came of a claim: the person's whole hold, or why there is none. */
export type Claimed =
  | {
      readonly terms: HoldTerms;
      /** Every seat of the hold, those it had before included. */
      readonly seatIds: readonly string[];
      /** Those of them that were held before and not asked for. */
      readonly kept: readonly string[];
      readonly offered: boolean;
    }
  /** Seats that somebody else has. */
  | { readonly lost: readonly string[] }
  /** The person's other seats, held and booked, leave no room. */
  | { readonly seatsNow: number };

export interface ClaimsOptions {
  readonly nowMs: number;
  /** Whether people wait for seats of the screening. */
  readonly waiting: boolean;
}

/**
 * Who gets which seat, one claim after the other: a claim has all of its seats or none, and sees
 * what the ones before it took. Beforehand it is told every seat that is asked for and not free,
 * and everything that those who ask have in the screening; afterwards `changed` is to be recorded.
 */
export class SeatClaims {
  /** Seats that were free and are held now. */
  freshCount = 0;
  readonly #seats = new Map<string, TakenSeat>();
  /** Seats by whose they are. */
  readonly #owned = new Map<string, Set<string>>();
  readonly #changed = new Map<string, HeldSeat>();
  readonly #nowMs: number;
  readonly #takeableSinceMs: number;

  constructor(taken: Iterable<TakenSeat>, { nowMs, waiting }: ClaimsOptions) {
    this.#nowMs = nowMs;
    this.#takeableSinceMs = takeableSinceMs(nowMs, waiting);
    for (const seat of taken) this.#put(seat);
  }

  /** The seats that have changed, as they are now. */
  get changed(): HeldSeat[] {
    return [...this.#changed.values()];
  }

  /** @param offered whether the seats are offered from the waiting list */
  take(accountId: string, seatIds: readonly string[], offered = false): Claimed {
    const lost = seatIds.filter((seatId) => !this.#isTakeable(seatId, accountId));
    if (lost.length > 0) return { lost };
    const asked = new Set(seatIds);
    const own = this.#own(accountId);
    const others = own.filter(({ seatId }) => !asked.has(seatId));
    if (others.length + asked.size > SEATS_PER_PERSON_MAX) return { seatsNow: others.length };

    const terms = this.#termsOf(own);
    const kept = others.filter(({ state }) => state === "held");
    let isOffered = false;
    for (const seatId of [...seatIds, ...kept.map((seat) => seat.seatId)]) {
      const before = this.#seats.get(seatId);
      const wasOffered = before?.offered === true && this.#isOwn(before, accountId);
      const seat = {
        seatId,
        state: "held" as const,
        accountId,
        ...terms,
        offered: wasOffered || (offered && asked.has(seatId)),
      };
      if (before === undefined) this.freshCount += 1;
      isOffered ||= seat.offered;
      this.#put(seat);
      this.#changed.set(seatId, seat);
    }
    const keptIds = kept.map(({ seatId }) => seatId);
    return { terms, seatIds: [...seatIds, ...keptIds], kept: keptIds, offered: isOffered };
  }

  /** Seats of a hold end together, and no later than its first one allows. */
  #termsOf(own: readonly TakenSeat[]): HoldTerms {
    const fresh = freshTerms(this.#nowMs);
    const held = own.filter(({ state }) => state === "held");
    if (held.length === 0) return fresh;
    const extendableUntilMs = Math.max(...held.map((seat) => seat.extendableUntilMs ?? 0));
    const untilMs = Math.max(
      Math.min(fresh.untilMs, extendableUntilMs),
      ...held.map((seat) => seat.untilMs ?? 0),
    );
    return { untilMs, extendableUntilMs };
  }

  /** Booked seats of the person and seats in their living hold. */
  #own(accountId: string): TakenSeat[] {
    return [...(this.#owned.get(accountId) ?? [])].flatMap((seatId) => {
      const seat = this.#seats.get(seatId);
      return seat !== undefined && this.#isOwn(seat, accountId) ? [seat] : [];
    });
  }

  #isOwn(seat: TakenSeat, accountId: string): boolean {
    if (seat.accountId !== accountId) return false;
    return seat.state === "booked" || (seat.untilMs ?? 0) > this.#nowMs;
  }

  #isTakeable(seatId: string, accountId: string): boolean {
    const seat = this.#seats.get(seatId);
    if (seat === undefined) return true;
    if (seat.state !== "held") return false;
    return this.#isOwn(seat, accountId) || (seat.untilMs ?? 0) <= this.#takeableSinceMs;
  }

  #put(seat: TakenSeat): void {
    const before = this.#seats.get(seat.seatId)?.accountId;
    if (before && before !== seat.accountId) this.#owned.get(before)?.delete(seat.seatId);
    this.#seats.set(seat.seatId, seat);
    if (seat.accountId === null) return;
    const owned = this.#owned.get(seat.accountId);
    if (owned === undefined) this.#owned.set(seat.accountId, new Set([seat.seatId]));
    else owned.add(seat.seatId);
  }
}
