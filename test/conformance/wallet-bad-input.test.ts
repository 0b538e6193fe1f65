import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startTestApp, type TestApp } from "../support/app.ts";
import { post } from "../support/http-client.ts";
import { callWithin, newPersonOf, operatorOf } from "../support/in-process.ts";
import { dumpState } from "../support/state-dump.ts";
import { waitFor } from "../support/wait-for.ts";
import { newWalletNumber, openWallet } from "../support/wallet-funds.ts";
import { refusal } from "./refusals.ts";

/**
 * Input about money that nobody should send, over every way that HTTP has to it: each is met with
 * its code and a sentence, and no balance is another one.
 */

let running: TestApp;
let tokens: { ann: string; operator: string };
let own: string;
let foreign: string;
let frozen: string;

before(async () => {
  running = await startTestApp();
  const { app } = running;
  const sessions = [await newPersonOf(app), await newPersonOf(app), await operatorOf(app)] as const;
  const [ann, ben, operator] = sessions.map(({ token }) => token) as [string, string, string];
  tokens = { ann, operator };
  const number = newWalletNumber();
  own = await openWallet(callWithin(app, ann), `${number}0`);
  frozen = await openWallet(callWithin(app, ann), `${number}2`);
  foreign = await openWallet(callWithin(app, ben), `${number}1`);
  await callWithin(app, operator)("wallet.freeze", { walletId: frozen, frozen: true });
  const isQuiet = async () =>
    (await callWithin(app, operator)("wallet.inFlight", {})).transactions.length === 0;
  await waitFor(isQuiet, { what: "the money of the demo has arrived" });
});
after(() => running?.[Symbol.asyncDispose]());

const refused = (path: string, input: unknown, token = tokens.ann, verb = "POST") =>
  refusal(`${running.url}${path}`, {
    verb,
    token,
    ...(input === undefined ? {} : { body: typeof input === "string" ? input : encode(input) }),
  });
const encode = (input: unknown) => JSON.stringify(input);
const PAYING = ["/api/wallet.transfer", "/api/wallet.hold", "/wallet/transfers", "/wallet/holds"];
const NO_NUMBERS = ["", "12a", "-1", "+1", " 1", "1.0", "1e3", "٣٤", "0x1", "1".repeat(65)];
const NO_AMOUNTS = [
  ...["-1", "+1", "", " ", "1e9", "NaN", "Infinity", "1,5", "1.", ".5", "0x10", "1".repeat(19)],
  ...[-1, 0, 1.5, null, true, [], {}],
];
const WRONG_AMOUNTS = ["0", "0.00", "0.001", "1".repeat(18), "9999999999999999.999"];

async function changingNothing(run: () => Promise<void>): Promise<void> {
  const stored = await dumpState(running.app.work);
  assert.ok(stored["wallet_accounts"]?.length, "there is something to lose");
  await run();
  assert.deepEqual(await dumpState(running.app.work), stored);
}

test("numbers that are none are refused wherever a wallet is named", () =>
  changingNothing(async () => {
    for (const walletId of [...NO_NUMBERS, 12, null, ["1"]]) {
      const where = encode(walletId);
      const payment = { fromId: own, toId: foreign, amount: "1" };
      for (const [path, input, token] of [
        ["/api/wallet.create", { walletId }],
        ["/wallet/wallets", { walletId }],
        ["/wallet/api/user/create_wallet", { wallet_id: walletId }],
        ["/api/wallet.balance", { walletId }],
        ["/api/wallet.close", { walletId }],
        ["/api/wallet.freeze", { walletId, frozen: true }, tokens.operator],
        ["/api/wallet.issue", { toId: walletId, amount: "1" }, tokens.operator],
        ...PAYING.flatMap((paying) => [
          [paying, { ...payment, fromId: walletId }] as const,
          [paying, { ...payment, toId: walletId }] as const,
        ]),
      ] as const) {
        const { code, status } = await refused(path, input, token);
        assert.deepEqual([code, status], ["INVALID_INPUT", 400], `${path} ${where}`);
      }
      if (typeof walletId !== "string" || walletId === "") continue;
      const path = `/wallet/wallets/${encodeURIComponent(walletId)}/balance`;
      assert.equal(
        (await refused(path, undefined, tokens.ann, "GET")).code,
        "INVALID_INPUT",
        where,
      );
    }
  }));

test("amounts that are none, nothing, or too fine are refused wherever money moves", () =>
  changingNothing(async () => {
    const ways: ReadonlyArray<readonly [path: string, more: object, token: string]> = [
      ...PAYING.map((path) => [path, { fromId: own, toId: foreign }, tokens.ann] as const),
      ["/api/wallet.issue", { toId: own }, tokens.operator],
      [`/wallet/wallets/${own}/issue`, {}, tokens.operator],
    ];
    for (const [path, more, token] of ways) {
      for (const [amounts, expected] of [
        [NO_AMOUNTS, "INVALID_INPUT"],
        [WRONG_AMOUNTS, "AMOUNT_INVALID"],
      ] as const) {
        for (const amount of amounts) {
          const { code, status } = await refused(path, { ...more, amount }, token);
          assert.deepEqual([code, status], [expected, 400], `${path} ${encode(amount)}`);
        }
      }
      for (const literal of ["NaN", "Infinity", "1e21", "01"]) {
        const body = encode({ ...more, amount: "?" }).replace('"?"', literal);
        assert.equal((await refused(path, body, token)).code, "MALFORMED", literal);
      }
    }
    for (const overdraft of ["-1", "1e9", "", "NaN", 5]) {
      const input = { walletId: own, overdraft };
      const { code } = await refused("/api/wallet.setOverdraft", input, tokens.operator);
      assert.equal(code, "INVALID_INPUT", encode(overdraft));
    }
  }));

test("a wallet to itself, out of nobody's or another's, and too much at once are refused", () =>
  changingNothing(async () => {
    for (const path of PAYING) {
      const pay = (more: object) =>
        refused(path, { fromId: own, toId: foreign, amount: "1", ...more });
      assert.deepEqual((await pay({ toId: own })).code, "SAME_WALLET");
      for (const fromId of [foreign, newWalletNumber()]) {
        const { code, status } = await pay({ fromId, toId: own });
        assert.deepEqual([code, status], ["WALLET_NOT_FOUND", 404]);
      }
      const large = await pay({ memo: "x".repeat(300_000) });
      assert.deepEqual([large.code, large.status], ["TOO_LARGE", 413]);
      assert.equal((await pay({ memo: "x".repeat(141) })).code, "INVALID_INPUT");
      assert.equal((await pay({ memo: "one\nand another" })).code, "INVALID_INPUT");
    }
    const one = { fromId: own, toId: foreign, amount: "1" };
    const many = (count: number, more: object = {}) => ({
      together: true,
      transfers: [...Array.from({ length: count }, () => one), { ...one, ...more }],
    });
    for (const [input, code] of [
      [many(500), "INVALID_INPUT"],
      [{ together: true, transfers: [] }, "INVALID_INPUT"],
      [many(1, { amount: "0" }), "AMOUNT_INVALID"],
      [many(1, { toId: own }), "SAME_WALLET"],
      [many(1, { fromId: foreign, toId: own }), "WALLET_NOT_FOUND"],
    ] as const) {
      assert.equal((await refused("/api/wallet.transferMany", input)).code, code);
    }
    const taken = await refused("/wallet/wallets", { walletId: foreign });
    assert.deepEqual([taken.code, taken.status], ["WALLET_TAKEN", 409]);
  }));

test("what only the shards can refuse is accepted, ends INVALID, and moves nothing", async () => {
  const call = callWithin(running.app, tokens.ann);
  const balances = async () =>
    Promise.all(
      [own, frozen].map(async (id) => (await call("wallet.balance", { walletId: id })).posted),
    );
  const before = await balances();
  const headers = { authorization: `Bearer ${tokens.ann}` };
  for (const path of ["/wallet/transfers", "/wallet/holds"]) {
    for (const [more, code] of [
      [{ fromId: frozen }, "wallet_frozen"],
      [{ toId: frozen }, "wallet_frozen"],
      [{ toId: newWalletNumber() }, "wallet_unknown"],
      [{ amount: "1000.01" }, "funds_short"],
    ] as const) {
      const payment = { fromId: own, toId: foreign, amount: "1", ...more };
      const answer = await post(`${running.url}${path}`, payment, headers);
      assert.equal(answer.status, 202, `${path} ${code}`);
      const { txId } = answer.json() as { txId: string };
      const ended = await waitFor(
        async () => {
          const transaction = await call("wallet.getTransaction", { txId });
          return transaction.finishedAtMs === null ? undefined : transaction;
        },
        { what: "it ends" },
      );
      assert.partialDeepStrictEqual(ended, { status: "INVALID", code });
    }
  }
  assert.deepEqual(await balances(), before);
});
