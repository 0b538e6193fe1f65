import { CommitUnknown, DatabaseUnavailable } from "../../../src/core/database.ts";
import type { Chore, ChoreStore } from "../../../src/modules/wallet/orchestrator/chore.ts";
import type { JournalStore } from "../../../src/modules/wallet/orchestrator/journal.ts";
import type { TransferRecord } from "../../../src/modules/wallet/orchestrator/transfer.ts";
import type { ShardStore } from "../../../src/modules/wallet/shard/records.ts";
import type { PlaceStore } from "../../../src/modules/wallet/shard/remote-endpoint.ts";
import type { ShardPlace } from "../../../src/modules/wallet/shard/remote-protocol.ts";
import type { MemoryChores } from "../../support/memory-chores.ts";
import type { MemoryJournal, Verdict } from "../../support/memory-journal.ts";
import type { MemoryLedger } from "../../support/memory-ledger.ts";
import type { Dice } from "../engine/dice.ts";
import type { NodeLife } from "../engine/node.ts";
import type { WalletWorld } from "./world.ts";

/** What was to be written cannot be. */
class CommitRefused extends Error {
  override readonly name = "CommitRefused";
}

/** A database, as far as it can be away. */
export interface Outage {
  untilMs: number;
}

/**
 * What lies between one life of a process and a database. Each call is one transaction; it happens
 * at one moment, some time after it was sent, even if who sent it is dead by then.
 */
export class StoreLine {
  readonly #world: WalletWorld;
  readonly #life: NodeLife;
  readonly #outage: Outage;
  readonly #dice: Dice;

  constructor(world: WalletWorld, life: NodeLife, outage: Outage) {
    this.#world = world;
    this.#life = life;
    this.#outage = outage;
    this.#dice = world.dice.fork(`${life.name} store`);
  }

  /** Whether the database refuses what it is to commit now. */
  refuses(): boolean {
    return this.#dice.chance(this.#world.rates.commitRefused);
  }

  read<T>(what: string, act: () => T): Promise<T> {
    return this.#call(what, act, false);
  }

  write<T>(what: string, act: () => T): Promise<T> {
    return this.#call(what, act, true);
  }

  #call<T>(what: string, act: () => T, isWrite: boolean): Promise<T> {
    const { scheduler, rates } = this.#world;
    const dice = this.#dice;
    return new Promise((resolve, reject) => {
      const answer = (label: string, delayMs: number, then: () => void) =>
        scheduler.after(delayMs, `${this.#life.name} ${what} ${label}`, () => {
          this.#life.enter(then);
        });
      const fail = (error: Error) => answer("fails", dice.between(0.1, 4), () => reject(error));
      const isAway = this.#outage.untilMs > scheduler.elapsedMs;
      if (isAway || dice.chance(rates.storeLost)) {
        fail(new DatabaseUnavailable(`${what}: no connection`));
        return;
      }
      if (isWrite && dice.chance(rates.commitLate)) {
        const lateMs = dice.between(1, 2_000);
        scheduler.after(lateMs, `${this.#life.name} ${what} late`, () => void attempt(act));
        fail(new CommitUnknown(`${what}: no answer`));
        return;
      }
      const stallMs = () => (dice.chance(rates.storeStalled) ? dice.between(20, 3_000) : 0);
      scheduler.after(dice.between(0.2, 3) + stallMs(), `${this.#life.name} ${what}`, () => {
        const outcome = attempt(act);
        if (isWrite && dice.chance(rates.commitUnknown)) {
          fail(new CommitUnknown(`${what}: no answer`));
          return;
        }
        answer("answered", dice.between(0.1, 1) + stallMs(), () => {
          if ("value" in outcome) resolve(outcome.value);
          else reject(outcome.error);
        });
      });
    });
  }
}

function attempt<T>(act: () => T): { readonly value: T } | { readonly error: unknown } {
  try {
    return { value: act() };
  } catch (error) {
    return { error };
  }
}

export function createLedgerPort(line: StoreLine, ledger: MemoryLedger, shard: number): ShardStore {
  return {
    begin: (epoch) => line.write(`begins ${shard} in ${epoch}`, () => ledger.begin(epoch)),
    headAt: (batch) => line.read(`headAt ${shard}`, () => ledger.headAt(batch)),
    wallets: (ids) => line.read(`wallets ${shard}`, () => ledger.findWallets(ids)),
    legs: (keys) => line.read(`legs ${shard}`, () => ledger.findLegs(keys)),
    commit(changes) {
      const what = `commits ${shard} in ${changes.epoch}`;
      return line.write(what, () => {
        if (line.refuses()) throw new CommitRefused(what);
        return ledger.commit(changes);
      });
    },
  };
}

/** The journal's port, and what nodes ask of it beside. */
export interface JournalPort extends JournalStore {
  decideHold(id: bigint, verdict: Verdict): Promise<TransferRecord | null>;
}

/** What nodes ask of chores. */
export interface ChorePort extends ChoreStore {
  insert(chore: Pick<Chore, "id" | "shard" | "operation">): Promise<void>;
}

export function createChorePort(line: StoreLine, chores: MemoryChores): ChorePort {
  return {
    insert: (chore) => line.write("wants a chore", () => chores.insert(chore)),
    open: (countMax) => line.read("open chores", () => chores.open(countMax)),
    find: (id) => line.read("finds a chore", () => chores.find(id)),
    end: ({ id }, refusal) => line.write("ends a chore", () => chores.end(id, refusal)),
  };
}

/** Where a shard's database keeps which one it is. */
export function createPlacePort(line: StoreLine, kept: { place: ShardPlace | null }): PlaceStore {
  return {
    find: () => line.read("finds its place", () => kept.place),
    claim: (place) =>
      line.write("claims its place", () => {
        kept.place ??= place;
        return kept.place;
      }),
  };
}

/** By the clock of the node that asks, as the adapter has it. */
export function createJournalPort(
  line: StoreLine,
  journal: MemoryJournal,
  nowMs: () => number,
): JournalPort {
  return {
    lead(node, leaseMs) {
      const atMs = nowMs();
      return line.write("lead", () => journal.lead(node, leaseMs, atMs));
    },
    renew(epoch, leaseMs) {
      const atMs = nowMs();
      return line.write("renew", () => journal.renew(epoch, leaseMs, atMs));
    },
    resign: (epoch) => line.write("resign", () => journal.resign(epoch)),
    async accept(orders) {
      const ids = await line.read("drawIds", () => journal.drawIds(orders));
      return line.write("accept", () => journal.accept(orders, ids));
    },
    record: (commit) => line.write("record", () => journal.record(commit)),
    find: (ids) => line.read("find", () => journal.find(ids)),
    unfinished: (range, countMax) =>
      line.read("unfinished", () => journal.unfinished(range, countMax)),
    dueHolds(after, countMax) {
      const atMs = nowMs();
      return line.read("dueHolds", () => journal.dueHolds(after, countMax, atMs));
    },
    newest: () => line.read("newest", () => journal.newest()),
    forgetBelow: (epoch, id) => line.write("forgetBelow", () => journal.forgetBelow(epoch, id)),
    decideHold(id, verdict) {
      const atMs = nowMs();
      return line.write("decide", () => journal.decideHold(id, verdict, atMs));
    },
  };
}
