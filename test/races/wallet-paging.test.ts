import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { MemoryExchange } from "../../src/adapters/bus/memory.ts";
import type { Person } from "../../src/core/actor.ts";
import { type DatabasePlace, freshPostgres, SERVER_URL } from "../support/database.ts";
import { createWalletFixture, type WalletFixture } from "../support/wallet-fixture.ts";

const skip = SERVER_URL === undefined && "races need a PostgreSQL server: set DATABASE_URL";
const TRANSFERS = 1_000;
const PAYERS = 8;
const LIMIT = 7;

describe("pages of a wallet's transactions while two nodes accept more of them", { skip }, () => {
  let place: DatabasePlace;
  let nodes: readonly [WalletFixture, WalletFixture];
  before(async () => {
    place = await freshPostgres(SERVER_URL ?? "");
    const exchange: MemoryExchange = new Set();
    const first = await createWalletFixture({ place, exchange });
    nodes = [first, await createWalletFixture({ place, exchange })];
  });
  after(async () => {
    for (const node of nodes ?? []) await node.stop();
    await place?.[Symbol.asyncDispose]();
  });
  const node = (at: number) => nodes[at % 2] ?? nodes[0];

  /** What a client has that goes on from the last transaction it knows, until the signal. */
  async function follow(one: WalletFixture, walletId: string, as: Person, ended: AbortSignal) {
    const seen: string[] = [];
    for (;;) {
      const isLast = ended.aborted;
      const cursor = seen.at(-1);
      const page = { walletId, limit: LIMIT, ...(cursor === undefined ? {} : { cursor }) };
      const { transactions } = await one.call("wallet.transactions", page, as);
      seen.push(...transactions.map(({ txId }) => txId));
      if (isLast && transactions.length === 0) return seen;
    }
  }

  test("skip none and repeat none", async () => {
    const [ann, ben] = [nodes[0].newPerson(), nodes[0].newPerson()];
    const fromId = await nodes[0].open(ann, 0);
    const toId = await nodes[0].open(ben, 1);
    const ending = new AbortController();
    const following = [0, 1].flatMap((at) => [
      follow(node(at), fromId, ann, ending.signal),
      follow(node(at), toId, ben, ending.signal),
    ]);
    let left = TRANSFERS;
    const pay = async (at: number) => {
      const input = { fromId, toId, amount: "0.01" };
      while (left > 0) {
        left -= 1;
        await node(at).call("wallet.transfer", input, ann);
      }
    };
    await Promise.all(Array.from({ length: PAYERS }, (_, at) => pay(at)));
    ending.abort();
    const followed = await Promise.all(following);
    const none = new AbortController();
    none.abort();
    const inTheEnd = await Promise.all([
      follow(node(0), fromId, ann, none.signal),
      follow(node(0), toId, ben, none.signal),
    ]);
    for (const [at, seen] of followed.entries()) assert.deepEqual(seen, inTheEnd[at % 2]);
    assert.equal(inTheEnd[0]?.length, TRANSFERS + 1);
    await nodes[0].audit();
  });
});
