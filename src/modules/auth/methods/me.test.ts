import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  createAuthHarness,
  must,
  newName,
  PASSWORD,
} from "../../../../test/support/auth-harness.ts";
import { collectingSink } from "../../../../test/support/module-harness.ts";
import { waitFor } from "../../../../test/support/wait-for.ts";
import type { Account, SecurityEvent, Session, SignedIn } from "../types.ts";

describe("the own account", () => {
  test("is changed in parts, and its name only to a free one", async () => {
    await using h = await createAuthHarness();
    const [ada, ben] = [h.client(), h.client()];
    const { account } = await ada.register({ displayName: "Ada" });
    const { account: other } = await ben.register();
    const described = await ada.call<Account>("auth.updateProfile", { description: "one\ntwo" });
    assert.deepEqual(described, { ...account, description: "one\ntwo" });
    const taken = { username: must(other.username).toUpperCase() };
    assert.equal((await ada.fail("auth.updateProfile", taken)).code, "USERNAME_TAKEN");
    const louder = must(account.username).toUpperCase();
    const renamed = await ada.call<Account>("auth.updateProfile", { username: louder });
    assert.equal(renamed.username, louder);
    for (const bad of [{ displayName: "a\u0000b" }, { displayName: "a\nb" }, { operator: true }]) {
      assert.equal((await ada.fail("auth.updateProfile", bad)).code, "INVALID_INPUT");
    }
  });

  test("is followed: changes, sessions and events come as they are committed", async () => {
    await using h = await createAuthHarness();
    const [desk, phone] = [h.client(), h.client()];
    const { account } = await desk.register();
    const sink = collectingSink();
    const stream = await desk.open("auth.subscribe", sink);
    assert.equal(stream.opened.recovered, false);
    const { state } = stream.opened as unknown as {
      state: { account: Account; sessions: Session[] };
    };
    assert.deepEqual(state.account, account);
    assert.equal(state.sessions.length, 1);
    const login = { username: account.username, secret: PASSWORD };
    phone.as(await phone.call<SignedIn>("auth.login", login));
    await phone.call("auth.updateProfile", { displayName: "Another" });
    await phone.call("auth.signOut");
    await waitFor(() => sink.events.length >= 4, { what: "four pushes" });
    assert.deepEqual(
      sink.events.map(({ type }) => type),
      ["auth.securityEvent", "auth.sessionsChanged", "auth.accountChanged", "auth.sessionsChanged"],
    );
    const counts = sink.events.map(
      ({ data }) => (data as { sessions?: unknown[] }).sessions?.length,
    );
    assert.deepEqual(counts, [undefined, 2, undefined, 1]);
    stream.close();
  });

  test("nobody follows it who is not signed in", async () => {
    await using h = await createAuthHarness();
    const refused = h.client().open("auth.subscribe", collectingSink());
    await assert.rejects(refused, { code: "UNAUTHENTICATED" });
  });

  test("what happened to it is listed by pages, for its owner", async () => {
    await using h = await createAuthHarness();
    const [client, stranger] = [h.client(), h.client()];
    const { account } = await client.register();
    await stranger.register();
    const login = { username: account.username, secret: PASSWORD };
    for (let times = 0; times < 4; times += 1) {
      client.as(await client.call<SignedIn>("auth.login", login));
    }
    interface Page {
      events: SecurityEvent[];
      more: boolean;
    }
    const first = await client.call<Page>("auth.listSecurityEvents", { limit: 3 });
    const before = must(first.events[2]).id;
    const second = await client.call<Page>("auth.listSecurityEvents", { limit: 3, before });
    assert.deepEqual([first.events.length, first.more], [3, true]);
    assert.deepEqual([second.events.length, second.more], [2, false]);
    const ids = [...first.events, ...second.events].map(({ id }) => id);
    assert.deepEqual(ids, [...new Set(ids)].sort().reverse());
    const theirs = await stranger.call<Page>("auth.listSecurityEvents", { before });
    assert.equal(
      theirs.events.some(({ id }) => ids.includes(id)),
      false,
    );
  });
});

describe("operators", () => {
  test("come of a token that works once, for a day, and at once", async () => {
    await using h = await createAuthHarness();
    const [one, two] = [h.client(), h.client()];
    await one.register();
    const { account } = await two.register();
    await one.call("auth.me");
    const stale = await h.auth.createOperatorToken(h.node.work);
    const token = await h.auth.createOperatorToken(h.node.work);
    const isOperator = async (bearer: unknown) => {
      const actor = await h.authenticator.authenticate({ bearer: String(bearer) });
      return actor.kind === "person" && actor.operator;
    };
    assert.equal(await isOperator(one.credentials.bearer), false);
    const promoted = await one.call<Account>("auth.becomeOperator", { token });
    assert.equal(promoted.operator, true);
    assert.equal(await isOperator(one.credentials.bearer), true, "without signing in again");
    assert.deepEqual(h.revoked, [], "and nobody is signed out");
    const used = await two.fail("auth.becomeOperator", { token });
    assert.equal(used.code, "OPERATOR_TOKEN_INVALID");
    h.clock.advance(24 * 60 * 60_000);
    const login = { username: account.username, secret: PASSWORD };
    two.as(await two.call<SignedIn>("auth.login", login));
    const late = await two.fail("auth.becomeOperator", { token: stale });
    assert.equal(late.code, "OPERATOR_TOKEN_INVALID");
    assert.equal(await isOperator(two.credentials.bearer), false);
    const refused = await h
      .client()
      .fail("auth.becomeOperator", { token: newName().padEnd(43, "x") });
    assert.equal(refused.code, "UNAUTHENTICATED");
  });
});
