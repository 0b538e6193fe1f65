import { type ShardLink, ShardUnavailable } from "../../../src/modules/wallet/shard/protocol.ts";
import type { Dice } from "../engine/dice.ts";
import type { NodeLife } from "../engine/node.ts";
import type { Host } from "./host.ts";
import type { WalletWorld } from "./world.ts";

/** A request without an answer is given up after this. */
const TIMEOUT_MS = 2_000;

/** What lies between processes: it loses, doubles, delays and reorders, and cuts machines off. */
export class Network {
  readonly #world: WalletWorld;
  readonly #dice: Dice;
  readonly #cutOffUntilMs = new Map<string, number>();

  constructor(world: WalletWorld) {
    this.#world = world;
    this.#dice = world.dice.fork("network");
  }

  /** Nothing passes from or to the machine for so long. */
  cutOff(name: string, forMs: number): void {
    this.#world.trace.add(`${name} is cut off`);
    this.#cutOffUntilMs.set(name, this.#world.scheduler.elapsedMs + forMs);
  }

  /** How one life of a process reaches the shard on another machine. */
  link(from: NodeLife, to: Host<ShardLink>): ShardLink {
    return {
      take: (epoch, known) => this.#ask(from, to, "take", (shard) => shard.take(epoch, known)),
      send: (epoch, operations) =>
        this.#ask(from, to, "send", (shard) => shard.send(epoch, operations)),
    };
  }

  #ask<T>(
    from: NodeLife,
    to: Host<ShardLink>,
    what: string,
    act: (shard: ShardLink) => Promise<T>,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (then: () => void) => () => {
        timeout.cancel();
        then();
      };
      const timeout = this.#after(TIMEOUT_MS, `${from.name} ${what} given up`, from, () =>
        reject(new ShardUnavailable("No answer in time.")),
      );
      const answer = (then: () => void) =>
        this.#deliver(`${to.name} answers ${what}`, to.name, from.node, from, settle(then));
      const copies = this.#dice.chance(this.#world.rates.netDouble) ? 2 : 1;
      for (let copy = 0; copy < copies; copy += 1) {
        this.#reach(`${what} to ${to.name}`, from.node, to.name, () => {
          const { running } = to;
          if (running === undefined) {
            answer(() => reject(new ShardUnavailable("Nobody listens.")));
            return;
          }
          running.life.enter(() => {
            act(running.program).then(
              (value) => answer(() => resolve(value)),
              (error: Error) => answer(() => reject(error)),
            );
          });
        });
      }
    });
  }

  /** To a process that must still be alive. */
  #deliver(label: string, from: string, to: string, life: NodeLife, run: () => void): void {
    this.#reach(label, from, to, () => life.enter(run));
  }

  #reach(label: string, from: string, to: string, run: () => void): void {
    const { rates, scheduler } = this.#world;
    const dice = this.#dice;
    if (dice.chance(rates.netLost)) return;
    const delayMs = dice.chance(rates.netDelay) ? dice.between(5, 4_000) : dice.between(0.1, 2);
    scheduler.after(delayMs, label, () => {
      if (!this.#isCutOff(from) && !this.#isCutOff(to)) run();
    });
  }

  #after(delayMs: number, label: string, life: NodeLife, run: () => void) {
    return this.#world.scheduler.after(delayMs, label, () => life.enter(run));
  }

  #isCutOff(name: string): boolean {
    return (this.#cutOffUntilMs.get(name) ?? 0) > this.#world.scheduler.elapsedMs;
  }
}
