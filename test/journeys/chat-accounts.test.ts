import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { codeOf, newEmail } from "../support/auth-harness.ts";
import { type MailedApp, startMailedApp } from "../support/mailed-app.ts";
import { textOf } from "../support/smtp-peer.ts";
import { waitFor } from "../support/wait-for.ts";

/** The account requests of document 002, over HTTP, with the mails that a real server received. */

const PASSWORD = "VerySecurePassword1!";
const NEXT_PASSWORD = "VerySecurePassword2!";
const MINUTE_MS = 60_000;
const UNKNOWN = "D".repeat(43);

interface SignIn {
  readonly user: { readonly id: string; readonly email: string };
  readonly auth_token: string;
  readonly refresh_token: string;
}

describe("accounts by document 002", () => {
  let house: MailedApp;
  before(async () => {
    house = await startMailedApp();
  });
  after(() => house[Symbol.asyncDispose]());

  const ask: MailedApp["ask"] = (...request) => house.ask(...request);
  const register = async (email = newEmail()) => {
    const { status, body } = await ask("POST", "/chat/auth/register", {
      email,
      password: PASSWORD,
    });
    assert.equal(status, 200);
    return { ...(body as unknown as SignIn), email };
  };
  const login = (email: string, password: string, more: object = {}) =>
    ask("POST", "/chat/auth/login", { email, password, ...more });
  const refused = async (outcome: ReturnType<MailedApp["ask"]>, status: number, code: string) => {
    const { status: answered, body } = await outcome;
    assert.deepEqual([answered, body["code"]], [status, code]);
  };

  test("a sign-in is answered field by field, however one comes in", async () => {
    const email = newEmail();
    const credentials = { email, password: PASSWORD };
    const registered = await ask("POST", "/chat/auth/register", credentials);
    assert.equal(registered.status, 200);
    const { auth_token, refresh_token, ...rest } = registered.body as Record<string, string>;
    const { id } = (registered.body as unknown as SignIn).user;
    const expected = {
      user: {
        id,
        email,
        display_name: email,
        hidden: false,
        theme: "day",
        magnification: 1,
        recents: [],
      },
      conversations: [],
      // Oneself as the others of a conversation see one.
      users: [{ id, email, display_name: email }],
    };
    assert.deepEqual(rest, expected);
    assert.match(refresh_token ?? "", /^[\w-]{43}$/);
    const [, claims = ""] = (auth_token ?? "").split(".");
    const { exp, iat } = JSON.parse(Buffer.from(claims, "base64url").toString());
    assert.equal((exp - iat) * 1_000, 30 * MINUTE_MS);

    const came = [
      await login(email, PASSWORD),
      await ask("POST", "/chat/auth/refresh", { token: refresh_token }),
    ];
    for (const { status, body } of came) {
      assert.equal(status, 200);
      const { auth_token: token, refresh_token: next, ...same } = body as Record<string, string>;
      assert.deepEqual(same, expected);
      assert.equal((await ask("GET", "/auth/me", undefined, token)).status, 200);
      assert.notEqual(next, refresh_token);
    }
    const named = { email: newEmail(), password: PASSWORD, display_name: "My Cool Name" };
    const { body } = await ask("POST", "/chat/auth/register", named);
    assert.equal((body["user"] as { display_name: string }).display_name, "My Cool Name");
  });

  test("what does not fit is refused, and changes nothing", async () => {
    const { email } = await register();
    const again = { email: email.toUpperCase(), password: PASSWORD };
    await refused(ask("POST", "/chat/auth/register", again), 409, "EMAIL_TAKEN");
    const withoutEmail = { password: PASSWORD, display_name: "X" };
    await refused(ask("POST", "/chat/auth/register", withoutEmail), 400, "INVALID_INPUT");
    const short = { email: newEmail(), password: "short" };
    await refused(ask("POST", "/chat/auth/register", short), 400, "INVALID_INPUT");
    await refused(login(email, NEXT_PASSWORD), 401, "INVALID_CREDENTIALS");
    const unknown = { token: UNKNOWN };
    await refused(ask("POST", "/chat/auth/refresh", unknown), 401, "REFRESH_TOKEN_INVALID");
    await refused(ask("POST", "/chat/auth/confirm", unknown), 404, "MAIL_TOKEN_INVALID");
    await refused(ask("POST", "/chat/auth/password/confirm", unknown), 404, "MAIL_TOKEN_INVALID");
    for (const [verb, path] of [
      ["POST", "/chat/api/signout_all"],
      ["POST", "/chat/api/token/email_confirm"],
      ["POST", "/chat/api/token/email_change"],
      ["PATCH", "/chat/api/password"],
      ["PATCH", "/chat/api/email"],
    ] as const) {
      await refused(ask(verb, path), 401, "UNAUTHENTICATED");
    }
  });

  test("an enrolled app is asked for its code, at the sign-in of this service too", async () => {
    const { email, auth_token } = await register();
    const enrolment = await ask("POST", "/auth/me/totp", {}, auth_token);
    const secret = String(enrolment.body["secret"]);
    const code = codeOf(secret, Date.now());
    assert.equal((await ask("PUT", "/auth/me/totp", { code }, auth_token)).status, 200);
    await refused(login(email, PASSWORD), 401, "OTP_REQUIRED");
    const otp = codeOf(secret, Date.now() + MINUTE_MS / 2);
    assert.equal((await login(email, PASSWORD, { otp })).status, 200);
  });

  test("an address is confirmed by the mail that registering sends, or a later one", async () => {
    const { email, auth_token } = await register();
    const first = await house.token(email, "confirm-email");
    const requested = await ask("POST", "/chat/api/token/email_confirm", undefined, auth_token);
    assert.deepEqual([requested.status, requested.text], [204, ""]);
    const isLater = async () => (await house.token(email, "confirm-email")) !== first;
    await waitFor(isLater, { what: "the second mail" });
    const token = await house.token(email, "confirm-email");
    await refused(ask("POST", "/chat/auth/confirm", { token: first }), 404, "MAIL_TOKEN_INVALID");
    assert.equal((await ask("POST", "/chat/auth/confirm", { token })).status, 204);
    await refused(ask("POST", "/chat/auth/confirm", { token }), 404, "MAIL_TOKEN_INVALID");
    const me = await ask("GET", "/auth/me", undefined, auth_token);
    assert.equal((me.body["account"] as { emailConfirmed: boolean }).emailConfirmed, true);
    const mailed = house.smtp.received.length;
    const once = await ask("POST", "/chat/api/token/email_confirm", undefined, auth_token);
    assert.equal(once.status, 204);
    assert.equal(house.smtp.received.length, mailed, "there is nothing to confirm");
  });

  test("an address is changed by its token, and the former one takes the change back", async () => {
    const { email, auth_token, user } = await register();
    const confirmation = await house.token(email, "confirm-email");
    const requested = await ask("POST", "/chat/api/token/email_change", undefined, auth_token);
    assert.deepEqual([requested.status, requested.text], [204, ""]);
    const token = await house.token(email, "change-email");
    const next = newEmail();
    const change = { token, email: next, password: PASSWORD };
    const patch = (body: object) => ask("PATCH", "/chat/api/email", body, auth_token);
    await refused(patch({ token, email: next }), 400, "INVALID_INPUT");
    await refused(patch({ ...change, password: NEXT_PASSWORD }), 403, "PASSWORD_WRONG");
    await refused(patch({ ...change, token: confirmation }), 404, "MAIL_TOKEN_INVALID");
    await refused(ask("POST", "/chat/auth/confirm", { token }), 404, "MAIL_TOKEN_INVALID");
    const { email: taken } = await register();
    await refused(patch({ ...change, email: taken }), 409, "EMAIL_TAKEN");
    const changed = await patch(change);
    assert.deepEqual([changed.status, changed.text], [204, ""]);
    await refused(patch(change), 404, "MAIL_TOKEN_INVALID");
    assert.equal((await login(next, PASSWORD)).status, 200);
    await refused(
      ask("POST", "/chat/auth/confirm", { token: confirmation }),
      404,
      "MAIL_TOKEN_INVALID",
    );
    const proof = await house.token(next, "confirm-email");
    assert.equal((await ask("POST", "/chat/auth/confirm", { token: proof })).status, 204);

    const undo = await house.token(email, "undo-email-change");
    assert.equal((await ask("POST", "/auth/email/undo", { token: undo })).status, 204);
    await refused(
      ask("POST", "/chat/api/signout_all", undefined, auth_token),
      401,
      "UNAUTHENTICATED",
    );
    await refused(login(next, PASSWORD), 401, "INVALID_CREDENTIALS");
    const reset = await house.token(email, "reset-password");
    const confirmed = await ask("POST", "/chat/auth/password/confirm", { token: reset });
    assert.equal((confirmed.body["user"] as SignIn["user"]).id, user.id);
  });

  test("a forgotten password is replaced by mail, without the old one", async () => {
    const { email, auth_token, refresh_token, user } = await register();
    const confirmation = await house.token(email, "confirm-email");
    const requested = await ask("POST", "/chat/auth/password/request", { email });
    assert.deepEqual([requested.status, requested.text], [204, ""]);
    const token = await house.token(email, "reset-password");
    for (let looked = 0; looked < 2; looked += 1) {
      const found = await ask("POST", "/chat/auth/password/confirm", { token });
      assert.equal(found.status, 200);
      const { id } = user;
      assert.deepEqual(found.body, { success: true, user: { id, email, display_name: email } });
    }
    const passwords = { new_password: NEXT_PASSWORD, new_password_confirmation: NEXT_PASSWORD };
    const reset = (body: object) =>
      ask("POST", "/chat/auth/password/reset", { ...passwords, password: "anything", ...body });
    await refused(reset({ token: confirmation }), 404, "MAIL_TOKEN_INVALID");
    const differs = { token, new_password_confirmation: `${NEXT_PASSWORD} ` };
    await refused(reset(differs), 422, "CONFIRMATION_DIFFERS");
    const done = await reset({ token });
    assert.deepEqual([done.status, done.text], [204, ""]);
    assert.equal(done.headers.get("x-keys-locked"), "false");
    await refused(reset({ token }), 404, "MAIL_TOKEN_INVALID");
    const dead = { token: confirmation };
    await refused(ask("POST", "/chat/auth/confirm", dead), 404, "MAIL_TOKEN_INVALID");
    const spent = { token: refresh_token };
    await refused(ask("POST", "/chat/auth/refresh", spent), 401, "REFRESH_TOKEN_INVALID");
    await refused(
      ask("POST", "/chat/api/signout_all", undefined, auth_token),
      401,
      "UNAUTHENTICATED",
    );
    await refused(login(email, PASSWORD), 401, "INVALID_CREDENTIALS");
    assert.equal((await login(email, NEXT_PASSWORD)).status, 200);
  });

  test("a reset opens no conversation, and says so", async () => {
    const { email, auth_token } = await register();
    const keys = {
      identity_public_key: "A".repeat(43),
      wraps: [{ kind: "passphrase", blob: "AAAA" }],
      version: 1,
    };
    const kept = await ask("POST", "/api/chat.putAccountKeys", keys, auth_token);
    assert.equal(kept.status, 200, kept.text);
    await ask("POST", "/chat/auth/password/request", { email });
    const token = await house.token(email, "reset-password");
    const passwords = { new_password: NEXT_PASSWORD, new_password_confirmation: NEXT_PASSWORD };
    const done = await ask("POST", "/chat/auth/password/reset", { token, ...passwords });
    assert.deepEqual([done.status, done.headers.get("x-keys-locked")], [204, "true"]);
    const { body } = await login(email, NEXT_PASSWORD);
    const mine = await ask("POST", "/api/chat.getAccountKeys", {}, String(body["auth_token"]));
    assert.deepEqual(mine.body, { account_keys: keys }, "the wraps are as they were");
  });

  test("a password is changed by the old one, and everybody is signed out", async () => {
    const { email, auth_token, refresh_token } = await register();
    const passwords = { new_password: NEXT_PASSWORD, new_password_confirmation: NEXT_PASSWORD };
    const patch = (body: object) => ask("PATCH", "/chat/api/password", body, auth_token);
    await refused(patch(passwords), 400, "INVALID_INPUT");
    await refused(patch({ ...passwords, password: NEXT_PASSWORD }), 403, "PASSWORD_WRONG");
    const differs = { ...passwords, password: PASSWORD, new_password_confirmation: PASSWORD };
    await refused(patch(differs), 422, "CONFIRMATION_DIFFERS");
    const done = await patch({ ...passwords, password: PASSWORD });
    assert.deepEqual([done.status, done.text], [204, ""]);
    await refused(patch({ ...passwords, password: PASSWORD }), 401, "UNAUTHENTICATED");
    const spent = { token: refresh_token };
    await refused(ask("POST", "/chat/auth/refresh", spent), 401, "REFRESH_TOKEN_INVALID");
    assert.equal((await login(email, NEXT_PASSWORD)).status, 200);
  });

  test("signing out everywhere ends what every token was good for", async () => {
    const { email, auth_token, refresh_token } = await register();
    const { body } = await login(email, PASSWORD);
    const done = await ask("POST", "/chat/api/signout_all", undefined, auth_token);
    assert.deepEqual([done.status, done.text], [204, ""]);
    for (const token of [refresh_token, body["refresh_token"]]) {
      const spent = ask("POST", "/chat/auth/refresh", { token });
      await refused(spent, 401, "REFRESH_TOKEN_INVALID");
    }
  });

  test("mails come from the configured sender and hold nothing but their own link", async () => {
    for (const mail of house.smtp.received) {
      assert.equal(mail.from, "stoa@chat.example");
      assert.equal(mail.to.length, 1);
      const text = textOf(mail);
      assert.doesNotMatch(text, /VerySecurePassword/);
      assert.ok((text.match(/[\w-]{43}/g) ?? []).length <= 1, text);
    }
  });
});
