import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startTestApp, type TestApp } from "../../../test/support/app.ts";
import { type PlainAnswer, post, send } from "../../../test/support/http-client.ts";
import { callWithin, newPersonOf, operatorOf } from "../../../test/support/in-process.ts";
import { waitFor } from "../../../test/support/wait-for.ts";
import { newWalletNumber, openWallet } from "../../../test/support/wallet-funds.ts";
import { PAGE_MAX } from "./types.ts";

/** Document 004 to the letter: its paths in both spellings, its fields, and every status. */

const PASSWORD = "a lantern under the stairs";
const CREATE = ["/api/user/create_wallet", "/api/user/createwallet"];
const TRANSFER = ["/api/user/do_transaction", "/api/user/do_transacton"];

interface Row {
  readonly wallet_id: string;
  readonly TxID: string;
  readonly amount: string;
  readonly ammount: string;
  readonly status: string;
  readonly note: string;
  readonly initiated_at: string;
}

interface Balance {
  readonly available: string;
  readonly TxID: string | null;
  readonly status: string | null;
}

let running: TestApp;
let ann: Record<string, string>;
let ben: Record<string, string>;
/** Ann's on shard 0, Ben's on shard 1. */
let own: string;
let other: string;

before(async () => {
  running = await startTestApp({ config: { only: "wallet" } });
  const { app } = running;
  const [one, two] = [await newPersonOf(app), await newPersonOf(app)];
  const number = newWalletNumber();
  own = await openWallet(callWithin(app, one.token), `${number}0`);
  other = await openWallet(callWithin(app, two.token), `${number}1`);
  const asOperator = callWithin(app, (await operatorOf(app)).token);
  await asOperator("wallet.saveAsset", { code: "BEAN", name: "Beans", scale: 0 });
  [ann = {}, ben = {}] = [one, two].map(({ token }) => ({ authorization: `Bearer ${token}` }));
});
after(() => running[Symbol.asyncDispose]());

const get = (path: string, headers: Record<string, string> = ann) =>
  send(`${running.url}${path}`, { headers });
const put = (path: string, input: unknown, headers: Record<string, string> = ann) =>
  post(`${running.url}${path}`, input, headers);
const codeOf = ({ json }: PlainAnswer) => (json() as { code: string }).code;
const payment = (more: object = {}) => ({ from_id: own, to_id: other, amount: "1", ...more });
const pay = (more: object = {}, headers: Record<string, string> = {}) =>
  put(TRANSFER[0] ?? "", payment(more), { ...ann, ...headers });
const idOf = ({ json }: PlainAnswer) => (json() as { TxID: string }).TxID;
const balanceOf = async (wallet: string, headers = ann) =>
  (await get(`/api/user/balance/${wallet}`, headers)).json() as Balance;
const rowsOf = async (wallet: string, headers = ann) =>
  (await get(`/api/user/transactions/${wallet}`, headers)).json() as Row[];

async function rowOf(txId: string): Promise<Row> {
  const isEnded = ({ status }: Row) => ["SUCCESSFUL", "INVALID", "FAILED"].includes(status);
  const find = async () => (await rowsOf(own)).find((row) => row.TxID === txId && isEnded(row));
  return (await waitFor(find, { what: "the transaction ends" })) as Row;
}

describe("accounts", () => {
  test("register and login answer 200 with the token in header and cookie, and no body", async () => {
    const login = `004-${process.pid}`;
    for (const path of ["/auth/register", "/auth/login"]) {
      const { status, text, headers } = await put(path, { login, password: PASSWORD }, {});
      assert.deepEqual([status, text], [200, ""], path);
      const [, token = ""] = /^Bearer (\S+)$/.exec(headers["authorization"] ?? "") ?? [];
      const [cookie = ""] = /^stoa=[^;]{20,}/.exec(String(headers["set-cookie"])) ?? [];
      for (const signedIn of [{ authorization: `Bearer ${token}` }, { cookie }]) {
        assert.equal((await get("/wallets", signedIn)).status, 200);
      }
    }
  });

  const cases: readonly [path: string, body: unknown, status: number][] = [
    ["/auth/register", { login: `twice-${process.pid}`, password: PASSWORD }, 200],
    ["/auth/register", { login: `twice-${process.pid}`, password: PASSWORD }, 409],
    ["/auth/login", { login: `twice-${process.pid}`, password: "another password" }, 401],
    ["/auth/login", { login: `nobody-${process.pid}`, password: PASSWORD }, 401],
    ["/auth/register", { login: "x", password: "password" }, 400],
    ["/auth/register", { login: "no password" }, 400],
    ["/auth/register", { password: PASSWORD }, 400],
    ["/auth/register", { login: 5, password: PASSWORD }, 400],
    ["/auth/register", { username: "x", password: PASSWORD }, 400],
    ["/auth/login", {}, 400],
    ["/auth/login", [], 400],
    ["/auth/login", "login", 400],
  ];
  for (const [path, body, expected] of cases) {
    test(`${path} ${JSON.stringify(body).slice(0, 60)} is ${expected}`, async () => {
      assert.equal((await put(path, body, {})).status, expected);
    });
  }
});

describe("without signing in", () => {
  test("everything of a user is 401", async () => {
    for (const path of CREATE) {
      assert.equal((await put(path, { wallet_id: "1" }, {})).status, 401);
    }
    for (const path of TRANSFER) assert.equal((await put(path, payment(), {})).status, 401);
    for (const path of [`transactions/${own}`, `balance/${own}`]) {
      assert.equal((await get(`/api/user/${path}`, {})).status, 401);
      const forged = { authorization: "Bearer of.nothing.good" };
      assert.equal((await get(`/api/user/${path}`, forged)).status, 401);
    }
  });
});

describe("create_wallet", () => {
  for (const path of CREATE) {
    test(`${path} is 202 for a new number and for one's own, 409 for another's`, async () => {
      const input = { wallet_id: newWalletNumber() };
      for (let time = 0; time < 2; time += 1) {
        const answer = await put(path, input);
        assert.deepEqual([answer.status, answer.json()], [202, input]);
      }
      const other = await put(path, { ...input, asset: "BEAN" });
      assert.deepEqual([other.status, codeOf(other)], [409, "ASSET_DIFFERS"]);
      const taken = await put(path, input, ben);
      assert.deepEqual([taken.status, codeOf(taken)], [409, "WALLET_TAKEN"]);
    });
  }

  const BAD: readonly unknown[] = [
    { wallet_id: "" },
    { wallet_id: "12a" },
    { wallet_id: "-1" },
    { wallet_id: "+1" },
    { wallet_id: " 1" },
    { wallet_id: "1.0" },
    { wallet_id: "1e3" },
    { wallet_id: "٣٤" },
    { wallet_id: "1\n" },
    { wallet_id: "1".repeat(65) },
    { wallet_id: 12 },
    { wallet_id: null },
    { wallet_id: ["1"] },
    { walletId: "1" },
    { wallet_id: "1", owner: "me" },
    {},
    [],
    "1",
    null,
  ];
  test("refuses with 400 what is no number of a wallet", async () => {
    for (const body of BAD) {
      const where = JSON.stringify(body);
      for (const path of CREATE) assert.equal((await put(path, body)).status, 400, where);
    }
  });
});

describe("do_transaction", () => {
  for (const path of TRANSFER) {
    test(`${path} is 202 with TxID and status, and the money arrives`, async () => {
      const answer = await put(path, payment({ amount: "2.50" }));
      assert.equal(answer.status, 202);
      const { TxID, status, ...more } = answer.json() as { TxID: string; status: string };
      assert.match(TxID, /^[1-9]\d*$/);
      assert.deepEqual([status, more], ["PENDING", {}]);
      const row = await rowOf(TxID);
      const { initiated_at: at, ...rest } = row;
      assert.deepEqual(rest, {
        wallet_id: own,
        TxID,
        amount: "-2.50",
        ammount: "-2.50",
        status: "SUCCESSFUL",
        note: "transaction successful",
      });
      assert.match(at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/);
      const theirs = (await rowsOf(other, ben)).find((one) => one.TxID === TxID);
      assert.deepEqual([theirs?.ammount, theirs?.wallet_id], ["+2.50", other]);
    });
  }

  const REFUSED: readonly [what: object, status: number][] = [
    ...[
      ...["-1", "+1", "0", "0.00", "0.001", "1.234", "", " ", "1e9", "NaN", "Infinity", "0x10"],
      ...["1,5", "1.", ".5", "1 000", "1_000", "١", "1".repeat(19), "1".repeat(17), "€5"],
      ...["9999999999999999.999", null, true, [], {}, ["1"], 1.5, -1, 0, 1e21],
    ].map((amount): [object, number] => [{ amount }, 400]),
    [{ amount: undefined }, 400],
    [{ from_id: "x" }, 400],
    [{ to_id: "x" }, 400],
    [{ to_id: "1".repeat(65) }, 400],
    [{ to_id: undefined }, 400],
    [{ to_id: 5 }, 400],
    [{ fromId: "1" }, 400],
    [{ currency: "EUR" }, 400],
    [{ TxID: "" }, 400],
    [{ TxID: "with a space" }, 400],
    [{ TxID: "x".repeat(129) }, 400],
  ];
  test("refuses with 400 what is malformed, and moves nothing", async () => {
    const before = await balanceOf(own);
    for (const [more, status] of REFUSED) {
      const answer = await pay(more);
      assert.equal(answer.status, status, `${JSON.stringify(more)} ${answer.text}`);
    }
    const same = await pay({ to_id: own });
    assert.deepEqual([same.status, codeOf(same)], [400, "SAME_WALLET"]);
    for (const text of ['{"from_id":', '{"amount":NaN}', '{"amount":1,"amount":2}', "amount=1"]) {
      const answer = await send(`${running.url}${TRANSFER[0]}`, {
        method: "POST",
        headers: { ...ann, "content-type": "application/json" },
        body: text,
      });
      assert.equal(answer.status, 400, text);
    }
    assert.deepEqual(await balanceOf(own), before);
  });

  test("takes whole numbers as they are, and all digits that there can be", async () => {
    assert.equal((await rowOf(idOf(await pay({ amount: 3 })))).amount, "-3.00");
    // As much as an amount can be: more than there is, but no mistake.
    const most = await pay({ amount: `${"9".repeat(16)}.99` });
    const { status, note } = await rowOf(idOf(most));
    assert.deepEqual([status, note], ["INVALID", "not enough funds in the wallet"]);
  });

  test("is 404 from a wallet that is unknown or another's", async () => {
    for (const from of [other, newWalletNumber()]) {
      const answer = await pay({ from_id: from, to_id: own });
      assert.deepEqual([answer.status, codeOf(answer)], [404, "WALLET_NOT_FOUND"]);
    }
  });

  test("is 202 and then INVALID to an unknown or frozen wallet, or with too little", async () => {
    const { app } = running;
    const frozen = await openWallet(callWithin(app, ben["authorization"]?.split(" ")[1]));
    const asOperator = callWithin(app, (await operatorOf(app)).token);
    await asOperator("wallet.freeze", { walletId: frozen, frozen: true });
    for (const [more, note] of [
      [{ to_id: newWalletNumber() }, "there is no such wallet"],
      [{ to_id: frozen }, "the wallet is frozen"],
      [{ amount: "100000" }, "not enough funds in the wallet"],
    ] as const) {
      const answer = await pay(more);
      assert.equal(answer.status, 202);
      const row = await rowOf(idOf(answer));
      assert.deepEqual([row.status, row.note], ["INVALID", note]);
    }
  });

  const KEYS: readonly [how: string, sent: (key: string, more?: object) => Promise<PlainAnswer>][] =
    [
      ["Idempotency-Key", (key, more) => pay(more, { "idempotency-key": key })],
      ["TxID", (TxID, more) => pay({ TxID, ...more })],
    ];
  for (const [how, sent] of KEYS) {
    test(`with the same ${how} has one effect; another body is 422`, async () => {
      const key = String(newWalletNumber());
      const before = Number((await balanceOf(own)).available);
      const first = await sent(key);
      const row = await rowOf(idOf(first));
      const again = await sent(key);
      assert.deepEqual([again.status, idOf(again)], [202, row.TxID]);
      const otherBody = await sent(key, { amount: "2" });
      assert.deepEqual([otherBody.status, codeOf(otherBody)], [422, "KEY_MISMATCH"]);
      assert.equal(Number((await balanceOf(own)).available), before - 1);
    });
  }
});

describe("transactions and balance", () => {
  test("of a wallet that is unknown or another's are 404, of what is no number 400", async () => {
    for (const what of ["transactions", "balance"]) {
      for (const wallet of [other, newWalletNumber()]) {
        const answer = await get(`/api/user/${what}/${wallet}`);
        assert.deepEqual([answer.status, codeOf(answer)], [404, "WALLET_NOT_FOUND"]);
      }
      for (const wallet of ["abc", "-1", "1.5", "%20", "1".repeat(65)]) {
        assert.equal((await get(`/api/user/${what}/${wallet}`)).status, 400, wallet);
      }
    }
  });

  test("are 204 and null while a wallet has none", async () => {
    await using production = await startTestApp({
      config: { only: "wallet", production: true, demo: false },
    });
    const { app, url } = production;
    const { token } = await newPersonOf(app);
    const headers = { authorization: `Bearer ${token}` };
    const wallet = newWalletNumber();
    await post(`${url}/api/user/create_wallet`, { wallet_id: wallet }, headers);
    const list = await send(`${url}/api/user/transactions/${wallet}`, { headers });
    assert.deepEqual([list.status, list.text], [204, ""]);
    const balance = await send(`${url}/api/user/balance/${wallet}`, { headers });
    assert.deepEqual(balance.json(), {
      wallet_id: wallet,
      asset: "COIN",
      posted: "0.00",
      held: "0.00",
      available: "0.00",
      TxID: null,
      status: null,
      note: null,
      initiated_at: null,
    });
  });

  test("a balance has the last transaction", async () => {
    const txId = idOf(await pay());
    const { initiated_at: at, note } = await rowOf(txId);
    const balance = await balanceOf(own);
    assert.partialDeepStrictEqual(balance, {
      TxID: txId,
      status: "SUCCESSFUL",
      initiated_at: at,
      note,
    });
    assert.match(balance.available, /^\d+\.\d\d$/);
  });

  test("a long list comes whole, from the oldest, and in pages to who asks for them", async () => {
    const call = callWithin(running.app, ann["authorization"]?.split(" ")[1]);
    const count = 2 * PAGE_MAX + 30;
    const transfers = Array.from({ length: count }, () => ({
      fromId: own,
      toId: other,
      amount: "0.01",
    }));
    await call("wallet.transferMany", { transfers, together: true });
    const rows = await rowsOf(own);
    assert.ok(rows.length > count);
    const ids = rows.map(({ TxID }) => Number(TxID));
    assert.deepEqual(
      ids,
      ids.toSorted((a, b) => a - b),
    );
    const times = rows.map(({ initiated_at: at }) => Date.parse(at));
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
    const paged: Row[] = [];
    let query = "?limit=90";
    for (let pages = 1; query !== ""; pages += 1) {
      const { status, headers, json } = await get(`/api/user/transactions/${own}${query}`);
      assert.equal(status, 200);
      paged.push(...(json() as Row[]));
      const cursor = headers["x-next-cursor"];
      query = cursor === undefined ? "" : `?limit=90&cursor=${cursor}`;
      assert.ok(pages < 10);
    }
    assert.deepEqual(
      paged.map(({ TxID }) => Number(TxID)),
      ids,
    );
    for (const bad of ["limit=0", "limit=101", "limit=x", "cursor=x", "cursor=0", "page=2"]) {
      assert.equal((await get(`/api/user/transactions/${own}?${bad}`)).status, 400, bad);
    }
  });

  test("pages neither skip nor repeat while transfers are made", async () => {
    let isPaying = true;
    const payer = async () => {
      for (let paid = 0; paid < 25; paid += 1) await pay({ amount: "0.01" });
    };
    const paying = Promise.all([payer(), payer(), payer(), payer()]).finally(() => {
      isPaying = false;
    });
    const followed: string[] = [];
    for (let isAtEnd = false; !isAtEnd; ) {
      const wasPaying = isPaying;
      const cursor = followed.length === 0 ? "" : `&cursor=${followed.at(-1)}`;
      const answer = await get(`/api/user/transactions/${own}?limit=7${cursor}`);
      const rows = answer.status === 204 ? [] : (answer.json() as Row[]);
      followed.push(...rows.map(({ TxID }) => TxID));
      isAtEnd = !wasPaying && rows.length === 0;
    }
    await paying;
    const all = await rowsOf(own);
    assert.deepEqual(
      followed,
      all.map(({ TxID }) => TxID),
    );
  });
});
