import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  codeOf,
  createAuthHarness,
  must,
  PASSWORD,
} from "../../../../test/support/auth-harness.ts";
import type { Account, SignedIn } from "../types.ts";

const MINUTE_MS = 60_000;
const STEP_MS = 30_000;

describe("an authenticator app for an account with a password", () => {
  test("is enrolled by its first code, which is thereby used up", async () => {
    await using h = await createAuthHarness();
    const client = h.client();
    const { account } = await client.register();
    const none = await client.fail("auth.confirmTotp", { code: "123456" });
    assert.equal(none.code, "ENROLMENT_NOT_STARTED");
    const first = await client.call<{ secret: string }>("auth.enrolTotp");
    const { secret } = await client.call<{ secret: string; qr_code: string }>("auth.enrolTotp");
    assert.notEqual(secret, first.secret);
    const replaced = codeOf(first.secret, h.clock.nowMs());
    assert.equal((await client.fail("auth.confirmTotp", { code: replaced })).code, "INVALID_CODE");
    const code = codeOf(secret, h.clock.nowMs());
    const answer = await client.call<{ recoveryCodes: string[] }>("auth.confirmTotp", { code });
    assert.equal(answer.recoveryCodes.length, 10);
    const me = await client.call<{ account: Account }>("auth.me");
    assert.deepEqual([me.account.hasTotp, me.account.recoveryCodesLeft], [true, 10]);
    const login = { username: account.username, secret: PASSWORD, otp: code };
    assert.equal((await h.client().fail("auth.login", login)).code, "INVALID_CODE");
    assert.equal((await client.fail("auth.enrolTotp")).code, "TOTP_ALREADY_ENROLLED");
  });

  test("an enrolment waits ten minutes, and needs a fresh sign-in", async () => {
    await using h = await createAuthHarness();
    const client = h.client();
    await client.register();
    const { secret } = await client.call<{ secret: string }>("auth.enrolTotp");
    h.clock.advance(10 * MINUTE_MS);
    const late = await client.fail("auth.confirmTotp", { code: codeOf(secret, h.clock.nowMs()) });
    assert.equal(late.code, "ENROLMENT_NOT_STARTED");
    h.clock.advance(5 * MINUTE_MS + 1);
    assert.equal((await client.fail("auth.enrolTotp")).code, "REAUTHENTICATION_NEEDED");
  });

  test("the recovery codes are shown again to a repeat of the call, and to nobody else", async () => {
    await using h = await createAuthHarness();
    const client = h.client();
    await client.register();
    const { secret } = await client.call<{ secret: string }>("auth.enrolTotp");
    const input = { code: codeOf(secret, h.clock.nowMs()) };
    const answer = await client.call("auth.confirmTotp", input, "key");
    assert.deepEqual(await client.call("auth.confirmTotp", input, "key"), answer);
    assert.equal((await client.fail("auth.confirmTotp", input)).code, "ENROLMENT_NOT_STARTED");
  });

  test("is removed by password and code together", async () => {
    await using h = await createAuthHarness();
    const client = h.client();
    const { account } = await client.register();
    const removal = (otp: string, currentPassword = PASSWORD) => ({ otp, currentPassword });
    const none = await client.fail("auth.removeTotp", removal("123456"));
    assert.equal(none.code, "TOTP_NOT_ENROLLED");
    const { secret } = await client.call<{ secret: string }>("auth.enrolTotp");
    await client.call("auth.confirmTotp", { code: codeOf(secret, h.clock.nowMs()) });
    h.clock.advance(STEP_MS);
    const code = codeOf(secret, h.clock.nowMs());
    assert.equal((await client.fail("auth.removeTotp", removal(code, "x"))).code, "PASSWORD_WRONG");
    assert.equal((await client.fail("auth.removeTotp", removal("000000"))).code, "INVALID_CODE");
    await client.call("auth.removeTotp", removal(code));
    const login = { username: account.username, secret: PASSWORD };
    const signedIn = await h.client().call<SignedIn>("auth.login", login);
    assert.deepEqual([signedIn.account.hasTotp, signedIn.account.recoveryCodesLeft], [false, 0]);
  });

  test("stays when it is the only way in", async () => {
    await using h = await createAuthHarness();
    const client = h.client();
    await client.enrol();
    const input = { currentPassword: "none", otp: "123456" };
    assert.equal((await client.fail("auth.removeTotp", input)).code, "ONLY_WAY_IN");
  });

  test("other recovery codes void the earlier ones", async () => {
    await using h = await createAuthHarness();
    const client = h.client();
    const { account, secret, recoveryCodes } = await client.enrol();
    h.clock.advance(STEP_MS);
    const otp = codeOf(secret, h.clock.nowMs());
    const fresh = await client.call<{ recoveryCodes: string[] }>("auth.newRecoveryCodes", { otp });
    assert.equal((await client.fail("auth.newRecoveryCodes", { otp })).code, "INVALID_CODE");
    const username = account.username;
    const stale = { username, code: must(recoveryCodes[0]) };
    assert.equal((await h.client().fail("auth.confirm", stale)).code, "INVALID_CODE");
    await h.client().call("auth.confirm", { username, code: must(fresh.recoveryCodes[0]) });
  });

  test("guessing codes with a session found open is slowed down", async () => {
    await using h = await createAuthHarness();
    const client = h.client();
    await client.enrol();
    const guess = () => client.fail("auth.newRecoveryCodes", { otp: "000000" });
    for (let failed = 0; failed < 5; failed += 1)
      assert.equal((await guess()).code, "INVALID_CODE");
    assert.equal((await guess()).code, "TOO_MANY_ATTEMPTS");
  });
});
