import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  createAuthHarness,
  must,
  newEmail,
  PASSWORD,
} from "../../../../test/support/auth-harness.ts";
import type { SignedIn } from "../types.ts";

const NEXT = "another horse, another battery";
const MINUTE_MS = 60_000;

describe("changing the password", () => {
  test("ends every session, the caller's included; only the next password signs in", async () => {
    await using h = await createAuthHarness();
    const [phone, desk] = [h.client(), h.client()];
    const { account } = await phone.register();
    const login = (secret: string) => ({ username: account.username, secret });
    desk.as(await desk.call<SignedIn>("auth.login", login(PASSWORD)));
    await desk.call("auth.me");
    await phone.call("auth.changePassword", { currentPassword: PASSWORD, newPassword: NEXT });
    assert.equal((await phone.fail("auth.me")).code, "UNAUTHENTICATED");
    assert.equal((await desk.fail("auth.me")).code, "UNAUTHENTICATED");
    assert.deepEqual(h.revoked, [{ accountId: account.id }]);
    assert.equal((await phone.fail("auth.login", login(PASSWORD))).code, "INVALID_CREDENTIALS");
    await phone.call("auth.login", login(NEXT));
  });

  test("a browser goes on with the cookie of another session", async () => {
    await using h = await createAuthHarness();
    const client = h.client();
    const { token } = await client.register();
    const before = must(client.cookie).value;
    client.credentials = { cookie: before };
    await client.call("auth.changePassword", { newPassword: NEXT });
    const after = must(client.cookie).value;
    assert.notEqual(after, before);
    assert.equal((await client.fail("auth.me")).code, "UNAUTHENTICATED");
    client.credentials = { bearer: token };
    assert.equal((await client.fail("auth.me")).code, "UNAUTHENTICATED");
    client.credentials = { cookie: after };
    const { sessions } = await client.call<{ sessions: unknown[] }>("auth.listSessions");
    assert.equal(sessions.length, 1);
  });

  test("needs the current password, or a sign-in within the last quarter of an hour", async () => {
    await using h = await createAuthHarness();
    const client = h.client();
    const { account } = await client.register();
    const wrong = { currentPassword: "wrong", newPassword: NEXT };
    assert.equal((await client.fail("auth.changePassword", wrong)).code, "PASSWORD_WRONG");
    const common = { currentPassword: PASSWORD, newPassword: "Password1" };
    assert.equal((await client.fail("auth.changePassword", common)).code, "PASSWORD_TOO_COMMON");
    h.clock.advance(15 * MINUTE_MS + 1);
    const bare = { newPassword: NEXT };
    assert.equal((await client.fail("auth.changePassword", bare)).code, "REAUTHENTICATION_NEEDED");
    const login = { username: account.username, secret: PASSWORD };
    client.as(await client.call<SignedIn>("auth.login", login));
    await client.call("auth.changePassword", bare);
  });

  test("guessing the current one with a session found open is slowed down", async () => {
    await using h = await createAuthHarness();
    const client = h.client();
    await client.register();
    const guess = () =>
      client.fail("auth.changePassword", { currentPassword: "wrong", newPassword: NEXT });
    for (let failed = 0; failed < 5; failed += 1)
      assert.equal((await guess()).code, "PASSWORD_WRONG");
    assert.equal((await guess()).code, "TOO_MANY_ATTEMPTS");
  });

  test("gives an account of the app a password; from then on both are asked for", async () => {
    await using h = await createAuthHarness();
    const client = h.client();
    const { account } = await client.enrol();
    await client.call("auth.changePassword", { newPassword: NEXT });
    const login = { username: account.username, secret: NEXT };
    assert.equal((await client.fail("auth.login", login)).code, "OTP_REQUIRED");
  });

  test("a repeat gets the answer of the first call, though its password is no longer right", async () => {
    await using h = await createAuthHarness();
    const client = h.client();
    const { account } = await client.register();
    const change = { currentPassword: PASSWORD, newPassword: NEXT };
    const before = h.hasher.calls.hash;
    assert.deepEqual(await client.call("auth.changePassword", change, "key"), {});
    client.as(
      await client.call<SignedIn>("auth.login", { username: account.username, secret: NEXT }),
    );
    assert.deepEqual(await client.call("auth.changePassword", change, "key"), {});
    assert.equal(h.hasher.calls.hash - before, 1);
    await client.call("auth.me");
    const mismatch = client.call(
      "auth.changePassword",
      { ...change, newPassword: PASSWORD },
      "key",
    );
    await assert.rejects(mismatch, { code: "REPEAT_MISMATCH" });
  });

  test("the owner of a confirmed address is told", async () => {
    await using h = await createAuthHarness();
    const client = h.client();
    await client.register({ email: newEmail() });
    const token = /confirm-email\/([\w-]{43})/.exec(must(h.mails[0]).text)?.[1];
    await client.call("auth.confirmEmail", { token });
    await client.call("auth.changePassword", { newPassword: NEXT });
    assert.match(must(h.mails.at(-1)).text, /password was changed/);
  });
});
