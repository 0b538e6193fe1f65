import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { type DatabasePlace, freshDatabase } from "../../../../test/support/database.ts";
import { createLog } from "../../../adapters/log/pino.ts";
import { systemClock } from "../../../adapters/system/clock.ts";
import type { Database } from "../../../core/database.ts";
import { StoaError } from "../../../core/errors.ts";
import { type Remote, type RemoteAnswer, RemoteUnavailable } from "../../../core/remote.ts";
import { serveShard } from "../index.ts";
import { createLedgerStore } from "../store/ledger.ts";
import { BALANCE_MAX } from "./book.ts";
import {
  type Operation,
  ShardOutdated,
  ShardRefused,
  ShardUnavailable,
  type WalletView,
} from "./protocol.ts";
import { LEGS_PAGE_MAX } from "./reader.ts";
import {
  ANSWER_BYTES_MAX,
  encode,
  PROTOCOL_VERSION,
  QUESTION_BYTES_MAX,
  REMOTE_OPERATIONS_MAX,
  SEND,
} from "./remote-protocol.ts";
import { RemoteShard } from "./remote-shard.ts";

const log = createLog({ level: "silent" });
const clock = systemClock;
const PLACE = { shard: 1, shards: 3 };

/** Answers whatever it is told to. */
function answering(answer: Partial<RemoteAnswer> | Error): Remote {
  return {
    ask: async () => {
      if (answer instanceof Error) throw answer;
      return { status: 200, body: "{}", ...answer };
    },
    close: () => {},
  };
}

const look = (wallet: string): Operation => ({ verb: "look", wallet });
const position = { batch: "1", head: "a".repeat(64) };

describe("a remote shard", () => {
  const sendTo = (answer: Partial<RemoteAnswer> | Error) =>
    new RemoteShard(answering(answer), PLACE).send(1n, [look("1")]);

  test("takes an answer of exactly the right form", async () => {
    const body = encode({ outcomes: [{ ok: false, refusal: "wallet_unknown" }], position });
    assert.deepEqual(await sendTo({ body }), {
      outcomes: [{ ok: false, refusal: "wallet_unknown" }],
      position: { batch: 1n, head: position.head },
    });
  });

  test("is unavailable when what comes back is no answer to the question", async () => {
    const ok = { ok: true };
    for (const body of [
      "",
      "null",
      "[]",
      "{}",
      "<html>",
      '{"outcomes":[{"ok":true}',
      encode({ outcomes: [], position }),
      encode({ outcomes: [ok, ok], position }),
      encode({ outcomes: [ok] }),
      encode({ outcomes: [ok], position, more: 1 }),
      encode({ outcomes: [{ ok: true, refusal: "funds_short" }], position }),
      encode({ outcomes: [{ ok: false }], position }),
      encode({ outcomes: [{ ok: false, refusal: "bad_mood" }], position }),
      encode({ outcomes: [{ ok: 1 }], position }),
      encode({ outcomes: [ok], position: { ...position, batch: 1 } }),
      encode({ outcomes: [ok], position: { ...position, batch: "-1" } }),
      encode({ outcomes: [ok], position: { ...position, batch: "9".repeat(19) } }),
      encode({ outcomes: [ok], position: { ...position, batch: "01" } }),
      encode({ outcomes: [ok], position: { ...position, head: "A".repeat(64) } }),
      `{"outcomes":[{"ok":false,"ok":true}],"position":${encode(position)}}`,
    ]) {
      await assert.rejects(sendTo({ body }), ShardUnavailable, body);
    }
  });

  test("that cannot be read is UNAVAILABLE to whoever asked", async () => {
    const shard = new RemoteShard(answering(new RemoteUnavailable("It is late.")), PLACE);
    for (const read of [
      () => shard.wallets(["1"]),
      () => shard.balanceAt("1", 0),
      () => shard.summary(),
    ]) {
      const error: unknown = await read().catch((cause: unknown) => cause);
      assert.ok(error instanceof StoaError && error.cause instanceof ShardUnavailable);
      assert.deepEqual([error.code, error.retryAfterMs], ["UNAVAILABLE", 1_000]);
    }
  });

  test("takes the legs it asked for, in their order, and no others", async () => {
    const leg = (transfer: number, side = "debit", rest = {}) => {
      return { transfer: `${transfer}`, side, state: "reserved", postedAmount: null, ...rest };
    };
    const page = { after: { transfer: 4n, side: "debit" }, upTo: 9n, limit: 3 } as const;
    const asked = (legs: unknown) =>
      new RemoteShard(answering({ body: encode(legs) }), PLACE).legs(page);
    const posted = { state: "posted", postedAmount: "7" };
    const right = [leg(4, "credit"), leg(5), leg(9, "credit", posted)];
    assert.deepEqual(
      (await asked(right)).map(({ transfer }) => transfer),
      [4n, 5n, 9n],
    );
    assert.deepEqual(await asked([]), []);
    for (const wrong of [
      [leg(4)],
      [leg(10)],
      [leg(5), leg(5)],
      [leg(6), leg(5)],
      [leg(5, "credit"), leg(5)],
      [leg(5), leg(6), leg(7), leg(8)],
      [leg(5, "debit", { state: "posted" })],
      [leg(5, "debit", { postedAmount: "7" })],
      [leg(5, "debit", { state: "lost" })],
      [leg(5, "debit", { wallet: "1" })],
    ]) {
      await assert.rejects(asked(wrong), { code: "UNAVAILABLE" }, encode(wrong));
    }
  });

  test("tells what the shard says from what something in between says", async () => {
    const of = (failure: string) => encode({ failure, message: "Because." });
    const cases = [
      [{ status: 409, body: of("refused") }, ShardRefused],
      [{ status: 409, body: of("outdated") }, ShardOutdated],
      [{ status: 409, body: of("unavailable") }, ShardUnavailable],
      [{ status: 409, body: "Conflict" }, ShardUnavailable],
      [{ status: 500, body: of("refused") }, ShardUnavailable],
      [{ status: 503, body: of("unavailable") }, ShardUnavailable],
      [{ status: 401, body: of("malformed") }, ShardUnavailable],
      [{ status: 404, body: "<html>" }, ShardUnavailable],
      [{ status: 204, body: "" }, ShardUnavailable],
      [{ status: 302, body: "" }, ShardUnavailable],
      [{ status: 200, body: of("refused") }, ShardUnavailable],
      [new RemoteUnavailable("It is late."), ShardUnavailable],
    ] as const;
    for (const [answer, expected] of cases) {
      const said = answer instanceof Error ? answer.message : encode(answer);
      const error = await sendTo(answer).catch((cause: unknown) => cause);
      assert.equal((error as Error).constructor, expected, said);
      assert.match((error as Error).message, /^Shard 1/);
    }
  });
});

test("the longest question and the longest answer are within their limits", () => {
  const name = "9".repeat(96);
  const amount = BALANCE_MAX - 1n;
  const transfer = amount;
  const move = { verb: "move", transfer, from: name, to: name, asset: name, amount } as const;
  const many = <T>(one: T) => Array.from({ length: REMOTE_OPERATIONS_MAX }, () => one);
  const question = encode({ epoch: transfer, operations: many(move) });
  assert.ok(question.length <= QUESTION_BYTES_MAX, `${question.length}`);
  assert.equal(SEND.input.parse(JSON.parse(question)).operations.length, REMOTE_OPERATIONS_MAX);
  const wallet: WalletView = {
    wallet: name,
    asset: name,
    state: "frozen",
    posted: -amount,
    held: amount,
    minBalance: -amount,
    version: 2_147_483_647,
  };
  const answer = encode({ outcomes: many({ ok: true, wallet }), position });
  assert.ok(answer.length <= ANSWER_BYTES_MAX, `${answer.length}`);
  const leg = { transfer, side: "credit", state: "reserved", postedAmount: amount };
  const legs = encode(Array.from({ length: LEGS_PAGE_MAX }, () => leg));
  assert.ok(legs.length <= ANSWER_BYTES_MAX, `${legs.length}`);
});

describe("a shard behind its endpoint", () => {
  let shared: DatabasePlace | undefined;
  const databases: Database[] = [];
  after(async () => {
    for (const database of databases) await database.close();
    await shared?.[Symbol.asyncDispose]();
  });
  /** The process over its database; called again, it has been started again. */
  const started = async () => {
    shared ??= await freshDatabase();
    for (const database of databases.splice(0)) await database.close();
    const database = await shared.open(log);
    databases.push(database);
    const answer = await serveShard(database, { clock, log });
    const remote: Remote = { ask: ({ path, body }) => answer(path, body), close: () => {} };
    return { answer, as: (place: typeof PLACE) => new RemoteShard(remote, place) };
  };

  test("is the shard that the first one to take it says, for good", async () => {
    const before = (await started()).as(PLACE);
    await assert.rejects(before.send(1n, [look("1")]), /Nobody has taken it/);
    assert.deepEqual(await before.wallets(["1"]), [], "an empty one can be read");
    assert.deepEqual((await before.audit()).findings, []);
    assert.deepEqual(await before.take(1n, undefined), { batch: 0n, head: "" });
    const { as } = await started();
    assert.deepEqual(await as(PLACE).wallets(["1"]), [], "read before it is taken again");
    for (const place of [
      { shard: 2, shards: 3 },
      { shard: 1, shards: 4 },
    ]) {
      const refused = new RegExp(`shard 1 of 3, .* as shard ${place.shard} of ${place.shards}`);
      await assert.rejects(as(place).take(9n, undefined), refused);
      await assert.rejects(as(place).take(9n, undefined), ShardOutdated);
      await assert.rejects(as(place).wallets(["1"]), { code: "UNAVAILABLE" });
      await assert.rejects(as(place).audit(), { code: "UNAVAILABLE" });
    }
  });

  test("carries every operation out, and reads back what it did", async () => {
    const shard = (await started()).as(PLACE);
    await shard.take(1n, undefined);
    const asset = "COIN";
    const big = BALANCE_MAX - 1n;
    const { outcomes } = await shard.send(1n, [
      { verb: "open", wallet: "issue:COIN:1", asset, minBalance: 1n - BALANCE_MAX },
      { verb: "open", wallet: "1", asset, minBalance: 0n },
      { verb: "open", wallet: "4", asset, minBalance: -5n },
      { verb: "move", transfer: 1n, from: "issue:COIN:1", to: "1", asset, amount: big },
      { verb: "reserve", transfer: 2n, side: "debit", wallet: "1", asset, amount: 7n, peer: 0 },
      { verb: "post", transfer: 2n, side: "debit", amount: 6n },
      { verb: "reserve", transfer: 3n, side: "credit", wallet: "4", asset, amount: 2n, peer: 2 },
      { verb: "void", transfer: 3n, side: "credit" },
      { verb: "configure", number: 4n, wallet: "4", state: "frozen" },
      { verb: "configure", number: 5n, wallet: "4", minBalance: -9n },
      look("1"),
      look("99"),
    ]);
    const wallet = {
      wallet: "1",
      asset,
      state: "open" as const,
      posted: big - 6n,
      held: 0n,
      minBalance: 0n,
      version: 2,
    };
    assert.deepEqual(
      outcomes.slice(0, 10),
      Array.from({ length: 10 }, () => ({ ok: true })),
    );
    assert.deepEqual(outcomes.slice(10), [
      { ok: true, wallet },
      { ok: false, refusal: "wallet_unknown" },
    ]);
    assert.deepEqual(await shard.wallets(["1", "99"]), [wallet]);
    const entries = await shard.entries({ wallet: "1", after: 0, limit: 10 });
    assert.deepEqual(
      entries.map(({ transfer, amount, balanceAfter }) => [transfer, amount, balanceAfter]),
      [
        [1n, big, big],
        [2n, -6n, big - 6n],
      ],
    );
    const legs = await shard.legs({ after: { transfer: 1n, side: "debit" }, upTo: 3n, limit: 9 });
    assert.deepEqual(
      legs.map(({ transfer, side, state, postedAmount }) => [transfer, side, state, postedAmount]),
      [
        [1n, "credit", "posted", big],
        [2n, "debit", "posted", 6n],
        [3n, "credit", "voided", null],
      ],
    );
    assert.equal(await shard.balanceAt("1", entries[1]?.atMs ?? 0), big - 6n);
    const { findings, sums, ...audit } = await shard.audit();
    assert.deepEqual(findings, []);
    assert.deepEqual(sums, [{ asset, wallets: -6n, clearing: [{ peer: 0, balance: 6n }] }]);
    const { shard: index, ...summary } = audit;
    assert.deepEqual([index, await shard.summary()], [1, summary]);
    assert.equal(summary.wallets, 3);
  });

  test("refuses an epoch that was left behind, and says when it has lost something", async () => {
    const shard = (await started()).as(PLACE);
    const here = await shard.take(5n, undefined);
    assert.deepEqual(await shard.take(5n, here), here);
    await assert.rejects(shard.take(4n, undefined), ShardRefused);
    await assert.rejects(shard.send(4n, [look("1")]), ShardRefused);
    const later = { batch: here.batch + 1n, head: "b".repeat(64) };
    await assert.rejects(shard.take(6n, later), ShardOutdated);
    await assert.rejects(shard.take(7n, { ...here, head: "b".repeat(64) }), ShardOutdated);
  });

  test("understands only the questions of its version, in their form", async () => {
    const { answer, as } = await started();
    await as(PLACE).take(20n, undefined);
    const ask = async (name: string, body: unknown) => {
      const text = typeof body === "string" ? body : encode(body);
      return (await answer(`/v${PROTOCOL_VERSION}/${name}`, text)).status;
    };
    assert.equal((await answer(`/v${PROTOCOL_VERSION + 1}/send`, "{}")).status, 404);
    const reserve = { verb: "reserve", transfer: "9", side: "debit", wallet: "1", asset: "COIN" };
    const send = (operation: unknown) => ask("send", { epoch: "20", operations: [operation] });
    assert.equal(await send({ ...reserve, amount: "1", peer: 0 }), 200);
    for (const wrong of [
      { ...reserve, amount: 1, peer: 0 },
      { ...reserve, amount: "0", peer: 0 },
      { ...reserve, amount: "-1", peer: 0 },
      { ...reserve, amount: "1.5", peer: 0 },
      { ...reserve, amount: "1", peer: 64 },
      { ...reserve, amount: "1" },
      { ...reserve, amount: "1", peer: 0, more: 1 },
      { ...reserve, amount: "1", peer: 0, wallet: "a b" },
      { ...reserve, amount: "1", peer: 0, transfer: "9223372036854775808" },
      { verb: "post", transfer: "1", side: "left" },
      { verb: "post", transfer: "1", side: "debit", amount: null },
      { verb: "open", wallet: "1", asset: "COIN", minBalance: "1" },
      { verb: "steal", wallet: "1" },
      null,
    ]) {
      assert.equal(await send(wrong), 400, encode(wrong));
    }
    const many = Array.from({ length: REMOTE_OPERATIONS_MAX + 1 }, () => look("1"));
    assert.equal(await ask("send", { epoch: "20", operations: many }), 400);
    for (const body of ["", "{", "[]", '{"epoch":"20","epoch":"20","operations":[]}']) {
      assert.equal(await ask("send", body), 400, body);
    }
    const misplaced = { place: { shard: 3, shards: 3 }, epoch: "21" };
    assert.equal(await ask("take", misplaced), 400);
  });
});

test("a database that keeps another shard's ledger becomes no second one", async () => {
  await using place = await freshDatabase();
  const database = await place.open(log);
  try {
    await createLedgerStore(database, 0).begin(1n);
    const answer = await serveShard(database, { clock, log });
    const remote: Remote = { ask: ({ path, body }) => answer(path, body), close: () => {} };
    const taking = new RemoteShard(remote, PLACE).take(1n, undefined);
    await assert.rejects(taking, /keeps the ledger of shard 0 already, and cannot be shard 1/);
  } finally {
    await database.close();
  }
});
