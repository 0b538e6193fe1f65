import type { Revocation } from "../../core/actor.ts";
import type { Connection } from "./connection.ts";

/** Counts what is open by key, and forgets keys that reach zero. */
export class Tally {
  readonly #counts = new Map<string, number>();

  of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  add(key: string): void {
    this.#counts.set(key, this.of(key) + 1);
  }

  remove(key: string): void {
    const count = this.of(key) - 1;
    if (count > 0) this.#counts.set(key, count);
    else this.#counts.delete(key);
  }
}

/** The connections of this process, findable by the person they belong to. */
export class Population {
  readonly #all = new Set<Connection>();
  readonly #byAccount = new Map<string, Set<Connection>>();

  get size(): number {
    return this.#all.size;
  }

  [Symbol.iterator](): Iterator<Connection> {
    return this.#all.values();
  }

  add(connection: Connection): void {
    this.#all.add(connection);
    const { person } = connection;
    if (person === undefined) return;
    const own = this.#byAccount.get(person.accountId);
    if (own === undefined) this.#byAccount.set(person.accountId, new Set([connection]));
    else own.add(connection);
  }

  remove(connection: Connection): void {
    this.#all.delete(connection);
    const { person } = connection;
    if (person === undefined) return;
    const own = this.#byAccount.get(person.accountId);
    own?.delete(connection);
    if (own?.size === 0) this.#byAccount.delete(person.accountId);
  }

  countOf(accountId: string): number {
    return this.#byAccount.get(accountId)?.size ?? 0;
  }

  /** Those that a revocation ends. */
  revokedBy({ accountId, sessionId }: Revocation): Connection[] {
    return [...(this.#byAccount.get(accountId) ?? [])].filter(
      ({ person }) => sessionId === undefined || person?.sessionId === sessionId,
    );
  }
}
