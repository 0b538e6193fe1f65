import type { Configure, WalletState } from "../../../src/modules/wallet/shard/protocol.ts";
import { Client, type Stage, type Wish } from "./client.ts";

/** How often a wallet is put into which state. */
const STATES: Readonly<Record<WalletState, number>> = { open: 10, frozen: 10, closed: 3 };

/** Opens wallets, puts money into them, freezes them for a while. */
export class Operator {
  readonly client: Client;
  readonly #stage: Stage;

  constructor(stage: Stage) {
    this.client = new Client(stage, "operator");
    this.#stage = stage;
  }

  async open(): Promise<void> {
    const { bank, world } = this.#stage;
    await Promise.all(
      bank.accounts.map(async ({ shard, opening }) => {
        while ((await this.client.ask((node) => node.have(shard, opening))) === undefined) {
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
      const { wallet, shard } = dice.pick(bank.accounts);
      const state = dice.weighted(STATES);
      const change: Configure = dice.chance(0.8)
        ? { verb: "configure", wallet, state }
        : { verb: "configure", wallet, minBalance: -BigInt(dice.below(20)) };
      await this.client.ask((node) => node.have(shard, change));
    }
  }
}
