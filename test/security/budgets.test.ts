import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CALL_BUDGET } from "../../src/core/limits.ts";
import type { Module } from "../../src/core/module.ts";
import type { Auth } from "../../src/modules/auth/index.ts";
import { accountMethods } from "../../src/modules/chat/accounts/methods.ts";
import type { People } from "../../src/modules/chat/accounts/parts.ts";
import { createAuthHarness, must, newEmail, newName, PASSWORD } from "../support/auth-harness.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

/** What needs no sign-in, as a stranger would call it again and again, and how often one may. */
const STRANGERS: Readonly<Record<string, readonly [input: () => object, burst: number]>> = {
  "auth.start": [() => ({ username: newName() }), 120],
  "auth.confirm": [() => ({ username: newName(), code: "000000" }), 120],
  "auth.register": [() => ({ username: newName(), password: PASSWORD }), 60],
  "auth.login": [() => ({ username: newName(), secret: "x" }), 120],
  "auth.refresh": [() => ({ refreshToken: "A".repeat(43) }), 300],
  "auth.session": [() => ({ token: "forged" }), 300],
  "auth.confirmEmail": [() => ({ token: "A".repeat(43) }), 120],
  "auth.requestPasswordReset": [() => ({ email: newEmail() }), 30],
  "auth.lookupMailToken": [() => ({ token: "A".repeat(43) }), 120],
  "auth.lookupPasswordReset": [() => ({ token: "A".repeat(43) }), 120],
  "auth.undoEmailChange": [() => ({ token: "A".repeat(43) }), 120],
  "auth.resetPassword": [() => ({ token: "A".repeat(43), newPassword: PASSWORD }), 120],
};

describe("what a network may do", () => {
  test("every method of auth that strangers may call has a budget of its own", async () => {
    await using h = await createAuthHarness();
    const open = [...h.node.registry.methods.values()].filter(({ access }) => access === "anyone");
    assert.deepEqual(open.map(({ name }) => name).sort(), Object.keys(STRANGERS).sort());
    for (const { name, budget } of open) {
      assert.equal(budget?.by, "network", name);
      assert.equal(budget?.burst, STRANGERS[name]?.[1], name);
      assert.ok((budget?.perSecond ?? Number.POSITIVE_INFINITY) <= 10, name);
    }
  });

  test("a network makes so many accounts, whoever it is signed in as, and no more", async () => {
    await using h = await createAuthHarness({ budget: CALL_BUDGET });
    const address = "203.0.113.77";
    const one = h.client({ address });
    for (let made = 0; made < 60; made += 1) await one.register();
    const signedIn = await one.fail("auth.register", { username: newName(), password: PASSWORD });
    assert.equal(signedIn.code, "TOO_MANY");
    assert.ok(must(signedIn.retryAfterMs) > 0);
    const stranger = h.client({ address });
    const input = { username: newName(), password: PASSWORD };
    assert.equal((await stranger.fail("auth.register", input)).code, "TOO_MANY");
    await h.client({ address: "203.0.113.78" }).register();
    assert.equal(await one.call("auth.me").then(() => "OK"), "OK", "the rest goes on");
    h.clock.advance(10 * SECOND_MS);
    await stranger.register();
    assert.equal((await stranger.fail("auth.register", input)).code, "TOO_MANY");
  });

  test("a document's own words for a method are no second budget", async () => {
    const people: People = {
      registered: async () => {},
      hasAccountKeys: async () => false,
      overview: () => assert.fail("nobody signs in here"),
    };
    const chat = (auth: Auth): Module => ({
      name: "chat",
      methods: accountMethods({ auth: auth.methods, people }),
      subscriptions: {},
      rest: [],
    });
    await using h = await createAuthHarness({
      budget: CALL_BUDGET,
      beside: (auth) => [chat(auth)],
    });
    const guess = (at: number, address: string) =>
      at % 2 === 0
        ? h.client({ address }).fail("auth.login", { username: newName(), secret: "x" })
        : h.client({ address }).fail("chat.login", { email: newName(), password: "x" });
    const address = "203.0.113.79";
    const token = "A".repeat(43);
    const look = (at: number) =>
      at % 2 === 0
        ? h.client({ address }).fail("auth.lookupPasswordReset", { token })
        : h.client({ address }).fail("chat.confirmPasswordReset", { token });
    for (let at = 0; at < 120; at += 1) assert.equal((await look(at)).code, "MAIL_TOKEN_INVALID");
    for (const at of [0, 1]) assert.equal((await look(at)).code, "TOO_MANY");
    for (const at of [0, 1]) {
      assert.equal((await guess(at, address)).code, "INVALID_CREDENTIALS", "others have their own");
    }
  });

  test("one IPv6 customer is one network", async () => {
    await using h = await createAuthHarness({ budget: CALL_BUDGET });
    const ask = (address: string) =>
      h.client({ address }).call("auth.requestPasswordReset", { email: newEmail() });
    for (let asked = 0; asked < 30; asked += 1) await ask(`2001:db8:7:7::${asked.toString(16)}`);
    await assert.rejects(ask("2001:db8:7:7:ffff::1"), { code: "TOO_MANY" });
    await ask("2001:db8:7:8::1");
  });
});

describe("credentials of nobody", () => {
  const LOOKS = 300;
  const cookieOf = (at: number) => String(at).padStart(43, "0");

  test("are looked up so often for a network; who is known there goes on", async () => {
    await using h = await createAuthHarness();
    const address = "198.51.100.5";
    const client = h.client({ address });
    await client.register();
    const cookie = must(client.cookie).value;
    client.credentials = { cookie };
    await client.call("auth.me");
    const stranger = h.client({ address });
    const tryCookie = (at: number) => {
      stranger.credentials = { cookie: cookieOf(at) };
      return stranger.fail("auth.me");
    };
    for (let at = 0; at < LOOKS; at += 1) {
      assert.equal((await tryCookie(at)).code, "UNAUTHENTICATED");
    }
    const refused = await tryCookie(LOOKS);
    assert.equal(refused.code, "TOO_MANY");
    assert.ok(must(refused.retryAfterMs) > 0);
    await client.call("auth.me");
    const elsewhere = h.client({ address: "198.51.100.6" });
    elsewhere.credentials = { cookie: cookieOf(LOOKS) };
    assert.equal((await elsewhere.fail("auth.me")).code, "UNAUTHENTICATED");
    h.clock.advance(SECOND_MS);
    assert.equal((await tryCookie(LOOKS)).code, "UNAUTHENTICATED");
  });

  test("that are none by their form or signature cost no look, and those of people no token", async () => {
    await using h = await createAuthHarness();
    const address = "198.51.100.7";
    const { token } = await h.client({ address }).register();
    const forged = `${token.slice(0, -2)}AA`;
    for (let at = 0; at < LOOKS + 20; at += 1) {
      await h.authenticator.authenticate({ cookie: "short" }, address);
      await h.authenticator.authenticate({ bearer: forged }, address);
    }
    const cookies: string[] = [];
    for (let at = 0; at < 3; at += 1) {
      const client = h.client({ address });
      await client.register();
      cookies.push(must(client.cookie).value);
    }
    for (let at = 0; at < LOOKS + 20; at += 1) {
      const cookie = must(cookies[at % cookies.length]);
      // Long enough for it to be looked up again.
      if (at % cookies.length === 0) h.clock.advance(5 * MINUTE_MS);
      assert.equal((await h.authenticator.authenticate({ cookie }, address)).kind, "person");
    }
  });
});
