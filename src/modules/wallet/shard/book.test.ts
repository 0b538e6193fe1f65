import assert from "node:assert/strict";
import { test } from "node:test";
import { BALANCE_MAX, Book, ENDED_LEGS_REMEMBERED_MAX, WALLETS_REMEMBERED_MAX } from "./book.ts";
import type { Operation, Outcome, Refusal, Reserve, WalletView } from "./protocol.ts";

const AT_MS = 1_000;
const OK: Outcome = { ok: true };
const refused = (refusal: Refusal): Outcome => ({ ok: false, refusal });

/** A book with wallets `a` of 100 and `b` of 0, and a way to ask it. */
function openBook() {
  const book = new Book({ transferMax: 0n, reserved: [], clearing: [] });
  const ask = (operation: Operation): Outcome => {
    const { wallets, legs } = book.missing([operation]);
    book.learn({ wallets }, [], []);
    assert.deepEqual(legs, []);
    return book.apply(operation, AT_MS);
  };
  const look = (wallet: string): WalletView => {
    const outcome = ask({ verb: "look", wallet });
    assert.ok(outcome.ok && outcome.wallet !== undefined);
    return outcome.wallet;
  };
  const money = (wallet: string) => [look(wallet).posted, look(wallet).held];
  for (const wallet of ["a", "b"]) ask({ verb: "open", wallet, asset: "COIN", minBalance: 0n });
  ask({ verb: "open", wallet: "issuer", asset: "COIN", minBalance: -BALANCE_MAX });
  const move = { verb: "move", transfer: 999n, from: "issuer", to: "a" } as const;
  ask({ ...move, asset: "COIN", amount: 100n });
  book.takeChanges();
  return { book, ask, look, money };
}

function debit(transfer: bigint, amount: bigint, more: Partial<Reserve> = {}): Reserve {
  const leg = { verb: "reserve", transfer, side: "debit", wallet: "a" } as const;
  return { ...leg, asset: "COIN", amount, peer: 1, ...more };
}

function credit(transfer: bigint, amount: bigint, more: Partial<Reserve> = {}): Reserve {
  return debit(transfer, amount, { side: "credit", wallet: "b", ...more });
}

test("money that is held can be spent no more, and comes back when it is voided", () => {
  const { ask, money } = openBook();
  assert.deepEqual(ask(debit(1n, 60n)), OK);
  assert.deepEqual(ask(debit(2n, 41n)), refused("funds_short"));
  assert.deepEqual(ask(debit(3n, 40n)), OK);
  assert.deepEqual(money("a"), [100n, 100n]);
  assert.deepEqual(ask({ verb: "void", transfer: 1n, side: "debit" }), OK);
  assert.deepEqual(money("a"), [100n, 40n]);
});

test("of a hold a part can be posted, and the rest is released", () => {
  const { book, ask, money } = openBook();
  ask(debit(1n, 60n));
  assert.deepEqual(ask({ verb: "post", transfer: 1n, side: "debit", amount: 25n }), OK);
  assert.deepEqual(money("a"), [75n, 0n]);
  assert.deepEqual(book.takeChanges()?.clearing, [{ peer: 1, asset: "COIN", balance: 25n }]);
});

test("an operation that comes again has no second effect and the same answer", () => {
  const { book, ask, money } = openBook();
  const operations: Operation[] = [
    debit(1n, 60n),
    { verb: "post", transfer: 1n, side: "debit", amount: 25n },
    debit(2n, 500n),
    { verb: "void", transfer: 3n, side: "credit" },
    { verb: "move", transfer: 4n, from: "a", to: "b", asset: "COIN", amount: 5n },
    { verb: "move", transfer: 5n, from: "a", to: "b", asset: "COIN", amount: 500n },
    { verb: "open", wallet: "a", asset: "COIN", minBalance: -50n },
  ];
  const first = operations.map(ask);
  assert.deepEqual(first, [OK, OK, refused("funds_short"), OK, OK, refused("funds_short"), OK]);
  book.takeChanges();
  assert.deepEqual(operations.map(ask), first);
  assert.equal(book.takeChanges(), undefined);
  assert.deepEqual(
    [money("a"), money("b")],
    [
      [70n, 0n],
      [5n, 0n],
    ],
  );
});

test("a hundred who capture one hold get it once", () => {
  const { ask, money } = openBook();
  ask(debit(1n, 60n));
  const parts = Array.from({ length: 100 }, (_, at) => BigInt((at % 50) + 1));
  const taken = parts.filter((amount) => {
    return ask({ verb: "post", transfer: 1n, side: "debit", amount }).ok;
  });
  // The first, and whoever asked for just as much.
  assert.deepEqual(taken, [1n, 1n]);
  assert.deepEqual(money("a"), [99n, 0n]);
});

test("a leg ends once", () => {
  const { ask } = openBook();
  ask(debit(1n, 10n));
  ask(debit(2n, 10n));
  ask(debit(3n, 1_000n));
  ask({ verb: "post", transfer: 1n, side: "debit" });
  ask({ verb: "void", transfer: 2n, side: "debit" });
  ask({ verb: "void", transfer: 4n, side: "debit" });
  const post = (transfer: bigint) => ask({ verb: "post", transfer, side: "debit" });
  assert.deepEqual(ask({ verb: "void", transfer: 1n, side: "debit" }), refused("leg_posted"));
  assert.deepEqual(post(2n), refused("leg_voided"));
  assert.deepEqual(post(3n), refused("leg_refused"));
  assert.deepEqual(post(4n), refused("leg_voided"));
  assert.deepEqual(post(5n), refused("leg_unknown"));
  assert.deepEqual(ask(debit(2n, 10n)), refused("leg_voided"));
  assert.deepEqual(ask(debit(4n, 10n)), refused("leg_voided"));
  assert.deepEqual(ask(debit(1n, 11n)), refused("leg_differs"));
  const more = ask({ verb: "post", transfer: 1n, side: "debit", amount: 9n });
  assert.deepEqual(more, refused("leg_differs"));
});

test("a wallet takes what fits to it", () => {
  const { ask } = openBook();
  ask({ verb: "open", wallet: "gold", asset: "GOLD", minBalance: 0n });
  assert.deepEqual(ask(credit(1n, 1n, { wallet: "nobody" })), refused("wallet_unknown"));
  assert.deepEqual(ask(credit(2n, 1n, { wallet: "gold" })), refused("asset_differs"));
  assert.deepEqual(ask(credit(3n, BALANCE_MAX - 10n)), OK);
  // What is on its way counts.
  assert.deepEqual(ask(credit(4n, 10n)), refused("balance_full"));
  assert.deepEqual(ask(credit(5n, 9n)), OK);
  ask({ verb: "void", transfer: 3n, side: "credit" });
  assert.deepEqual(ask(credit(6n, 10n)), OK);
});

test("a frozen wallet takes nothing new, and what is on its way goes through", () => {
  const { ask, money } = openBook();
  ask(debit(1n, 10n));
  assert.deepEqual(ask({ verb: "configure", number: 90n, wallet: "a", state: "frozen" }), OK);
  assert.deepEqual(ask(debit(2n, 10n)), refused("wallet_frozen"));
  assert.deepEqual(ask({ verb: "post", transfer: 1n, side: "debit" }), OK);
  assert.deepEqual(money("a"), [90n, 0n]);
});

test("a wallet is closed when it is empty, and for good", () => {
  const { ask } = openBook();
  let number = 90n;
  const close = (wallet: string) => {
    number += 1n;
    return ask({ verb: "configure", number, wallet, state: "closed" });
  };
  assert.deepEqual(close("a"), refused("wallet_used"));
  ask(credit(1n, 10n));
  assert.deepEqual(close("b"), refused("wallet_used"));
  ask({ verb: "void", transfer: 1n, side: "credit" });
  assert.deepEqual([close("b"), close("b")], [OK, OK]);
  const open = ask({ verb: "configure", number: 90n, wallet: "b", state: "open" });
  assert.deepEqual(open, refused("wallet_closed"));
  assert.deepEqual(ask(credit(2n, 10n)), refused("wallet_closed"));
});

test("what a wallet may do is not changed back by what comes again late", () => {
  const { ask, look } = openBook();
  const freeze = { verb: "configure", number: 90n, wallet: "b", state: "frozen" } as const;
  const close = { verb: "configure", number: 91n, wallet: "a", state: "closed" } as const;
  assert.deepEqual(ask(freeze), OK);
  assert.deepEqual(ask(close), refused("wallet_used"));
  assert.deepEqual(ask({ ...freeze, number: 92n, state: "open" }), OK);
  ask({ verb: "move", transfer: 1n, from: "a", to: "b", asset: "COIN", amount: 100n });
  assert.deepEqual([ask(freeze), ask(close)], [OK, refused("wallet_used")], "as the first time");
  assert.deepEqual([look("a").state, look("b").state], ["open", "open"]);
});

test("a limit is not set above what is there", () => {
  const { ask } = openBook();
  ask({ verb: "configure", number: 90n, wallet: "b", minBalance: -20n });
  ask(debit(1n, 15n, { wallet: "b" }));
  const tooHigh = ask({ verb: "configure", number: 91n, wallet: "b", minBalance: -14n });
  assert.deepEqual(tooHigh, refused("funds_short"));
  assert.deepEqual(ask({ verb: "configure", number: 92n, wallet: "b", minBalance: -15n }), OK);
});

test("what has been forgotten is looked up, and what was never written is not", () => {
  const { book } = openBook();
  const legs = Array.from({ length: ENDED_LEGS_REMEMBERED_MAX }, (_, at) => BigInt(at + 1));
  for (const transfer of legs) book.apply({ verb: "void", transfer, side: "debit" }, AT_MS);
  book.trim();
  const missing = (transfer: bigint) => book.missing([{ verb: "post", transfer, side: "debit" }]);
  // The debit of the very first move went first.
  assert.deepEqual(missing(999n).legs, [{ verb: "post", transfer: 999n, side: "debit" }]);
  assert.deepEqual([...missing(998n).legs, ...missing(10n ** 9n).legs], []);
  for (let at = 0; at <= WALLETS_REMEMBERED_MAX; at += 1)
    book.learn({ wallets: [`w${at}`] }, [], []);
  book.trim();
  assert.deepEqual(book.missing([{ verb: "look", wallet: "a" }]).wallets, ["a"]);
  const last = { verb: "look", wallet: `w${WALLETS_REMEMBERED_MAX}` } as const;
  assert.deepEqual(book.missing([last]).wallets, []);
});

test("no reserved leg is older than what is said of the oldest", () => {
  const { book, ask } = openBook();
  const reserved = new Set<bigint>();
  for (let round = 0; round < 300; round += 1) {
    const transfer = BigInt((round * 7_919) % 1_000) + 1_000n;
    if (ask(debit(transfer, 1n)).ok) reserved.add(transfer);
    if (round % 3 === 0) {
      const [some] = reserved;
      if (some !== undefined) ask({ verb: "void", transfer: some, side: "debit" });
      if (some !== undefined) reserved.delete(some);
    }
    const from = book.reservedFrom();
    for (const id of reserved) assert.ok(id >= from, `${id} is below ${from}`);
  }
  assert.ok(book.reservedFrom() > 0n);
});

test("with nothing reserved nobody looks for legs of long ago", () => {
  const book = new Book({ transferMax: 1_000n, reserved: [], clearing: [] });
  assert.equal(book.reservedFrom(), 1_000n);
});
