import type { MemoryExchange } from "../../src/adapters/bus/memory.ts";
import type { Person } from "../../src/core/actor.ts";
import type { Clock } from "../../src/core/clock.ts";
import type { Database } from "../../src/core/database.ts";
import type { StreamEvent } from "../../src/core/event-log.ts";
import type { Random } from "../../src/core/random.ts";
import type { Stream } from "../../src/core/streams.ts";
import { createCinema } from "../../src/modules/cinema/index.ts";
import type {
  Booking,
  Hold,
  Plan,
  Screening,
  SeatChange,
  SeatMap,
} from "../../src/modules/cinema/types.ts";
// Loaded before any test, or its closing belongs to the first one.
import "./database.ts";
import { createHarness, type Harness, newPerson } from "./module-harness.ts";

export { gridPlan } from "./grid-plan.ts";

const HOUR_MS = 3_600_000;

/** A node with the cinema module, and what its tests do over and over. */
export interface CinemaFixture extends AsyncDisposable {
  readonly harness: Harness;
  readonly clock: Clock;
  readonly operator: Person;
  readonly cinemaId: number;
  newPerson(): Person;
  /** A call whose answer the test knows the type of. */
  call<T>(name: string, input: unknown, as?: Person, repeatKey?: string): Promise<T>;
  newHall(plan: Plan): Promise<string>;
  /** A screening that starts in an hour, in a hall of its own with this plan. */
  newScreening(plan: Plan, more?: Partial<Screening>): Promise<Screening>;
  hold(screeningId: string, seatIds: readonly string[], as: Person): Promise<Hold>;
  book(screeningId: string, as: Person, seatIds?: readonly string[]): Promise<Booking>;
  seats(screeningId: string): Promise<SeatMap>;
  /** One run of the job that ends holds and offers seats. */
  sweep(): Promise<void>;
  watch(screeningId: string, as?: Person): Promise<Watcher>;
}

export interface CinemaFixtureOptions {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly database?: Database;
  /** Shared by fixtures that play the nodes of one installation. */
  readonly exchange?: MemoryExchange;
}

export async function createCinemaFixture(
  options: CinemaFixtureOptions = {},
): Promise<CinemaFixture> {
  const harness = await createHarness({
    ...options,
    modules: ({ clock, random, ids, eventLog }) => [
      createCinema({ clock, random, ids, eventLog, tagSecret: new Uint8Array(32).fill(5) }),
    ],
  });
  const { clock, ids, log } = harness.ports;
  const operator = newPerson(ids, clock, { operator: true });
  const call = async <T>(name: string, input: unknown, as?: Person, repeatKey?: string) =>
    (await harness.call(name, input, as, repeatKey)) as T;
  const cinema = { name: "Roxy", city: "Riga", address: "Brīvības iela 1" };
  const { id: cinemaId } = await call<{ id: number }>("cinema.saveCinema", cinema, operator);
  const sweeper = harness.registry.modules
    .flatMap(({ jobs = [] }) => jobs)
    .find(({ name }) => name === "cinema.sweep");
  if (sweeper === undefined) throw new Error("The module has a sweeper.");

  const fixture: CinemaFixture = {
    harness,
    clock,
    operator,
    cinemaId,
    newPerson: () => newPerson(ids, clock),
    call,
    async newHall(plan) {
      const hall = { cinemaId, name: "Hall", plan };
      return (await call<{ id: string }>("cinema.saveHall", hall, operator)).id;
    },
    async newScreening(plan, more = {}) {
      const screening = {
        hallId: more.hallId ?? (await fixture.newHall(plan)),
        title: "The Long Crossing",
        description: "",
        startsAtMs: clock.nowMs() + HOUR_MS,
        durationMinutes: 100,
        currency: "EUR",
        prices: Object.fromEntries(plan.categories.map(({ id }, i) => [id, 1_000 + i * 250])),
        ...more,
      };
      return call<Screening>("cinema.saveScreening", screening, operator);
    },
    hold: (screeningId, seatIds, as) => call("cinema.hold", { screeningId, seatIds }, as),
    book: (screeningId, as, seatIds) =>
      call("cinema.book", { screeningId, ...(seatIds && { seatIds }) }, as),
    async seats(screeningId) {
      return (await call<{ seats: SeatMap }>("cinema.getScreening", { screeningId })).seats;
    },
    sweep: () => sweeper.run({ work: harness.work, log, signal: new AbortController().signal }),
    async watch(screeningId, as) {
      const watcher = new Watcher(harness, screeningId, as);
      await watcher.connect();
      return watcher;
    },
    [Symbol.asyncDispose]: () => harness[Symbol.asyncDispose](),
  };
  return fixture;
}

/** What a client keeps of `cinema.watch`: the snapshot, and every push since. */
export class Watcher {
  readonly #harness: Harness;
  readonly #screeningId: string;
  readonly #person: Person | undefined;
  #stream: Stream | undefined;
  #position = { epoch: "", offset: -1 };
  seats: SeatMap = {};
  events: StreamEvent[] = [];
  recoveries = 0;
  /** Whether a push is missing. */
  isLost = false;

  constructor(harness: Harness, screeningId: string, person: Person | undefined) {
    this.#harness = harness;
    this.#screeningId = screeningId;
    this.#person = person;
  }

  get offset(): number {
    return this.#position.offset;
  }

  /** Connects, the second time from where it stood. */
  async connect(): Promise<void> {
    const since = this.#position.offset < 0 ? {} : this.#position;
    // Pushes may come before the answer has been looked at.
    let early: StreamEvent[] | undefined = [];
    const sink = {
      push: (event: StreamEvent) => {
        if (early === undefined) this.#take(event);
        else early.push(event);
      },
      lost: () => {
        this.isLost = true;
      },
    };
    const input = { screeningId: this.#screeningId, ...since };
    this.#stream = await this.#harness.open("cinema.watch", input, sink, this.#person);
    const { opened } = this.#stream;
    if (opened.recovered) {
      for (const event of opened.missed) this.#take(event);
      this.recoveries += 1;
    } else {
      this.seats = { ...(opened.state as { seats: SeatMap }).seats };
      this.#position = opened.position;
    }
    for (const event of early) this.#take(event);
    early = undefined;
  }

  get connected(): boolean {
    return this.#stream !== undefined;
  }

  disconnect(): void {
    this.#stream?.close();
    this.#stream = undefined;
  }

  #take(event: StreamEvent): void {
    if (event.offset !== this.#position.offset + 1) this.isLost = true;
    this.#position = { ...this.#position, offset: event.offset };
    this.events.push(event);
    if (event.type !== "cinema.seats") return;
    for (const { seatId, state, ...more } of (event.data as { changes: SeatChange[] }).changes) {
      if (state === "free") delete this.seats[seatId];
      else this.seats[seatId] = { state, ...more };
    }
  }
}
