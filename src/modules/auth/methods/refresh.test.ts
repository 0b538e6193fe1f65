import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type AuthHarness,
  createAuthHarness,
  must,
  newEmail,
} from "../../../../test/support/auth-harness.ts";
import type { SecurityEvent, SignedIn } from "../types.ts";

const DAY_MS = 24 * 60 * 60_000;

const refresh = (h: AuthHarness, refreshToken: string) =>
  h.client().call<SignedIn>("auth.refresh", { refreshToken });
const refused = async (h: AuthHarness, refreshToken: string) =>
  (await h.client().fail("auth.refresh", { refreshToken })).code;
const codeOfMe = async (h: AuthHarness, token: string) => {
  const client = h.client();
  client.credentials = { bearer: token };
  return client.call("auth.me").then(
    () => "OK",
    ({ code }: { code: string }) => code,
  );
};

describe("refreshing", () => {
  test("rotates the token; the family ends two weeks after the sign-in", async () => {
    await using h = await createAuthHarness();
    const first = await h.client().register();
    let last = first;
    for (let day = 0; day < 6; day += 1) {
      h.clock.advance(2 * DAY_MS);
      const next = await refresh(h, last.refreshToken);
      assert.notEqual(next.refreshToken, last.refreshToken);
      assert.equal(next.refreshExpiresAtMs, first.refreshExpiresAtMs);
      assert.equal(await codeOfMe(h, next.token), "OK");
      last = next;
    }
    h.clock.advance(2 * DAY_MS - 1);
    last = await refresh(h, last.refreshToken);
    h.clock.advance(1);
    assert.equal(await refused(h, last.refreshToken), "REFRESH_TOKEN_INVALID");
    assert.equal(await codeOfMe(h, last.token), "UNAUTHENTICATED", "the session has ended too");
  });

  test("a session that nobody used for three days is over", async () => {
    await using h = await createAuthHarness();
    const { refreshToken } = await h.client().register();
    h.clock.advance(3 * DAY_MS);
    assert.equal(await refused(h, refreshToken), "REFRESH_TOKEN_INVALID");
  });

  test("a repeat within 20 s gets the same successor, and so on along the chain", async () => {
    await using h = await createAuthHarness();
    const { refreshToken } = await h.client().register();
    const first = await refresh(h, refreshToken);
    h.clock.advance(20_000);
    const again = await refresh(h, refreshToken);
    assert.equal(again.refreshToken, first.refreshToken);
    assert.equal(await codeOfMe(h, again.token), "OK");
    const next = await refresh(h, again.refreshToken);
    assert.notEqual(next.refreshToken, first.refreshToken);
  });

  test("a later reuse ends the session at once and tells the owner", async () => {
    await using h = await createAuthHarness();
    const owner = h.client();
    const email = newEmail();
    const { refreshToken, account } = await owner.register({ email });
    const link = /confirm-email\/([\w-]{43})/.exec(must(h.mails[0]).text)?.[1];
    await owner.call("auth.confirmEmail", { token: link });
    const next = await refresh(h, refreshToken);
    assert.equal(await codeOfMe(h, next.token), "OK");
    h.clock.advance(20_001);
    assert.equal(await refused(h, refreshToken), "REFRESH_TOKEN_REUSED");
    assert.equal(await codeOfMe(h, next.token), "UNAUTHENTICATED");
    assert.equal(await refused(h, next.refreshToken), "REFRESH_TOKEN_INVALID");
    assert.equal(await refused(h, refreshToken), "REFRESH_TOKEN_INVALID", "told once");
    assert.deepEqual(
      h.revoked.map(({ accountId }) => accountId),
      [account.id],
    );
    assert.match(must(h.mails[1]).text, /used twice/);
    assert.equal(must(h.mails[1]).to, email);
    const username = account.username;
    owner.as(await owner.call("auth.login", { username, secret: "correct horse battery" }));
    const { events } = await owner.call<{ events: SecurityEvent[] }>("auth.listSecurityEvents");
    assert.ok(events.some(({ kind }) => kind === "refresh_token_reused"));
  });

  test("only what is a refresh token is taken for one", async () => {
    await using h = await createAuthHarness();
    const client = h.client();
    const { token } = await client.register();
    assert.equal(await refused(h, "A".repeat(43)), "REFRESH_TOKEN_INVALID");
    assert.equal(await refused(h, must(client.cookie).value), "REFRESH_TOKEN_INVALID");
    assert.equal(await refused(h, token), "INVALID_INPUT");
  });
});
