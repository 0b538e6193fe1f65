import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { DEMO_PASSWORD, DEMO_PEOPLE, Email, Username } from "../types.ts";
import { COMMON_PASSWORDS } from "./common-passwords.ts";
import { nameKey } from "./names.ts";
import { isTooCommon } from "./passwords.ts";
import { isSessionOver, isSignInFresh, SESSION_IDLE_MS_MAX } from "./sessions.ts";
import {
  ACCOUNT_POLICY,
  delayAfterMs,
  FAILURES_KEPT_MS,
  NETWORK_POLICY,
  type ThrottlePolicy,
  waitMs,
  withFailure,
} from "./throttle.ts";
import { userAgentOf } from "./user-agent.ts";

describe("names", () => {
  const same: ReadonlyArray<readonly [string, string]> = [
    ["Ada", "aDA"],
    ["Ａｄａ", "ada"],
    ["Straße", "STRASSE"],
    ["STRAẞE", "strasse"],
    ["ΟΔΟΣ", "οδος"],
    ["ΟΔΟΣ", "οδοσ"],
    ["e\u0301va", "\u00c9VA"],
    ["ЖАННА", "жанна"],
    ["A@Example.Test", "a@example.test"],
  ];
  for (const [one, other] of same) {
    test(`${one} is ${other}`, () => assert.equal(nameKey(one), nameKey(other)));
  }

  test("a key is its own key", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (name) => {
        assert.equal(nameKey(nameKey(name)), nameKey(name));
      }),
    );
  });

  test("usernames are normalised before they are judged", () => {
    assert.equal(Username.parse("  ｏｌｉｖｉａ "), "olivia");
    assert.equal(Username.parse("e\u0301va"), "\u00e9va");
    for (const bad of [
      "",
      "a b",
      "½",
      "a@b",
      "-ada",
      "ada.",
      "a\u0000b",
      "x".repeat(33),
      "\ufdfa",
    ]) {
      assert.equal(Username.safeParse(bad).success, false, JSON.stringify(bad));
    }
  });

  test("addresses are addresses that mail can go to", () => {
    assert.equal(Email.parse(" Ada@Example.test "), "Ada@Example.test");
    const bad = [
      "ada",
      "@x.yz",
      "a@b",
      "a b@c.de",
      "a@b.de\r\nBcc: c@d.ef",
      "a\u0001@b.de",
      "a@@b.de",
    ];
    for (const address of [...bad, `${"x".repeat(65)}@b.de`, `a@${"\ufdfa".repeat(40)}.de`]) {
      assert.equal(Email.safeParse(address).success, false, JSON.stringify(address));
    }
  });
});

test("a client's name is fit for a table and for a mail", () => {
  const name = userAgentOf(`\u0000curl\r\nBcc: x@y.zz\ud800${"x".repeat(500)}`);
  assert.ok(name.length <= 200);
  assert.match(name, /^curl {2}Bcc: /);
  assert.ok(name.isWellFormed());
});

describe("throttling", () => {
  test("five failures are free, then the wait doubles up to a quarter of an hour", () => {
    const waits = [4, 5, 6, 7, 14, 15, 1_000].map((n) => delayAfterMs(n, ACCOUNT_POLICY));
    assert.deepEqual(waits, [0, 1_000, 2_000, 4_000, 512_000, 900_000, 900_000]);
  });

  test("nobody waits longer than the delay, however the clock jumps", () => {
    const state = fc.record({ failures: fc.nat(100), lastAtMs: fc.nat(1e12) });
    fc.assert(
      fc.property(state, fc.nat(1e12), (lane, nowMs) => {
        const wait = waitMs(lane, ACCOUNT_POLICY, nowMs);
        assert.ok(wait >= 0 && wait <= delayAfterMs(lane.failures, ACCOUNT_POLICY));
      }),
    );
  });

  test("an account's failures are forgotten after a day, a network's one by one", () => {
    const lane = { failures: 9, lastAtMs: 1_000 };
    const after = (policy: ThrottlePolicy, ms: number) =>
      withFailure(lane, policy, lane.lastAtMs + ms).failures;
    assert.equal(after(ACCOUNT_POLICY, FAILURES_KEPT_MS - 1), 10);
    assert.equal(after(ACCOUNT_POLICY, FAILURES_KEPT_MS), 1);
    assert.equal(after(NETWORK_POLICY, 59_999), 10);
    assert.equal(after(NETWORK_POLICY, 3 * 60_000), 7);
    assert.equal(after(NETWORK_POLICY, 60 * 60_000), 1);
    assert.equal(after(NETWORK_POLICY, -60 * 60_000), 10);
  });
});

describe("passwords", () => {
  test("the common ones are refused, whatever their case", () => {
    assert.ok(COMMON_PASSWORDS.size >= 2_990);
    for (const common of [
      "password",
      "PassWord1",
      "12345678",
      "qwertyuiop",
      "Iloveyou1",
      "1Q2W3E4R",
    ]) {
      assert.ok(isTooCommon(common, []), common);
    }
    for (const listed of COMMON_PASSWORDS) assert.ok(listed.length >= 8, listed);
  });

  test("so are repetitions and the account's own names", () => {
    for (const own of ["olivia.w", "OLIVIA.W", "olivia@example.test", "ada-love"]) {
      assert.ok(isTooCommon(own, ["olivia.w", "Olivia@example.test", "ada-love@x.test"]), own);
    }
    for (const weak of ["zzzzzzzzzz", "xyxyxyxyxy", "a1b2a1b2a1b"])
      assert.ok(isTooCommon(weak, []));
  });

  test("others are not, the demo's included", () => {
    for (const good of [DEMO_PASSWORD, "correct horse battery", "9f3kq0zu", "пингвинийский"]) {
      for (const { username } of DEMO_PEOPLE)
        assert.equal(isTooCommon(good, [username, null]), false);
    }
  });
});

describe("sessions", () => {
  test("end by age and by idleness", () => {
    const session = { lastSeenAtMs: 0, expiresAtMs: 2 * SESSION_IDLE_MS_MAX };
    assert.equal(isSessionOver(session, SESSION_IDLE_MS_MAX - 1), false);
    assert.equal(isSessionOver(session, SESSION_IDLE_MS_MAX), true);
    const used = { ...session, lastSeenAtMs: 2 * SESSION_IDLE_MS_MAX - 1 };
    assert.equal(isSessionOver(used, 2 * SESSION_IDLE_MS_MAX - 1), false);
    assert.equal(isSessionOver(used, 2 * SESSION_IDLE_MS_MAX), true);
  });

  test("a sign-in from a clock that was since set back is not fresh for ever", () => {
    assert.equal(isSignInFresh(0, 15 * 60_000), true);
    assert.equal(isSignInFresh(0, 15 * 60_000 + 1), false);
    assert.equal(isSignInFresh(60 * 60_000, 0), false);
  });
});
