import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type AuthHarness,
  codeOf,
  createAuthHarness,
  must,
  newEmail,
  newName,
  PASSWORD,
} from "../../../../test/support/auth-harness.ts";
import type { SignedIn } from "../types.ts";

const STEP_MS = 30_000;
const WRONG = "not the password";

async function withTotp(h: AuthHarness) {
  const client = h.client();
  const { account } = await client.register();
  const { secret } = await client.call<{ secret: string }>("auth.enrolTotp");
  const code = codeOf(secret, h.clock.nowMs());
  const answer = await client.call<{ recoveryCodes: string[] }>("auth.confirmTotp", { code });
  h.clock.advance(STEP_MS);
  return { client, account, secret, username: must(account.username), ...answer };
}

describe("registering with a password", () => {
  test("makes an account under the name as typed, known in every spelling", async () => {
    await using h = await createAuthHarness();
    const username = `Ärna${newName()}`;
    const email = newEmail();
    const { account } = await h.client().register({ username, email, displayName: " Ä " });
    assert.equal(account.username, username);
    assert.equal(account.email, email);
    assert.equal(account.displayName, "Ä");
    assert.equal(account.emailConfirmed, false);
    for (const login of [username.toUpperCase(), username.normalize("NFD"), email.toUpperCase()]) {
      await h.client().call("auth.login", { username: login, secret: PASSWORD });
    }
    const spellings = [
      [{ username: username.toUpperCase() }, "USERNAME_TAKEN"],
      [{ username: username.normalize("NFD") }, "USERNAME_TAKEN"],
      [{ email: email.toUpperCase() }, "EMAIL_TAKEN"],
    ] as const;
    for (const [names, code] of spellings) {
      const body = { password: PASSWORD, ...names };
      assert.equal((await h.client().fail("auth.register", body)).code, code);
    }
  });

  test("needs a name or an address, and a password that nobody would guess", async () => {
    await using h = await createAuthHarness();
    const fails = async (body: object) => (await h.client().fail("auth.register", body)).code;
    assert.equal(await fails({ password: PASSWORD }), "INVALID_INPUT");
    assert.equal(await fails({ username: "a@b.de", password: PASSWORD }), "INVALID_INPUT");
    assert.equal(await fails({ username: newName(), password: "2short!" }), "INVALID_INPUT");
    assert.equal(
      await fails({ username: newName(), password: "Password1" }),
      "PASSWORD_TOO_COMMON",
    );
    const username = newName();
    assert.equal(
      await fails({ username, password: username.toUpperCase() }),
      "PASSWORD_TOO_COMMON",
    );
  });

  test("by address alone works; the mail that goes there holds the only secret", async () => {
    await using h = await createAuthHarness();
    const email = newEmail();
    const { account } = await h.client().register({ username: undefined, email });
    assert.equal(account.username, null);
    assert.equal(account.displayName, email);
    const [mail, ...others] = h.mails;
    assert.equal(others.length, 0);
    assert.equal(mail?.to, email);
    assert.match(must(mail).text, /https:\/\/stoa\.test\/app\/#\/confirm-email\/[\w-]{43}\n/);
  });

  test("asking for taken names again and again is slowed down", async () => {
    await using h = await createAuthHarness();
    const { account } = await h.client().register();
    const prober = h.client();
    const body = { username: account.username, password: PASSWORD };
    for (let asked = 0; asked < 100; asked += 1) {
      assert.equal((await prober.fail("auth.register", body)).code, "USERNAME_TAKEN");
    }
    assert.equal((await prober.fail("auth.register", body)).code, "TOO_MANY_ATTEMPTS");
  });
});

describe("signing in with a password", () => {
  test("does the same work for nobody, for a wrong password and for an account without one", async () => {
    await using h = await createAuthHarness();
    const { account } = await h.client().register();
    const appOnly = await h.client().enrol();
    const names = [must(account.username), newName(), must(appOnly.account.username), newEmail()];
    const answers = [];
    for (const username of names) {
      const before = { ...h.hasher.calls };
      const error = await h.client().fail("auth.login", { username, secret: WRONG });
      assert.equal(error.code, "INVALID_CREDENTIALS");
      const { hash, verify, derive } = h.hasher.calls;
      answers.push([hash - before.hash, verify - before.verify, derive - before.derive]);
    }
    assert.deepEqual(answers, [
      [0, 1, 0],
      [0, 1, 0],
      [0, 1, 0],
      [0, 1, 0],
    ]);
  });

  test("an enrolled app is asked for, and a code opens once", async () => {
    await using h = await createAuthHarness();
    const { username, secret, recoveryCodes } = await withTotp(h);
    const login = (more: object) => ({ username, secret: PASSWORD, ...more });
    assert.equal((await h.client().fail("auth.login", login({}))).code, "OTP_REQUIRED");
    const wrong = { secret: WRONG, otp: codeOf(secret, h.clock.nowMs()) };
    assert.equal((await h.client().fail("auth.login", login(wrong))).code, "INVALID_CREDENTIALS");
    const otp = codeOf(secret, h.clock.nowMs());
    await h.client().call("auth.login", login({ otp }));
    assert.equal((await h.client().fail("auth.login", login({ otp }))).code, "INVALID_CODE");
    const recovery = { otp: must(recoveryCodes[0]) };
    await h.client().call("auth.login", login(recovery));
    assert.equal((await h.client().fail("auth.login", login(recovery))).code, "INVALID_CODE");
  });

  test("hashes anew when the parameters have risen", async () => {
    await using h = await createAuthHarness();
    const { account } = await h.client().register();
    const login = { username: account.username, secret: PASSWORD };
    h.hasher.generation = 2;
    const before = h.hasher.calls.hash;
    await h.client().call("auth.login", login);
    assert.equal(h.hasher.calls.hash - before, 1);
    await h.client().call("auth.login", login);
    assert.equal(h.hasher.calls.hash - before, 1, "the better hash was kept");
  });

  test("every sign-in gets tokens of its own", async () => {
    await using h = await createAuthHarness();
    const client = h.client();
    const first = await client.register();
    const cookie = client.cookie?.value;
    const login = { username: first.account.username, secret: PASSWORD };
    const second = await client.call<SignedIn>("auth.login", login);
    assert.notEqual(second.token, first.token);
    assert.notEqual(second.refreshToken, first.refreshToken);
    assert.notEqual(client.cookie?.value, cookie);
  });

  test("from a strange place the owner is told, at a confirmed address only", async () => {
    await using h = await createAuthHarness();
    const home = h.client({ userAgent: "home" });
    const email = newEmail();
    const { account } = await home.register({ email });
    const login = { username: account.username, secret: PASSWORD };
    await h.client({ userAgent: "elsewhere" }).call("auth.login", login);
    assert.equal(h.mails.length, 1, "only the confirmation, as long as it has not come back");
    const token = /confirm-email\/([\w-]{43})/.exec(must(h.mails[0]).text)?.[1];
    await h.client().call("auth.confirmEmail", { token });
    await home.call("auth.login", login);
    assert.equal(h.mails.length, 1, "home is not strange");
    const away = h.client({ userAgent: "Spy/1.0\r\nBcc: x@y.zz" });
    await away.call("auth.login", login);
    const mail = must(h.mails[1]);
    assert.equal(mail.to, email);
    assert.match(mail.text, new RegExp(`Address: ${away.address}\nProgram: Spy/1.0 {2}Bcc`));
    await away.call("auth.login", login);
    assert.equal(h.mails.length, 2, "it is known by now");
  });
});

describe("guessing", () => {
  const guess = (h: AuthHarness, username: string, secret = WRONG, client = h.client()) =>
    client.fail("auth.login", { username, secret });

  test("slows down per account from wherever it comes, the right password included", async () => {
    await using h = await createAuthHarness();
    const { account } = await h.client().register();
    const username = must(account.username);
    for (let failed = 0; failed < 5; failed += 1) {
      assert.equal((await guess(h, username)).code, "INVALID_CREDENTIALS");
    }
    const waits = [];
    for (let failed = 5; failed < 17; failed += 1) {
      const refused = await guess(h, username, PASSWORD);
      assert.equal(refused.code, "TOO_MANY_ATTEMPTS");
      const waitMs = must(refused.retryAfterMs);
      h.clock.advance(waitMs - 1);
      assert.equal((await guess(h, username, PASSWORD)).retryAfterMs, 1);
      h.clock.advance(1);
      assert.equal((await guess(h, username)).code, "INVALID_CREDENTIALS");
      waits.push(waitMs / 1_000);
    }
    assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
  });

  test("does not lock the owner out where the account is at home", async () => {
    await using h = await createAuthHarness();
    const home = h.client();
    const { account } = await home.register();
    const username = must(account.username);
    for (let failed = 0; failed < 5; failed += 1) await guess(h, username);
    assert.equal((await guess(h, username)).code, "TOO_MANY_ATTEMPTS");
    await home.call("auth.login", { username, secret: PASSWORD });
    assert.equal((await guess(h, username)).code, "TOO_MANY_ATTEMPTS", "and the guesser waits on");
    for (let failed = 0; failed < 5; failed += 1) await guess(h, username, WRONG, home);
    const refused = await guess(h, username, PASSWORD, home);
    assert.equal(refused.code, "TOO_MANY_ATTEMPTS", "home has a lane, not a licence");
  });

  test("slows down for a name that nobody has just the same", async () => {
    await using h = await createAuthHarness();
    const username = newName();
    const answers = [];
    for (let failed = 0; failed < 6; failed += 1) answers.push(await guess(h, username));
    const wrong = { code: "INVALID_CREDENTIALS", retryAfterMs: undefined };
    const wait = { code: "TOO_MANY_ATTEMPTS", retryAfterMs: 1_000 };
    assert.deepEqual(answers, [wrong, wrong, wrong, wrong, wrong, wait]);
  });

  test("slows down per network, whatever the names", async () => {
    await using h = await createAuthHarness();
    const stuffer = h.client({ address: `2001:db8:${newName().slice(-4)}::1` });
    for (let failed = 0; failed < 50; failed += 1) await guess(h, newName(), WRONG, stuffer);
    const neighbour = h.client({ address: stuffer.address.replace("::1", "::2") });
    assert.equal((await guess(h, newName(), WRONG, neighbour)).code, "TOO_MANY_ATTEMPTS");
    assert.equal((await guess(h, newName())).code, "INVALID_CREDENTIALS");
  });

  test("success clears the account; a password without its code does not", async () => {
    await using h = await createAuthHarness();
    const { username, secret } = await withTotp(h);
    const stranger = h.client();
    const tryCode = () =>
      stranger.fail("auth.login", { username, secret: PASSWORD, otp: "000000" });
    for (let failed = 0; failed < 4; failed += 1) {
      assert.equal((await tryCode()).code, "INVALID_CODE");
      const half = await stranger.fail("auth.login", { username, secret: PASSWORD });
      assert.equal(half.code, "OTP_REQUIRED");
    }
    assert.equal((await tryCode()).code, "INVALID_CODE", "the fifth");
    assert.equal((await tryCode()).code, "TOO_MANY_ATTEMPTS", "half a success cleared nothing");
    h.clock.advance(60_000);
    const otp = codeOf(secret, h.clock.nowMs());
    await stranger.call("auth.login", { username, secret: PASSWORD, otp });
    for (let failed = 0; failed < 5; failed += 1) {
      assert.equal((await tryCode()).code, "INVALID_CODE");
    }
  });

  test("the owner hears of it, once", async () => {
    await using h = await createAuthHarness();
    const owner = h.client();
    const { account } = await owner.register({ email: newEmail() });
    const token = /confirm-email\/([\w-]{43})/.exec(must(h.mails[0]).text)?.[1];
    await owner.call("auth.confirmEmail", { token });
    const username = must(account.username);
    for (let failed = 0; failed < 12; failed += 1) {
      await guess(h, username);
      h.clock.advance(15 * 60_000);
    }
    owner.as(await owner.call<SignedIn>("auth.login", { username, secret: PASSWORD }));
    const { events } = await owner.call<{ events: Array<{ kind: string }> }>(
      "auth.listSecurityEvents",
    );
    const often = events.filter(({ kind }) => kind === "sign_in_failed_often");
    assert.equal(often.length, 1);
    const told = h.mails.filter(({ text }) => text.includes("tried several times"));
    assert.equal(told.length, 1);
  });

  test("a stranger who fails gets none of their own words into the owner's mail", async () => {
    await using h = await createAuthHarness();
    const owner = h.client();
    const { account } = await owner.register({ email: newEmail() });
    const token = /confirm-email\/([\w-]{43})/.exec(must(h.mails[0]).text)?.[1];
    await owner.call("auth.confirmEmail", { token });
    const stranger = h.client({ userAgent: "Locked out! Sign in at https://phish.example" });
    for (let failed = 0; failed < 12; failed += 1) {
      await stranger.fail("auth.login", { username: account.username, secret: "not the one" });
      h.clock.advance(15 * 60_000);
    }
    const told = h.mails.filter(({ text }) => text.includes("tried several times"));
    assert.equal(told.length, 1);
    assert.ok(!must(told[0]).text.includes("phish"));
  });
});
