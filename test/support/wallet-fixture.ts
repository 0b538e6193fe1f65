import assert from "node:assert/strict";
import type { Input, MethodName, Output } from "../../client/index.ts";
import type { MemoryExchange } from "../../src/adapters/bus/memory.ts";
import type { Person } from "../../src/core/actor.ts";
import type { Clock } from "../../src/core/clock.ts";
import { JobRunner } from "../../src/core/jobs.ts";
import { createLocalShards, createWallet } from "../../src/modules/wallet/index.ts";
import type { Transaction } from "../../src/modules/wallet/types.ts";
// Loaded before any test, or its closing belongs to the first one.
import { type DatabasePlace, freshDatabase } from "./database.ts";
import { createHarness, type Harness, newPerson } from "./module-harness.ts";
import { waitFor } from "./wait-for.ts";
import { newWalletNumber } from "./wallet-funds.ts";

const ENDED_WITHIN_MS = 15_000;
const SHARDS = 2;

/** Calls as the person, or as nobody; a key marks repeats. */
export type CallAs = <N extends MethodName>(
  name: N,
  input: Input<N>,
  as?: Person,
  key?: string,
) => Promise<Output<N>>;

/** A node with the wallet module over two shards, and what its tests do over and over. */
export interface WalletFixture extends AsyncDisposable {
  readonly harness: Harness;
  readonly operator: Person;
  readonly call: CallAs;
  newPerson(): Person;
  /** Somebody's new wallet on this shard, with the 1,000.00 that development gives. */
  open(owner: Person, shard?: number): Promise<string>;
  /** The transaction once nothing is left to do for it. */
  ended(txId: string, as: Person): Promise<Transaction>;
  /** Waits until the transaction has this status. */
  reaches(status: Transaction["status"], txId: string, as: Person): Promise<Transaction>;
  /** `available`, and what is held if anything is. */
  available(walletId: string, as: Person): Promise<string>;
  /** Nothing is on its way, and everything adds up. */
  audit(): Promise<void>;
  /** Ends it, so that another node leads. */
  stop(): Promise<void>;
}

export interface WalletFixtureOptions {
  readonly clock?: Clock;
  /** Of another fixture, whose owner disposes of it; one of its own when absent. */
  readonly place?: DatabasePlace;
  /** Shared by fixtures that play the nodes of one installation. */
  readonly exchange?: MemoryExchange;
}

export async function createWalletFixture(
  options: WalletFixtureOptions = {},
): Promise<WalletFixture> {
  const { place = await freshDatabase(), ...ports } = options;
  await using opening = new AsyncDisposableStack();
  if (options.place === undefined) opening.use(place);
  const database = await place.open();
  opening.defer(() => database.close());
  const harness = opening.use(
    await createHarness({
      ...ports,
      database,
      modules: (given) => {
        const shards = createLocalShards(database, SHARDS, given);
        const parts = { ...given, shards, production: false };
        // Its document's routes lead to methods of other modules as well.
        return [{ ...createWallet(parts, async () => new Map()), rest: [] }];
      },
    }),
  );
  const { clock, ids, log } = harness.ports;
  for (const module of harness.registry.modules) {
    const started = await module.start?.();
    if (started !== undefined) opening.use(started);
    const jobs = new JobRunner(clock, { work: harness.work, log });
    jobs.start(module.jobs ?? []);
    opening.defer(() => jobs.stop());
  }
  const opened = opening.move();
  const operator = newPerson(ids, clock, { operator: true });
  const call: CallAs = async (name, input, as, key) =>
    (await harness.call(name, input, as, key)) as Output<typeof name>;
  const read = (txId: string, as: Person) => call("wallet.getTransaction", { txId }, as);

  const fixture: WalletFixture = {
    harness,
    operator,
    call,
    newPerson: () => newPerson(ids, clock),
    async open(owner, shard = 0) {
      const walletId = `${newWalletNumber()}${shard}`;
      await call("wallet.create", { walletId }, owner);
      const isGranted = async () => {
        const { last } = await call("wallet.balance", { walletId }, owner);
        return last?.status === "SUCCESSFUL";
      };
      await waitFor(isGranted, { what: "the wallet is open", timeoutMs: ENDED_WITHIN_MS });
      return walletId;
    },
    ended: (txId, as) =>
      waitFor(
        async () => {
          const transaction = await read(txId, as);
          return transaction.finishedAtMs === null ? undefined : transaction;
        },
        { what: `transaction ${txId} has ended`, timeoutMs: ENDED_WITHIN_MS },
      ) as Promise<Transaction>,
    reaches: (status, txId, as) =>
      waitFor(
        async () => {
          const transaction = await read(txId, as);
          return transaction.status === status ? transaction : undefined;
        },
        { what: `transaction ${txId} is ${status}`, timeoutMs: ENDED_WITHIN_MS },
      ) as Promise<Transaction>,
    async available(walletId, as) {
      const { available, held } = await call("wallet.balance", { walletId }, as);
      return /^[0.]+$/.test(held) ? available : `${available}, ${held} held`;
    },
    async audit() {
      const inFlight = async () =>
        (await call("wallet.inFlight", {}, operator)).transactions.length === 0;
      await waitFor(inFlight, { what: "everything has ended", timeoutMs: ENDED_WITHIN_MS });
      const { ok, findings } = await call("wallet.audit", {}, operator);
      assert.deepEqual({ ok, findings }, { ok: true, findings: [] });
    },
    stop: () => opened.disposeAsync(),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
  return fixture;
}
