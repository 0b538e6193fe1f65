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
import { freshDatabase } from "../../../../test/support/database.ts";
import type { Account } from "../types.ts";

const NEXT = "another horse, another battery";
const MINUTE_MS = 60_000;
const RESET = /\/app\/#\/reset-password\/([\w-]{43})\n/;
const CONFIRM = /\/app\/#\/confirm-email\/([\w-]{43})\n/;

function linkOf(h: AuthHarness, link: RegExp, to: string): string {
  const mail = h.mails.findLast((sent) => sent.to === to && link.test(sent.text));
  return must(link.exec(must(mail).text)?.[1]);
}

async function requestReset(h: AuthHarness, email: string): Promise<string> {
  await h.client().call("auth.requestPasswordReset", { email });
  await h.runJob("auth.mailResets");
  return linkOf(h, RESET, email);
}

describe("a forgotten password", () => {
  test("is replaced by a link that works once, and every session ends", async () => {
    await using h = await createAuthHarness();
    const client = h.client();
    const email = newEmail();
    const { account } = await client.register({ email });
    const token = await requestReset(h, email);
    for (let looked = 0; looked < 2; looked += 1) {
      const found = await h.client().call("auth.lookupMailToken", { token });
      const expiresAtMs = h.clock.nowMs() + 10 * MINUTE_MS;
      assert.deepEqual(found, { purpose: "reset_password", expiresAtMs });
    }
    await client.call("auth.me");
    await h.client().call("auth.resetPassword", { token, newPassword: NEXT });
    assert.equal((await client.fail("auth.me")).code, "UNAUTHENTICATED");
    assert.deepEqual(h.revoked, [{ accountId: account.id }]);
    for (const name of ["auth.resetPassword", "auth.lookupMailToken"]) {
      const input = name === "auth.resetPassword" ? { token, newPassword: NEXT } : { token };
      assert.equal((await h.client().fail(name, input)).code, "MAIL_TOKEN_INVALID");
    }
    const login = { username: email, secret: NEXT };
    const signedIn = await client.call<{ account: Account }>("auth.login", login);
    assert.equal(signedIn.account.emailConfirmed, true, "the link proved the address");
    assert.match(must(h.mails.at(-1)).text, /password was reset/);
  });

  test("asking answers the same and does the same for every address", async () => {
    await using h = await createAuthHarness();
    const email = newEmail();
    await h.client().register({ email });
    const mailsBefore = h.mails.length;
    const seen: unknown[] = [];
    for (const asked of [email, newEmail()]) {
      const before = { ...h.hasher.calls };
      seen.push(await h.client().call("auth.requestPasswordReset", { email: asked }));
      assert.deepEqual(h.hasher.calls, before);
      assert.equal(h.mails.length, mailsBefore, "nothing is mailed while the caller waits");
    }
    assert.deepEqual(seen, [{}, {}]);
    await h.runJob("auth.mailResets");
    assert.equal(h.mails.length, mailsBefore + 1);
  });

  test("the mail goes to the address as it is kept, at most a few times", async () => {
    await using h = await createAuthHarness();
    const email = newEmail();
    await h.client().register({ email });
    const mailsBefore = h.mails.length;
    for (let asked = 0; asked < 6; asked += 1) {
      await h.client().call("auth.requestPasswordReset", { email: email.toUpperCase() });
      await h.runJob("auth.mailResets");
    }
    const sent = h.mails.slice(mailsBefore);
    assert.equal(sent.length, 3);
    for (const mail of sent) assert.equal(mail.to, email);
  });

  test("a link dies after ten minutes, by a later link, and by a change of password", async () => {
    await using h = await createAuthHarness();
    const client = h.client();
    const email = newEmail();
    await client.register({ email });
    const isDead = async (token: string) => {
      const error = await h.client().fail("auth.resetPassword", { token, newPassword: NEXT });
      assert.equal(error.code, "MAIL_TOKEN_INVALID");
    };
    const first = await requestReset(h, email);
    h.clock.advance(10 * MINUTE_MS);
    await isDead(first);
    const second = await requestReset(h, email);
    const third = await requestReset(h, email);
    assert.notEqual(second, third);
    await isDead(second);
    await client.call("auth.changePassword", { currentPassword: PASSWORD, newPassword: NEXT });
    await isDead(third);
  });

  test("an enrolled app is still asked for", async () => {
    await using h = await createAuthHarness();
    const client = h.client();
    const email = newEmail();
    await client.register({ email });
    const { secret } = await client.call<{ secret: string }>("auth.enrolTotp");
    await client.call("auth.confirmTotp", { code: codeOf(secret, h.clock.nowMs()) });
    h.clock.advance(30_000);
    const token = await requestReset(h, email);
    const reset = { token, newPassword: NEXT };
    assert.equal((await h.client().fail("auth.resetPassword", reset)).code, "OTP_REQUIRED");
    const wrong = { ...reset, otp: "000000" };
    assert.equal((await h.client().fail("auth.resetPassword", wrong)).code, "INVALID_CODE");
    const otp = codeOf(secret, h.clock.nowMs());
    await h.client().call("auth.resetPassword", { ...reset, otp });
    const login = { username: email, secret: NEXT };
    assert.equal(
      (await client.fail("auth.login", login)).code,
      "OTP_REQUIRED",
      "it stays enrolled",
    );
  });

  test("a link for one purpose serves no other", async () => {
    await using h = await createAuthHarness();
    const email = newEmail();
    await h.client().register({ email });
    const confirmation = linkOf(h, CONFIRM, email);
    const reset = await requestReset(h, email);
    const asReset = { token: confirmation, newPassword: NEXT };
    assert.equal((await h.client().fail("auth.resetPassword", asReset)).code, "MAIL_TOKEN_INVALID");
    const asConfirmation = await h.client().fail("auth.confirmEmail", { token: reset });
    assert.equal(asConfirmation.code, "MAIL_TOKEN_INVALID");
    await h.client().call("auth.confirmEmail", { token: confirmation });
    const twice = await h.client().fail("auth.confirmEmail", { token: confirmation });
    assert.equal(twice.code, "MAIL_TOKEN_INVALID");
  });

  test("tokens are not in the table in plain sight", async () => {
    const place = await freshDatabase();
    const database = await place.open();
    try {
      await using h = await createAuthHarness({ database });
      const email = newEmail();
      await h.client().register({ email });
      const token = linkOf(h, CONFIRM, email);
      interface Tokens {
        auth_mail_tokens: { token_hash: Buffer };
      }
      const rows = await database
        .single()
        .as<Tokens>()
        .selectFrom("auth_mail_tokens")
        .selectAll()
        .execute();
      assert.equal(rows.length, 1);
      assert.equal(JSON.stringify(rows).includes(token), false);
      assert.equal(rows[0]?.token_hash.includes(Buffer.from(token, "base64url")), false);
    } finally {
      await database.close();
      await place[Symbol.asyncDispose]();
    }
  });
});

describe("another address", () => {
  test("is the account's once its link came back; the former one is told", async () => {
    await using h = await createAuthHarness();
    const client = h.client();
    const [former, next] = [newEmail(), newEmail()];
    const { account } = await client.register({ email: former });
    await client.call("auth.confirmEmail", { token: linkOf(h, CONFIRM, former) });
    const reset = await requestReset(h, former);
    await client.call("auth.changeEmail", { email: next, currentPassword: PASSWORD });
    const me = await client.call<{ account: Account }>("auth.me");
    assert.equal(me.account.email, former);
    const changed = await h.client().call<Account>("auth.confirmEmail", {
      token: linkOf(h, CONFIRM, next),
    });
    assert.equal(changed.id, account.id);
    assert.deepEqual([changed.email, changed.emailConfirmed], [next, true]);
    const told = must(h.mails.at(-1));
    assert.equal(told.to, former);
    assert.match(told.text, /address of your account was changed/);
    const dead = await h.client().fail("auth.lookupMailToken", { token: reset });
    assert.equal(dead.code, "MAIL_TOKEN_INVALID");
  });

  test("that somebody has is not given away, by the answer or at the end", async () => {
    await using h = await createAuthHarness();
    const [owner, other] = [h.client(), h.client()];
    const [taken, free] = [newEmail(), newEmail()];
    await owner.register({ email: taken });
    await owner.call("auth.confirmEmail", { token: linkOf(h, CONFIRM, taken) });
    await other.register();
    const mailsBefore = h.mails.length;
    const answer = await other.call("auth.changeEmail", { email: taken });
    assert.deepEqual(answer, {});
    assert.match(must(h.mails[mailsBefore]).text, /belongs to your account, and it stays/);
    assert.equal(CONFIRM.test(must(h.mails[mailsBefore]).text), false);

    await other.call("auth.changeEmail", { email: free });
    await h.client().register({ email: free });
    await h.client().call("auth.confirmEmail", { token: linkOf(h, CONFIRM, free) });
    const confirmations = h.mails.filter(({ to, text }) => to === free && CONFIRM.test(text));
    const token = CONFIRM.exec(must(confirmations[0]).text)?.[1];
    assert.equal((await h.client().fail("auth.confirmEmail", { token })).code, "EMAIL_TAKEN");
  });

  test("needs the password or a fresh sign-in, and mails only so often", async () => {
    await using h = await createAuthHarness();
    const client = h.client();
    await client.register();
    const wrong = { email: newEmail(), currentPassword: "wrong" };
    assert.equal((await client.fail("auth.changeEmail", wrong)).code, "PASSWORD_WRONG");
    for (let sent = 0; sent < 3; sent += 1) {
      await client.call("auth.changeEmail", { email: newEmail() });
    }
    const more = await client.fail("auth.changeEmail", { email: newEmail() });
    assert.equal(more.code, "TOO_MANY_ATTEMPTS");
    h.clock.advance(15 * MINUTE_MS + 1);
    const stale = await client.fail("auth.changeEmail", { email: newEmail() });
    assert.equal(stale.code, "REAUTHENTICATION_NEEDED");
  });

  test("an unconfirmed one of one's own gets its link once more", async () => {
    await using h = await createAuthHarness();
    const client = h.client();
    const email = newEmail();
    await client.register({ email });
    const first = linkOf(h, CONFIRM, email);
    await client.call("auth.changeEmail", { email });
    const second = linkOf(h, CONFIRM, email);
    assert.notEqual(first, second);
    assert.equal(
      (await client.fail("auth.confirmEmail", { token: first })).code,
      "MAIL_TOKEN_INVALID",
    );
    const confirmed = await client.call<Account>("auth.confirmEmail", { token: second });
    assert.equal(confirmed.emailConfirmed, true);
    const mailsBefore = h.mails.length;
    await client.call("auth.changeEmail", { email });
    assert.equal(h.mails.length, mailsBefore, "a confirmed one has nothing to prove");
  });

  test("a username with an address in it is no way around", async () => {
    await using h = await createAuthHarness();
    const input = { username: `${newName()}@example.test`, password: PASSWORD };
    assert.equal((await h.client().fail("auth.register", input)).code, "INVALID_INPUT");
  });
});
