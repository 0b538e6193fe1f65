import type { Person } from "../../../src/core/actor.ts";
import type { Booking, Hold } from "../../../src/modules/cinema/types.ts";
import { Visitor } from "./visitor.ts";
import { newPerson, type Stage, type World } from "./world.ts";

/** How often somebody without seats does what. */
const WISHES = {
  hold: 34,
  best: 6,
  extend: 2,
  release: 2,
  book: 3,
  cancel: 8,
  join: 16,
  leave: 4,
  look: 4,
  page: 4,
  own: 3,
};
/** And somebody who was told of a hold. */
const WISHES_OF_HOLDERS = {
  ...WISHES,
  hold: 14,
  extend: 14,
  release: 12,
  book: 30,
  join: 6,
};

const OPERATIONS = { block: 6, unblock: 5, edit: 3, look: 2 } as const;

/** Somebody who wants seats. */
export class Guest {
  readonly visitor: Visitor;
  readonly #world: World;
  readonly #bookings: Booking[] = [];
  #holds = false;

  constructor(world: World, name: string, person: Person) {
    this.visitor = new Visitor(world, name, person);
    this.#world = world;
  }

  async live(steps: number, restMs: number): Promise<void> {
    for (let step = 0; step < steps; step += 1) {
      await this.visitor.rest(restMs);
      await this.#act(this.visitor.dice.pick(this.#world.stages));
    }
  }

  async #act({ screeningId, seatIds }: Stage): Promise<void> {
    const { visitor } = this;
    const { dice } = visitor;
    switch (dice.weighted(this.#holds ? WISHES_OF_HOLDERS : WISHES)) {
      case "hold": {
        const wanted = dice.sample(seatIds, 1 + dice.below(dice.chance(0.1) ? 10 : 3));
        return this.#hold(screeningId, wanted);
      }
      case "best": {
        const party = { screeningId, count: 1 + dice.below(4) };
        const proposal = await visitor.ask("bestAvailable", party);
        if (proposal === undefined) return;
        const { seatIds: proposed } = proposal as { seatIds: string[] };
        return this.#hold(screeningId, proposed);
      }
      case "extend":
        return void (await visitor.ask("extendHold", { screeningId }));
      case "release": {
        const some = dice.chance(0.4) ? { seatIds: dice.sample(seatIds, 2) } : {};
        return void (await visitor.ask("release", { screeningId, ...some }));
      }
      case "book":
        return this.#book(screeningId);
      case "cancel":
        return this.#cancel();
      case "join":
        return void (await visitor.ask("joinWaitlist", { screeningId, count: 1 + dice.below(4) }));
      case "leave":
        return void (await visitor.ask("leaveWaitlist", { screeningId }));
      case "look":
        return void (await visitor.ask("getScreening", { screeningId }));
      case "page":
        return void (await visitor.ask("getOne", { id: this.#world.cinemaId }));
      case "own":
        return void (await visitor.ask("myBookings", {}));
    }
  }

  async #hold(screeningId: string, seatIds: readonly string[]): Promise<void> {
    const hold = await this.visitor.ask("hold", { screeningId, seatIds });
    this.#holds ||= hold !== undefined;
  }

  /** All that is held, or a part of what an extension says is held. */
  async #book(screeningId: string): Promise<void> {
    const { visitor } = this;
    let some = {};
    if (visitor.dice.chance(0.3)) {
      const hold = await visitor.ask("extendHold", { screeningId });
      if (hold === undefined) return;
      const { seatIds } = hold as Hold;
      some = { seatIds: visitor.dice.sample(seatIds, 1 + visitor.dice.below(seatIds.length)) };
    }
    const booking = await visitor.ask("book", { screeningId, ...some });
    this.#holds = false;
    if (booking !== undefined) this.#bookings.push(booking as Booking);
  }

  async #cancel(): Promise<void> {
    if (this.#bookings.length === 0) return;
    const { id } = this.visitor.dice.pick(this.#bookings);
    await this.visitor.ask("cancelBooking", { bookingId: id });
  }
}

/** Who runs the cinema: takes seats out of sale, puts them back, changes the programme. */
export async function operate(
  world: World,
  visitor: Visitor,
  steps: number,
  restMs: number,
  edit: () => Promise<unknown>,
): Promise<void> {
  for (let step = 0; step < steps; step += 1) {
    await visitor.rest(restMs);
    const { screeningId, seatIds } = visitor.dice.pick(world.stages);
    const some = visitor.dice.sample(seatIds, 1 + visitor.dice.below(2));
    switch (visitor.dice.weighted(OPERATIONS)) {
      case "block":
        await visitor.ask("blockSeats", { screeningId, seatIds: some, blocked: true });
        break;
      case "unblock": {
        const back = visitor.dice.sample(seatIds, 1 + visitor.dice.below(seatIds.length));
        await visitor.ask("blockSeats", { screeningId, seatIds: back, blocked: false });
        break;
      }
      case "edit":
        await edit();
        break;
      case "look":
        await visitor.ask("getScreening", { screeningId });
        break;
    }
  }
}

export function createGuests(world: World, count: number): Guest[] {
  const { dice, wall } = world.simulation;
  return Array.from({ length: count }, (_, index) => {
    return new Guest(world, `guest${index + 1}`, newPerson(dice, wall.latestMs()));
  });
}
