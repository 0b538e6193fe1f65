import { type ShardLink, ShardUnavailable } from "../../../src/modules/wallet/shard/protocol.ts";
import type { Dice } from "../engine/dice.ts";
import type { NodeLife } from "../engine/node.ts";
import type { Host } from "./host.ts";
import type { WalletWorld } from "./world.ts";

/** A request without an answer is given up after this. */
const TIMEOUT_MS = 2_000;

interface Inquiry<Program, T> {
  readonly from: NodeLife;
  readonly to: Host<Program>;
  readonly what: string;
  readonly timeoutMs: number;
  readonly act: (program: Program) => Promise<T>;
  /** What it is when there is no answer. */
  readonly fail: (message: string) => Error;
}

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
  link(from: NodeLife, to: Host<{ readonly link: ShardLink }>): ShardLink {
    const ask = <T>(what: string, act: (shard: ShardLink) => Promise<T>) =>
      this.ask({
        from,
        to,
        what,
        timeoutMs: TIMEOUT_MS,
        act: ({ link }) => act(link),
        fail: (message) => new ShardUnavailable(message),
      });
    return {
      take: (epoch, known) => ask("take", (shard) => shard.take(epoch, known)),
      send: (epoch, operations) => ask("send", (shard) => shard.send(epoch, operations)),
    };
  }

  /** Asks a program on another machine. */
  ask<Program, T>({ from, to, what, timeoutMs, act, fail }: Inquiry<Program, T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (then: () => void) => () => {
        timeout.cancel();
        then();
      };
      const timeout = this.#after(timeoutMs, `${from.name} ${what} given up`, from, () =>
        reject(fail("No answer in time.")),
      );
      const answer = (then: () => void) =>
        this.#deliver(`${to.name} answers ${what}`, to.name, from.node, from, settle(then));
      const copies = this.#dice.chance(this.#world.rates.netDouble) ? 2 : 1;
      for (let copy = 0; copy < copies; copy += 1) {
        this.#reach(`${what} to ${to.name}`, from.node, to.name, () => {
          const { running } = to;
          if (running === undefined) {
            answer(() => reject(fail("Nobody listens.")));
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
