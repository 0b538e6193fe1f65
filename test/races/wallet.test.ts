import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { MemoryExchange } from "../../src/adapters/bus/memory.ts";
import type { Person } from "../../src/core/actor.ts";
import { fraction } from "../../src/core/random.ts";
import { crowd } from "../support/crowd.ts";
import { type DatabasePlace, freshPostgres, SERVER_URL } from "../support/database.ts";
import { createSeededRandom } from "../support/seeded-random.ts";
import { waitFor } from "../support/wait-for.ts";
import { createWalletFixture, type WalletFixture } from "../support/wallet-fixture.ts";

const skip = SERVER_URL === undefined && "races need a PostgreSQL server: set DATABASE_URL";
const TRANSFERS = 1_000;
const WALLETS = 10;
/** Calls in flight. */
const AT_ONCE = 200;

const times = <T>(count: number, make: (at: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => make(at));

describe("races for money", { skip }, () => {
  let place: DatabasePlace;
  /** Two nodes over one database: the first one leads. */
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
  const leads = async (one: WalletFixture) =>
    (await one.call("wallet.shards", {}, one.operator)).leads;
  async function pair(shards: readonly [number, number] = [0, 1]) {
    const [ann, ben] = [nodes[0].newPerson(), nodes[0].newPerson()];
    const fromId = await nodes[0].open(ann, shards[0]);
    const toId = await nodes[0].open(ben, shards[1]);
    return { ann, ben, ends: { fromId, toId } };
  }

  test("100 callers capture one hold by different amounts: one of them does", async () => {
    const { ann, ben, ends } = await pair();
    const { txId } = await nodes[0].call("wallet.hold", { ...ends, amount: "200" }, ann);
    await nodes[0].reaches("PROCESSING", txId, ann);
    const captures = times(100, (at) => () => {
      const amount = String(at + 1);
      return node(at)
        .call("wallet.capture", { txId, amount }, ann)
        .then(() => amount);
    });
    const { answers, refusals } = await crowd(captures);
    assert.equal(answers.length, 1);
    assert.deepEqual([...refusals], [["HOLD_ENDED", 99]]);
    const { status, capturedAmount } = await nodes[0].ended(txId, ann);
    assert.deepEqual([status, capturedAmount], ["SUCCESSFUL", `${answers[0]}.00`]);
    assert.equal(await nodes[1].available(ends.fromId, ann), `${1_000 - Number(answers[0])}.00`);
    assert.equal(await nodes[1].available(ends.toId, ben), `${1_000 + Number(answers[0])}.00`);
  });

  test("a hold is captured or released, never both, however close it is", async () => {
    const { ann, ends } = await pair();
    const winners = { captured: 0, released: 0 };
    for (let round = 0; round < 20; round += 1) {
      const { txId } = await nodes[0].call("wallet.hold", { ...ends, amount: "10" }, ann);
      await nodes[0].reaches("PROCESSING", txId, ann);
      const capture = () => node(round).call("wallet.capture", { txId }, ann);
      const release = () => node(round + 1).call("wallet.release", { txId }, ann);
      const both = round % 4 < 2 ? [capture, release] : [release, capture];
      const { answers } = await crowd<unknown>(both);
      assert.equal(answers.length, 1);
      const { status } = await nodes[0].ended(txId, ann);
      if (status === "SUCCESSFUL") winners.captured += 1;
      else winners.released += 1;
    }
    const left = `${1_000 - winners.captured * 10}.00`;
    assert.equal(await nodes[0].available(ends.fromId, ann), left);
  });

  test("one key 100 times at once, on two nodes, is one transfer with one number", async () => {
    const { ann, ends } = await pair();
    const input = { ...ends, amount: "7" };
    const { answers } = await crowd(
      times(100, (at) => () => node(at).call("wallet.transfer", input, ann, "once")),
    );
    const ids = new Set(answers.map(({ txId }) => txId));
    assert.deepEqual([answers.length, ids.size], [100, 1]);
    await nodes[0].ended([...ids][0] ?? "", ann);
    assert.equal(await nodes[0].available(ends.fromId, ann), "993.00");
  });

  test("one key for other transfers at once is one of them, and the others are refused", async () => {
    const { ann, ends } = await pair([1, 1]);
    const { answers, refusals } = await crowd(
      times(50, (at) => () => {
        const input = { ...ends, amount: String(at + 1) };
        return node(at).call("wallet.transfer", input, ann, "contested");
      }),
    );
    assert.equal(answers.length, 1);
    assert.deepEqual([...refusals], [["KEY_MISMATCH", 49]]);
  });

  test("the last money is spent once, across and within shards", async () => {
    for (const shards of [
      [0, 1],
      [1, 1],
    ] as const) {
      const { ann, ben, ends } = await pair(shards);
      const input = { ...ends, amount: "400" };
      const { answers } = await crowd(
        times(40, (at) => () => node(at).call("wallet.transfer", input, ann)),
      );
      const ended = await Promise.all(answers.map(({ txId }) => nodes[0].ended(txId, ann)));
      const happened = ended.filter(({ status }) => status === "SUCCESSFUL");
      const short = ended.filter(({ code }) => code === "funds_short");
      assert.deepEqual([happened.length, short.length], [2, 38]);
      assert.equal(await nodes[0].available(ends.fromId, ann), "200.00");
      assert.equal(await nodes[0].available(ends.toId, ben), "1800.00");
    }
  });

  test(`${TRANSFERS} transfers among ${WALLETS} wallets over two nodes keep their sum`, async () => {
    const owners = times(WALLETS, () => nodes[0].newPerson());
    const wallets = await Promise.all(owners.map((owner, at) => nodes[0].open(owner, at % 2)));
    const random = createSeededRandom("races for money");
    const below = (count: number) => Math.floor(fraction(random) * count);
    const { answers } = await crowd(
      times(TRANSFERS, (at) => {
        const from = below(WALLETS);
        const to = (from + 1 + below(WALLETS - 1)) % WALLETS;
        const input = {
          fromId: wallets[from] ?? "",
          toId: wallets[to] ?? "",
          amount: String(1 + below(400)),
        };
        const owner = owners[from] as Person;
        return async () => ({
          owner,
          txId: (await node(at).call("wallet.transfer", input, owner)).txId,
        });
      }),
      AT_ONCE,
    );
    assert.equal(answers.length, TRANSFERS);
    await nodes[0].audit();
    const { answers: ended } = await crowd(
      answers.map(
        ({ txId, owner }) =>
          () =>
            nodes[1].ended(txId, owner),
      ),
      AT_ONCE,
    );
    const statuses = new Set(ended.map(({ status }) => status));
    assert.deepEqual(statuses, new Set(["SUCCESSFUL", "INVALID"]), "some are refused, none fails");
    const available = await Promise.all(
      wallets.map((walletId, at) => nodes[1].available(walletId, owners[at] as Person)),
    );
    for (const amount of available) assert.match(amount, /^\d+\.00$/);
    const sum = available.reduce((total, amount) => total + Number(amount), 0);
    assert.equal(sum, WALLETS * 1_000);
  });

  test("a node that follows accepts, the one that leads carries out, and the other goes on after it", async () => {
    const [leader, follower] = nodes;
    assert.deepEqual([await leads(leader), await leads(follower)], [true, false]);
    const { ann, ends } = await pair();
    const input = { ...ends, amount: "10" };
    const { txId } = await follower.call("wallet.transfer", input, ann);
    assert.equal((await follower.ended(txId, ann)).status, "SUCCESSFUL");
    // What it leaves behind is carried through by the other one, which takes over at once.
    const left = await crowd(times(50, () => () => leader.call("wallet.transfer", input, ann)));
    await leader.stop();
    await waitFor(() => leads(follower), { what: "the other node leads" });
    const ended = await Promise.all(left.answers.map((one) => follower.ended(one.txId, ann)));
    assert.deepEqual(new Set(ended.map(({ status }) => status)), new Set(["SUCCESSFUL"]));
    const later = await follower.call("wallet.transfer", input, ann);
    assert.equal((await follower.ended(later.txId, ann)).status, "SUCCESSFUL");
    assert.equal(await follower.available(ends.fromId, ann), "480.00");
    await follower.audit();
  });
});
