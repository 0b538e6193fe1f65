import type { Bus } from "../../../src/core/bus.ts";
import type { Dice } from "./dice.ts";
import type { FaultRates } from "./faults.ts";
import type { NodeLife } from "./node.ts";
import type { Scheduler } from "./scheduler.ts";

interface Subscriber {
  readonly life: NodeLife;
  readonly channel: string;
  readonly onMessage: (message: string) => void;
}

/** What connects the nodes: it drops, doubles, delays and reorders, and cuts a node off. */
export class SimulatedBus {
  readonly #scheduler: Scheduler;
  readonly #dice: Dice;
  readonly #rates: FaultRates;
  readonly #subscribers: Subscriber[] = [];
  readonly #cutOffUntilMs = new Map<string, number>();

  constructor(scheduler: Scheduler, dice: Dice, rates: FaultRates) {
    this.#scheduler = scheduler;
    this.#dice = dice;
    this.#rates = rates;
  }

  /** Nothing passes from or to the node for so long. */
  cutOff(node: string, forMs: number): void {
    this.#cutOffUntilMs.set(node, this.#scheduler.elapsedMs + forMs);
  }

  /** The port of one life of a node. */
  portOf(life: NodeLife): Bus {
    return {
      publish: (channel, message) => this.#publish(life, channel, message),
      subscribe: (channel, onMessage) => {
        this.#subscribers.push({ life, channel, onMessage });
      },
      connected: () => !this.#isCutOff(life.node),
      close: async () => {},
    };
  }

  #publish(from: NodeLife, channel: string, message: string): void {
    if (!from.isAlive) return;
    for (const subscriber of this.#subscribers) {
      if (subscriber.channel !== channel || !subscriber.life.isAlive) continue;
      if (subscriber.life !== from && this.#loses(from, subscriber.life)) continue;
      const copies = this.#dice.chance(this.#rates.busDouble) ? 2 : 1;
      for (let copy = 0; copy < copies; copy += 1) this.#deliver(subscriber, message);
    }
  }

  #deliver({ life, onMessage }: Subscriber, message: string): void {
    const delayMs = this.#dice.chance(this.#rates.busDelay)
      ? this.#dice.between(20, 3_000)
      : this.#dice.between(0.2, 8);
    this.#scheduler.after(delayMs, `${life.name} bus`, () => {
      life.enter(() => onMessage(message));
    });
  }

  #loses(from: NodeLife, to: NodeLife): boolean {
    if (this.#isCutOff(from.node) || this.#isCutOff(to.node)) return true;
    return this.#dice.chance(this.#rates.busDrop);
  }

  #isCutOff(node: string): boolean {
    return (this.#cutOffUntilMs.get(node) ?? 0) > this.#scheduler.elapsedMs;
  }
}
