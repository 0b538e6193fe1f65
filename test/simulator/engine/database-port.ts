import { EventEmitter } from "node:events";
import type { Pool, QueryResult } from "pg";
import { CONNECTION_TIMEOUT_MS, PooledDatabase } from "../../../src/adapters/db/pooled-database.ts";
import type { Database } from "../../../src/core/database.ts";
import type { Log } from "../../../src/core/log.ts";
import type { DatabaseServer, Lease } from "./database-server.ts";
import type { Dice } from "./dice.ts";
import type { FaultRates } from "./faults.ts";
import type { NodeLife } from "./node.ts";

export interface DatabasePortParts {
  readonly life: NodeLife;
  readonly server: DatabaseServer;
  readonly dice: Dice;
  readonly rates: FaultRates;
  readonly log: Log;
}

/**
 * The database as one life of a node has it: the product's own adapter, sessions and transactions
 * over a pool whose connections lead to the simulated server.
 */
export function createDatabasePort(parts: DatabasePortParts): Database {
  const { life, log } = parts;
  const pool = new SimulatedPool(parts) as unknown as Pool;
  const engine = {
    name: "pglite",
    pool,
    assertWritable: () => {},
    beforeWrite: () => {},
    unhurried: <T>(run: () => Promise<T>) => run(),
    quiesce: async () => {},
    close: async () => {},
  } as const;
  return new PooledDatabase(engine, life.clock, log);
}

/** As much of the driver's pool as the adapter uses. */
class SimulatedPool extends EventEmitter {
  readonly #parts: DatabasePortParts;

  constructor(parts: DatabasePortParts) {
    super();
    this.#parts = parts;
  }

  connect(): Promise<SimulatedClient> {
    const { life, server, dice, rates } = this.#parts;
    if (dice.chance(rates.connectRefused)) return this.#refuse();
    return new Promise((resolve, reject) => {
      const client = new SimulatedClient(server);
      const giveUp = server.acquire(
        life,
        (lease) => {
          late.cancel();
          client.lease = lease;
          life.enter(() => {
            this.emit("connect", client);
            resolve(client);
          });
        },
        (error) => client.breakOff(error),
      );
      const late = life.clock.after(CONNECTION_TIMEOUT_MS, () => {
        if (client.lease !== undefined) return;
        giveUp();
        reject(new Error("timeout exceeded when trying to connect"));
      });
    });
  }

  async end(): Promise<void> {}

  #refuse(): Promise<never> {
    const { life, dice } = this.#parts;
    const refusal = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    return new Promise((_, reject) => {
      life.clock.after(dice.between(0, 5), () => reject(refusal));
    });
  }
}

/** As much of the driver's client as the adapter uses. */
class SimulatedClient extends EventEmitter {
  readonly #server: DatabaseServer;
  lease: Lease | undefined;
  #broken: Error | undefined;
  #pending: ((error: Error) => void) | undefined;

  constructor(server: DatabaseServer) {
    super();
    this.#server = server;
  }

  query(text: string, values: readonly unknown[]): Promise<QueryResult> {
    return new Promise((resolve, reject) => {
      if (this.lease === undefined || this.#broken !== undefined) {
        reject(new Error("Client has encountered a connection error and is not queryable"));
        return;
      }
      const settle = (run: () => void) => {
        if (this.#pending !== reject) return;
        this.#pending = undefined;
        run();
      };
      this.#pending = reject;
      this.#server.execute(
        this.lease,
        text,
        values,
        (result) => settle(() => resolve(result)),
        (error) => settle(() => reject(error)),
      );
    });
  }

  /** The connection is gone; the driver tells whoever waits, and then everybody. */
  breakOff(error: Error): void {
    if (this.#broken !== undefined) return;
    this.#broken = error;
    const pending = this.#pending;
    this.#pending = undefined;
    this.emit("error", error);
    pending?.(error);
  }

  release(discard?: boolean): void {
    const { lease } = this;
    if (lease === undefined) return;
    if (discard !== true && this.#broken === undefined) {
      this.#server.release(lease);
      return;
    }
    this.#server.abandon(lease);
    const pending = this.#pending;
    this.#broken ??= new Error("Connection terminated");
    this.#pending = undefined;
    pending?.(this.#broken);
  }
}
