import type { Acceptance, Order } from "../../../src/modules/wallet/orchestrator/journal.ts";
import type { Status } from "../../../src/modules/wallet/orchestrator/transfer.ts";
import type { Dice } from "../engine/dice.ts";
import type { Bank, Times } from "./bank.ts";
import type { Cluster } from "./cluster.ts";
import type { WalletNode } from "./node.ts";
import type { Oracle } from "./oracle.ts";
import type { WalletWorld } from "./world.ts";

/** What clients share. */
export interface Stage {
  readonly world: WalletWorld;
  readonly cluster: Cluster;
  readonly oracle: Oracle;
  readonly bank: Bank;
}

/** A request as its client remembers it. */
export interface Wish {
  readonly order: Order;
  /** The transfers it was told of; they are promised. */
  told: readonly bigint[] | undefined;
}

/** A decision about a hold, as its client remembers it. */
export interface Verdict {
  readonly id: bigint;
  readonly captured: bigint | null;
  /** Whether it was told that this decided it. */
  told: boolean;
}

const WISHES = {
  pay: 40,
  hold: 16,
  decide: 30,
  bundle: 8,
  again: 12,
  other: 4,
  reverse: 8,
  look: 20,
};
/** A client that hears nothing for so long asks again, or gives up. */
const PATIENCE_MS = 4_000;
const ATTEMPTS_MAX = 4;

/** Somebody who has wallets, by way of whatever node answers. */
export class Client {
  readonly wishes: Wish[] = [];
  readonly verdicts: Verdict[] = [];
  readonly dice: Dice;
  readonly #stage: Stage;
  readonly #name: string;
  readonly #seen = new Map<bigint, Status>();
  #keys = 0;

  constructor(stage: Stage, name: string) {
    this.#stage = stage;
    this.#name = name;
    this.dice = stage.world.dice.fork(name);
  }

  async live(steps: number, restMs: number): Promise<void> {
    const { dice } = this;
    for (let step = 0; step < steps; step += 1) {
      await this.#stage.world.scheduler.sleep(dice.between(0, restMs), this.#name);
      await this.#act();
    }
  }

  /** Sends an order until it is answered, or patience ends. */
  async send(wish: Wish): Promise<void> {
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
      const acceptance = await this.ask((node) => node.order(wish.order));
      if (acceptance !== undefined) {
        this.#hear(wish, acceptance);
        return;
      }
      // Without a key, nobody could tell that it is the same.
      if (wish.order.transfers[0]?.repeat === null || this.dice.chance(0.2)) return;
    }
  }

  /** Asks a node. @returns undefined when there is no answer, or it failed */
  ask<T>(act: (node: WalletNode) => Promise<T>): Promise<T | undefined> {
    const { world, cluster } = this.#stage;
    const { scheduler, rates } = world;
    const { dice } = this;
    return new Promise((resolve) => {
      const timeout = scheduler.after(PATIENCE_MS, `${this.#name} gives up`, () => {
        resolve(undefined);
      });
      const answer = (value: T | undefined) => {
        if (dice.chance(rates.clientLost)) return;
        scheduler.after(dice.between(0.1, 3), `${this.#name} is answered`, () => {
          timeout.cancel();
          resolve(value);
        });
      };
      const node = dice.pick(cluster.nodes);
      scheduler.after(dice.between(0.1, 3), `${this.#name} to ${node.name}`, () => {
        const { running } = node;
        if (running === undefined) answer(undefined);
        else {
          running.life.enter(() => {
            act(running.program).then(answer, () => answer(undefined));
          });
        }
      });
    });
  }

  #act(): Promise<void> {
    const { dice } = this;
    const act = dice.weighted(WISHES);
    switch (act) {
      case "pay":
        return this.#order("transfer");
      case "hold":
        return this.#order("hold");
      case "bundle":
        return this.#order("bundle");
      case "decide":
        return this.#decide();
      case "again":
        return this.#again();
      case "other":
        return this.#other();
      case "reverse":
        return this.#reverse();
      case "look":
        return this.#look();
    }
  }

  #order(kind: "transfer" | "hold" | "bundle"): Promise<void> {
    const { dice } = this;
    const key = dice.chance(0.85) ? this.#newKey() : null;
    const lastsMs = kind === "hold" ? dice.between(500, 20_000) : dice.between(200, 10_000);
    return this.#want(this.#stage.bank.draw(dice, kind, key, this.#times(lastsMs)));
  }

  /** What has gone through is taken back; at times by two who do not know of each other. */
  async #reverse(): Promise<void> {
    const { oracle, bank } = this.#stage;
    const done = [...this.#seen].flatMap(([id, status]) => (status === "SUCCESSFUL" ? [id] : []));
    if (done.length === 0) return;
    const transfer = oracle.journal.transfers.get(this.dice.pick(done));
    if (transfer === undefined || transfer.kind !== "transfer") return;
    const count = this.dice.chance(0.3) ? 2 : 1;
    const orders = Array.from({ length: count }, () =>
      bank.reversal(transfer, this.#newKey(), this.#times(5_000)),
    );
    await Promise.all(orders.map((order) => this.#want(order)));
  }

  #newKey(): string {
    this.#keys += 1;
    return `${this.#name} ${this.#keys}`;
  }

  #times(lastsMs: number): Times {
    const nowMs = this.#stage.world.wall.latestMs();
    return { nowMs, deadlineMs: Math.round(nowMs + lastsMs) };
  }

  async #want(order: Order): Promise<void> {
    const wish: Wish = { order, told: undefined };
    this.wishes.push(wish);
    await this.send(wish);
  }

  /** The owner of a hold takes all or a part of it, or lets it go. At times twice at once. */
  async #decide(): Promise<void> {
    const { dice } = this;
    const holds = this.wishes.filter(({ told, order }) => {
      return told !== undefined && order.transfers[0]?.kind === "hold";
    });
    if (holds.length === 0) return;
    const { told, order } = dice.pick(holds);
    const [id] = told ?? [];
    const amount = order.transfers[0]?.amount ?? 1n;
    if (id === undefined) return;
    const once = async () => {
      const isCapture = dice.chance(0.7);
      const part = isCapture && dice.chance(0.5) ? 1n + BigInt(dice.below(Number(amount))) : null;
      const verdict: Verdict = { id, captured: isCapture ? (part ?? amount) : null, told: false };
      this.verdicts.push(verdict);
      const decision = isCapture ? "commit" : "abort";
      const answer = await this.ask((node) => node.decide(id, { decision, captured: part }));
      verdict.told = answer !== undefined && answer !== null;
    };
    await Promise.all(dice.chance(0.3) ? [once(), once()] : [once()]);
  }

  /** The same once more, though it was answered. */
  async #again(): Promise<void> {
    const withKeys = this.wishes.filter(({ order }) => order.transfers[0]?.repeat !== null);
    if (withKeys.length > 0) await this.send(this.dice.pick(withKeys));
  }

  /** Something else with a key that was used. */
  async #other(): Promise<void> {
    const used = this.wishes.filter(
      ({ told, order }) => told !== undefined && order.transfers[0]?.repeat !== null,
    );
    if (used.length === 0) return;
    const [first] = this.dice.pick(used).order.transfers;
    if (first === undefined || first.repeat === null) return;
    const repeat = { key: first.repeat.key, hash: "other" };
    const order = { transfers: [{ ...first, repeat, amount: first.amount + 1n }] };
    const acceptance = await this.ask((node) => node.order(order));
    if (acceptance === undefined || acceptance.outcome === "mismatch") return;
    this.#fail(`another request with the key ${repeat.key} was taken`);
  }

  async #look(): Promise<void> {
    const ids = this.wishes.flatMap(({ told }) => told ?? []);
    if (ids.length === 0) return;
    const asked = this.dice.sample(ids, 4);
    const transfers = await this.ask((node) => node.find(asked));
    if (transfers === undefined) return;
    if (transfers.length !== asked.length) this.#fail("what was accepted is not there");
    for (const transfer of transfers) this.#stage.oracle.observe(this.#name, this.#seen, transfer);
  }

  #hear(wish: Wish, acceptance: Acceptance): void {
    if (acceptance.outcome === "reversed" && wish.told === undefined) return;
    if (!("transfers" in acceptance)) {
      this.#fail(`its own request was answered with ${acceptance.outcome}`);
      return;
    }
    const { transfers } = acceptance;
    const ids = transfers.map(({ id }) => id);
    if (wish.told !== undefined && wish.told.join() !== ids.join()) {
      this.#fail(`the same request was answered with ${ids} after ${wish.told}`);
    }
    wish.told = ids;
    for (const [at, terms] of wish.order.transfers.entries()) {
      const transfer = transfers[at];
      if (transfer?.amount === terms.amount && transfer.to === terms.to) continue;
      this.#fail(`it asked for ${terms.amount} to ${terms.to}, and was told of something else`);
    }
    for (const transfer of transfers) this.#stage.oracle.observe(this.#name, this.#seen, transfer);
  }

  #fail(what: string): void {
    this.#stage.world.fail(`${this.#name}: ${what}.`);
  }
}
