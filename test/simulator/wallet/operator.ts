import type { ChoreOperation } from "../../../src/modules/wallet/orchestrator/chore.ts";
import type { Refusal, WalletState } from "../../../src/modules/wallet/shard/protocol.ts";
import { Client, type Stage, type Wish } from "./client.ts";

/** How often a wallet is put into which state. */
const STATES: Readonly<Record<WalletState, number>> = { open: 10, frozen: 10, closed: 3 };

/** Opens wallets, puts money into them, freezes them for a while. */
export class Operator {
  readonly client: Client;
  readonly #stage: Stage;
  #chores = 0;

  constructor(stage: Stage) {
    this.client = new Client(stage, "operator");
    this.#stage = stage;
  }

  async open(): Promise<void> {
    const { bank, world } = this.#stage;
    await Promise.all(
      bank.accounts.map(async ({ shard, opening }) => {
        while ((await this.#want(shard, opening)) === undefined) {
          await world.scheduler.sleep(20, "operator waits");
        }
      }),
    );
  }

  async issue(): Promise<void> {
    const { bank, world } = this.#stage;
    const orders = bank.issues(this.client.dice, world.wall.latestMs());
    await Promise.all(
      orders.map(async (order) => {
        const wish: Wish = { order, told: undefined };
        this.client.wishes.push(wish);
        await this.client.send(wish);
      }),
    );
  }

  async work(steps: number, restMs: number): Promise<void> {
    const { world, bank } = this.#stage;
    const { dice } = this.client;
    for (let step = 0; step < steps; step += 1) {
      await world.scheduler.sleep(dice.between(0, restMs), "operator");
      const newcomer = bank.drawNewcomer(dice);
      if (dice.chance(0.2)) {
        await this.#want(newcomer.shard, newcomer.opening);
        continue;
      }
      // Some wallets are looked at more often than others.
      const accounts = dice.chance(0.5) ? bank.accounts.slice(1, 3) : bank.accounts;
      const { wallet, shard } = dice.chance(0.3) ? newcomer : dice.pick(accounts);
      const isState = dice.chance(0.8);
      const state = isState ? dice.weighted(STATES) : null;
      const minBalance = isState ? null : String(-BigInt(dice.below(20)));
      await this.#want(shard, { verb: "configure", wallet, state, minBalance });
    }
  }

  /** @returns undefined when there is no answer; it may be done all the same, sooner or later */
  async #want(shard: number, operation: ChoreOperation): Promise<Refusal | null | undefined> {
    this.#chores += 1;
    const id = `chore ${this.#chores}`;
    const told = await this.client.ask((node) => node.have({ id, shard, operation }));
    const kept = this.#stage.oracle.chores.find(id);
    if (told !== undefined && (!kept?.isDone || kept.refusal !== told)) {
      this.#stage.world.fail(`The operator is told ${told} of ${id}, which is not so.`);
    }
    return told;
  }
}
