import assert from "node:assert/strict";
import { fraction, type Random } from "../../src/core/random.ts";
import type { SeatMap } from "../../src/modules/cinema/types.ts";
import type { CallLedger, KeptCall } from "./call-ledger.ts";
import { callOver } from "./over-http.ts";
import { createSeededRandom } from "./seeded-random.ts";

/**
 * People who hold, book, release and cancel seats of one screening, each one call after the other,
 * and know from the answers alone what they must have.
 */

export interface SeatLoadOptions {
  readonly ledger: CallLedger;
  readonly screeningId: string;
  readonly seatIds: readonly string[];
  /** Access tokens. */
  readonly people: readonly string[];
  readonly seed: number | string;
  /** How long one waits for an answer that decides a call; 0 gives up at the first failure. */
  readonly patienceMs?: number;
}

/** Of the ten seats that a person may have, so that holds are never refused for their number. */
const SEATS_WANTED_MAX = 8;
const ANSWERS_WITHIN_MS = 30_000;
/** How many of the acknowledged calls are sent again. */
const REPEATED_MAX = 40;

export class SeatLoad {
  readonly #options: SeatLoadOptions;
  readonly #customers: Customer[];

  constructor(options: SeatLoadOptions) {
    this.#options = options;
    this.#customers = options.people.map(
      (bearer, index) =>
        new Customer(options, bearer, createSeededRandom(`${options.seed}/${index}`)),
    );
  }

  /** Until the signal aborts, or, without patience, until calls fail. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#customers.map((customer) => customer.run(signal)));
  }

  /**
   * Decides what is open, repeats what was acknowledged, and holds what everybody is shown against
   * what everybody was told: all of it is there, and nothing else.
   */
  async check(url: string): Promise<void> {
    const { ledger, screeningId } = this.#options;
    await ledger.settle(ANSWERS_WITHIN_MS);
    await ledger.repeat(REPEATED_MAX, ANSWERS_WITHIN_MS);
    assert.deepEqual(ledger.wrongs, []);
    const expected: Record<string, string> = {};
    for (const customer of this.#customers) {
      customer.catchUp();
      await customer.check(url);
      for (const [seatId, state] of customer.seats()) {
        assert.equal(expected[seatId], undefined, `${seatId} has two owners`);
        expected[seatId] = state;
      }
    }
    const { seats } = await callOver(url)("cinema.getScreening", { screeningId });
    assert.deepEqual(statesOf(seats), expected);
  }
}

function statesOf(seats: SeatMap): Record<string, string> {
  return Object.fromEntries(Object.entries(seats).map(([id, { state }]) => [id, state]));
}

/** One person: at most one call under way, and what the decided ones come to. */
class Customer {
  readonly #options: SeatLoadOptions;
  readonly #bearer: string;
  readonly #random: Random;
  #held: readonly string[] = [];
  readonly #bookings = new Map<string, readonly string[]>();
  #pending: (() => boolean) | undefined;

  constructor(options: SeatLoadOptions, bearer: string, random: Random) {
    this.#options = options;
    this.#bearer = bearer;
    this.#random = random;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#act();
      if (!this.catchUp()) return;
    }
  }

  /** Takes in what the last call came to; false while nothing decided it. */
  catchUp(): boolean {
    const done = this.#pending?.() ?? true;
    if (done) this.#pending = undefined;
    return done;
  }

  /** Every seat that is this person's, and how. */
  *seats(): Generator<readonly [seatId: string, state: string]> {
    for (const seatId of this.#held) yield [seatId, "held"];
    for (const seatId of [...this.#bookings.values()].flat()) yield [seatId, "booked"];
  }

  /** Holds the person's own list against what the person was told. */
  async check(url: string): Promise<void> {
    const { screeningId } = this.#options;
    const found = new Map<string, readonly string[]>();
    let before: string | undefined;
    for (;;) {
      const input = { limit: 100, ...(before === undefined ? {} : { before }) };
      const page = await callOver(url, this.#bearer)("cinema.myBookings", input);
      for (const booking of page.bookings) {
        if (booking.screeningId !== screeningId || booking.status !== "booked") continue;
        found.set(booking.id, booking.seatIds);
      }
      before = page.bookings.at(-1)?.id;
      if (page.more) continue;
      const hold = page.holds.find((one) => one.screeningId === screeningId);
      assert.deepEqual([...(hold?.seatIds ?? [])].sort(), [...this.#held].sort());
      break;
    }
    const byId = (map: ReadonlyMap<string, readonly string[]>) => [...map].sort();
    assert.deepEqual(byId(found), byId(this.#bookings));
  }

  #act(): Promise<void> {
    const { screeningId } = this.#options;
    const booked = [...this.#bookings.values()].flat().length;
    const dice = fraction(this.#random);
    if (this.#held.length > 0) return dice < 0.75 ? this.#book() : this.#release(screeningId);
    if (booked >= SEATS_WANTED_MAX || (booked > 0 && dice < 0.2)) return this.#cancel();
    return this.#hold(screeningId, dice < 0.5 ? 1 : 2);
  }

  async #hold(screeningId: string, count: number): Promise<void> {
    const { seatIds: all } = this.#options;
    const first = Math.floor(fraction(this.#random) * (all.length - count));
    const seatIds = all.slice(first, first + count);
    const call = await this.#ask("cinema.hold", { screeningId, seatIds });
    this.#pending = () => this.#take(call, (answer) => (this.#held = answer.seatIds));
  }

  async #release(screeningId: string): Promise<void> {
    const call = await this.#ask("cinema.release", { screeningId });
    this.#pending = () => this.#take(call, () => (this.#held = []));
  }

  async #book(): Promise<void> {
    const { screeningId } = this.#options;
    const call = await this.#ask("cinema.book", { screeningId });
    this.#pending = () =>
      this.#take(call, (booking) => {
        this.#bookings.set(booking.id, booking.seatIds);
        this.#held = [];
      });
  }

  async #cancel(): Promise<void> {
    const ids = [...this.#bookings.keys()];
    const bookingId = ids[Math.floor(fraction(this.#random) * ids.length)] ?? "";
    const call = await this.#ask("cinema.cancelBooking", { bookingId });
    this.#pending = () => this.#take(call, () => this.#bookings.delete(bookingId));
  }

  #ask<N extends "cinema.hold" | "cinema.release" | "cinema.book" | "cinema.cancelBooking">(
    name: N,
    input: KeptCall<N>["input"],
  ): Promise<KeptCall<N>> {
    const { ledger, patienceMs = 0 } = this.#options;
    return ledger.ask(name, input, this.#bearer, { patienceMs });
  }

  /** Only seats that somebody else has are a reason to refuse anything. */
  #take<N extends KeptCall["name"]>(
    { name, decision }: KeptCall<N>,
    effect: (answer: Extract<KeptCall<N>["decision"], { acknowledged: true }>["answer"]) => unknown,
  ): boolean {
    if (decision === undefined) return false;
    if (decision.acknowledged) effect(decision.answer);
    else assert.deepEqual([name, decision.code], ["cinema.hold", "SEAT_TAKEN"]);
    return true;
  }
}
