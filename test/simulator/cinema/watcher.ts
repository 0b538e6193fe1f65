import type { Person } from "../../../src/core/actor.ts";
import type { StreamEvent } from "../../../src/core/event-log.ts";
import { EVENTS_KEPT_MS } from "../../../src/core/limits.ts";
import type { Opened } from "../../../src/core/streams.ts";
import type { Counts, SeatMap } from "../../../src/modules/cinema/types.ts";
import type { Connection } from "../engine/connection.ts";
import type { Dice } from "../engine/dice.ts";
import { applyCounts, applySeats, canonical } from "./replay.ts";
import { callOf, connect, type Line, type World } from "./world.ts";

/** What is watched: a screening's seats, or a cinema's counts. */
export type View =
  | { readonly kind: "watch"; readonly screeningId: string }
  | { readonly kind: "subscribe"; readonly cinemaId: number };

/**
 * Somebody who looks on, and holds every snapshot and every push against what the log says. When
 * the connection is gone, comes back with the place reached, on whatever node.
 */
export class Watcher {
  readonly name: string;
  readonly #world: World;
  readonly #dice: Dice;
  readonly #view: View;
  readonly #person: Person | undefined;
  readonly #topic: string;
  #epoch: string | undefined;
  #offset = -1;
  #state: Record<string, unknown> = {};
  #connection: Connection | undefined;
  #isFollowing = false;
  recoveries = 0;
  pushes = 0;

  constructor(world: World, name: string, view: View, person: Person | undefined) {
    this.name = name;
    this.#world = world;
    this.#dice = world.simulation.dice.fork(name);
    this.#view = view;
    this.#person = person;
    this.#topic =
      view.kind === "watch" ? `cinema.screening.${view.screeningId}` : `cinema.${view.cinemaId}`;
  }

  /** Has heard everything there is to hear. */
  get isUpToDate(): boolean {
    return this.#isFollowing && this.#offset === this.#world.oracle.replay.offsetOf(this.#topic);
  }

  toString(): string {
    return `${this.name} at ${this.#offset} of ${this.#topic}`;
  }

  /** Looks on for ever. */
  async follow(): Promise<void> {
    const { scheduler } = this.#world.simulation;
    for (;;) {
      const line = await connect(this.#world.simulation, this.#dice);
      const { connection } = line;
      this.#connection = connection;
      const lost = new Promise<void>((resolve) => connection.onLost(resolve));
      await Promise.race([this.#subscribe(line), lost]);
      if (connection.isOpen) await lost;
      this.#isFollowing = false;
      await scheduler.sleep(this.#dice.between(1, 1_000), `${this.name} comes back`);
    }
  }

  /** Leaves, and comes back after a while. */
  hangUp(): void {
    this.#connection?.breakOff();
  }

  async #subscribe({ connection, program }: Line): Promise<void> {
    const { kind, ...input } = this.#view;
    while (connection.isOpen) {
      const since = this.#epoch === undefined ? {} : { epoch: this.#epoch, offset: this.#offset };
      const sink = {
        push: (event: StreamEvent) => connection.send(() => this.#take(event)),
        // A transport that cannot go on closes the connection, and the client comes back.
        lost: () => connection.breakOff(),
      };
      const reply = await connection.request(
        async () => {
          const call = callOf(kind, { ...input, ...since }, this.#person, {
            signal: connection.gone,
          });
          const stream = await program.dispatch.open(call, sink);
          connection.gone.addEventListener("abort", () => stream.close());
          return stream;
        },
        (stream) => stream.start(),
      );
      if (reply.kind === "lost") return;
      if (reply.kind === "answer") return this.#opened(reply.answer.opened, "offset" in since);
      if (!["UNAVAILABLE", "TIMEOUT"].includes(reply.error.code)) {
        return this.#fail(`could not subscribe: ${reply.error.code}`);
      }
      const { scheduler } = this.#world.simulation;
      await scheduler.sleep(this.#dice.between(10, 500), `${this.name} tries again`);
    }
  }

  #opened(opened: Opened, isReturning: boolean): void {
    const { position } = opened;
    if (this.#epoch !== undefined && position.epoch !== this.#epoch) {
      this.#fail("was given another epoch");
    }
    if (position.offset < this.#offset) this.#fail(`was set back to ${position.offset}`);
    this.#epoch = position.epoch;
    if (opened.recovered) {
      this.recoveries += 1;
      for (const event of opened.missed) this.#take(event);
      if (this.#offset !== position.offset) this.#fail(`recovered less than ${position.offset}`);
    } else {
      if (isReturning && !this.#mayHaveMissed()) this.#fail("was given a snapshot, not the rest");
      this.#offset = position.offset;
      this.#state = this.#read(opened.state);
      this.#compare();
    }
    this.#isFollowing = true;
  }

  #mayHaveMissed(): boolean {
    return this.#world.simulation.wall.forwardMs > EVENTS_KEPT_MS / 2;
  }

  #read(state: unknown): Record<string, unknown> {
    if (this.#view.kind === "watch") return { ...(state as { seats: SeatMap }).seats };
    const { screenings } = state as { screenings: { id: string; counts: Counts }[] };
    return Object.fromEntries(screenings.map(({ id, counts }) => [id, counts]));
  }

  #take(event: StreamEvent): void {
    this.pushes += 1;
    if (event.offset !== this.#offset + 1) {
      this.#fail(`was pushed ${event.offset} after ${this.#offset}`);
    }
    const recorded = this.#world.oracle.replay.eventAt(this.#topic, event.offset);
    const isSame =
      recorded?.type === event.type && canonical(recorded.data) === canonical(event.data);
    if (!isSame) this.#fail(`was pushed what is not in the log: ${canonical(event)}`);
    this.#offset = event.offset;
    if (this.#view.kind === "watch") applySeats(this.#state as SeatMap, event);
    else applyCounts(this.#state as Record<string, Counts>, event);
    this.#compare();
  }

  #compare(): void {
    const expected = this.#world.oracle.replay.stateAt(this.#topic, this.#offset);
    const state = canonical(this.#state);
    if (state !== expected) this.#fail(`sees ${state} instead of ${expected}`);
  }

  #fail(reason: string): void {
    this.#world.simulation.fail(`${this.toString()} ${reason}`);
  }
}
