import type { Chore, ChoreStore } from "../../src/modules/wallet/orchestrator/chore.ts";
import type { Refusal } from "../../src/modules/wallet/shard/protocol.ts";

/** Chores in memory: what `store/chores.ts` does with SQL. Every call happens at once. */
export class MemoryChores {
  readonly #chores = new Map<string, Chore>();
  readonly #drawNumber: () => bigint;

  /** @param drawNumber of the sequence that numbers transfers as well */
  constructor(drawNumber: () => bigint) {
    this.#drawNumber = drawNumber;
  }

  /** All there are, in the order of their numbers. Whoever looks must not change them. */
  get chores(): ReadonlyMap<string, Chore> {
    return this.#chores;
  }

  insert(chore: Pick<Chore, "id" | "shard" | "operation">): void {
    this.put({ ...chore, number: this.#drawNumber(), isDone: false, refusal: null });
  }

  open(countMax: number): Chore[] {
    const waiting = [...this.#chores.values()].filter(({ isDone }) => !isDone);
    const byShard = Map.groupBy(waiting, ({ shard }) => shard);
    const first = [...byShard.values()].flatMap((chores) => chores.slice(0, countMax));
    return first.sort((one, other) => (one.number < other.number ? -1 : 1));
  }

  find(id: string): Chore | null {
    return this.#chores.get(id) ?? null;
  }

  end(id: string, refusal: Refusal | null): void {
    const chore = this.#chores.get(id);
    if (chore !== undefined && !chore.isDone) this.put({ ...chore, isDone: true, refusal });
  }

  /** Every change of a chore comes through here. */
  protected put(chore: Chore): void {
    this.#chores.set(chore.id, chore);
  }
}

/** Chores as the engine asks for them. */
export function createMemoryChoreStore(chores: MemoryChores): ChoreStore {
  return {
    open: async (countMax) => chores.open(countMax),
    find: async (id) => chores.find(id),
    end: async ({ id }, refusal) => chores.end(id, refusal),
  };
}
