import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type AuthClient,
  type AuthHarness,
  createAuthHarness,
  mailedToken,
  must,
  newEmail,
  newName,
  PASSWORD,
} from "../../../../test/support/auth-harness.ts";
import type { Account } from "../types.ts";

const NEXT_PASSWORD = "another horse, another battery";
const DAY_MS = 24 * 60 * 60_000;

const accountOf = async (client: AuthClient) =>
  (await client.call<{ account: Account }>("auth.me")).account;

/** Somebody with an address, and the permit that was mailed there. */
async function permitted(h: AuthHarness) {
  const client = h.client();
  const email = newEmail();
  const { account } = await client.register({ username: undefined, email });
  await client.call("auth.requestEmailChange");
  return { client, email, account, token: mailedToken(h, "change-email", email) };
}

/** The same once the address was changed. */
async function changed(h: AuthHarness) {
  const before = await permitted(h);
  const { client, email, token } = before;
  const next = newEmail();
  await client.call("auth.replaceEmail", { token, email: next, currentPassword: PASSWORD });
  return { ...before, next, undo: mailedToken(h, "undo-email-change", email) };
}

describe("an address that is changed by a permit", () => {
  test("is another one at once, unconfirmed, and both mailboxes hear of it", async () => {
    await using h = await createAuthHarness();
    const { client, email, token } = await permitted(h);
    const next = newEmail();
    const change = { token, email: next, currentPassword: PASSWORD };
    await client.call("auth.replaceEmail", change);
    const account = await accountOf(client);
    assert.deepEqual([account.email, account.emailConfirmed], [next, false]);
    assert.match(
      must(h.mails.findLast(({ to }) => to === email)).text,
      /has another email address/,
    );
    const confirmation = mailedToken(h, "confirm-email", next);
    await h.client().call("auth.confirmEmail", { token: confirmation });
    assert.equal((await accountOf(client)).emailConfirmed, true);
    assert.equal((await client.fail("auth.replaceEmail", change)).code, "MAIL_TOKEN_INVALID");
  });

  test("needs the password, and the permit of this very account", async () => {
    await using h = await createAuthHarness();
    const { client, email, token } = await permitted(h);
    const other = await permitted(h);
    const next = newEmail();
    const wrong = { token, email: next, currentPassword: "not the password" };
    assert.equal((await client.fail("auth.replaceEmail", wrong)).code, "PASSWORD_WRONG");
    const foreign = { token: other.token, email: next, currentPassword: PASSWORD };
    assert.equal((await client.fail("auth.replaceEmail", foreign)).code, "MAIL_TOKEN_INVALID");
    h.clock.advance(DAY_MS);
    const late = await h.client().call<{ token: string }>("auth.login", {
      username: email,
      secret: PASSWORD,
    });
    client.credentials = { bearer: late.token };
    const right = { token, email: next, currentPassword: PASSWORD };
    assert.equal((await client.fail("auth.replaceEmail", right)).code, "MAIL_TOKEN_INVALID");
    assert.equal((await accountOf(client)).email, email);
  });

  test("is not one that somebody else named, proved or not", async () => {
    await using h = await createAuthHarness();
    const { client, email, token } = await permitted(h);
    const taken = newEmail();
    await h.client().register({ email: taken });
    const change = { token, email: taken.toUpperCase(), currentPassword: PASSWORD };
    assert.equal((await client.fail("auth.replaceEmail", change)).code, "EMAIL_TAKEN");
    assert.equal((await accountOf(client)).email, email);
    await client.call("auth.replaceEmail", { ...change, email: newEmail() });
  });

  test("leaves no link of before alive, and no link serves another purpose", async () => {
    await using h = await createAuthHarness();
    const { client, email, token } = await permitted(h);
    const confirmation = mailedToken(h, "confirm-email", email);
    await h.client().call("auth.requestPasswordReset", { email });
    await h.runJob("auth.mailResets");
    const reset = mailedToken(h, "reset-password", email);
    const uses: Readonly<Record<string, (token: string) => object>> = {
      "auth.confirmEmail": (text) => ({ token: text }),
      "auth.undoEmailChange": (text) => ({ token: text }),
      "auth.lookupPasswordReset": (text) => ({ token: text }),
      "auth.resetPassword": (text) => ({ token: text, newPassword: NEXT_PASSWORD }),
      "auth.replaceEmail": (text) => ({
        token: text,
        email: newEmail(),
        currentPassword: PASSWORD,
      }),
    };
    const served: Readonly<Record<string, readonly string[]>> = {
      [token]: ["auth.replaceEmail"],
      [confirmation]: ["auth.confirmEmail"],
      [reset]: ["auth.lookupPasswordReset", "auth.resetPassword"],
    };
    for (const [text, purposes] of Object.entries(served)) {
      for (const [name, input] of Object.entries(uses)) {
        if (purposes.includes(name)) continue;
        assert.equal((await client.fail(name, input(text))).code, "MAIL_TOKEN_INVALID", name);
      }
    }
    await client.call("auth.replaceEmail", { token, email: newEmail(), currentPassword: PASSWORD });
    const undo = mailedToken(h, "undo-email-change", email);
    for (const text of [...Object.keys(served), undo]) {
      for (const [name, input] of Object.entries(uses)) {
        if (text === undo && name === "auth.undoEmailChange") continue;
        assert.equal((await client.fail(name, input(text))).code, "MAIL_TOKEN_INVALID", name);
      }
    }
  });

  test("needs an address to begin with, and confirms one no more than needed", async () => {
    await using h = await createAuthHarness();
    const nameless = h.client();
    await nameless.register();
    for (const name of ["auth.requestEmailChange", "auth.requestEmailConfirmation"]) {
      assert.equal((await nameless.fail(name)).code, "EMAIL_MISSING", name);
    }
    const client = h.client();
    const email = newEmail();
    await client.register({ email });
    const first = mailedToken(h, "confirm-email", email);
    await client.call("auth.requestEmailConfirmation");
    const second = mailedToken(h, "confirm-email", email);
    const stale = await h.client().fail("auth.confirmEmail", { token: first });
    assert.equal(stale.code, "MAIL_TOKEN_INVALID");
    await h.client().call("auth.confirmEmail", { token: second });
    const mailed = h.mails.length;
    await client.call("auth.requestEmailConfirmation");
    assert.equal(h.mails.length, mailed, "it is confirmed");
  });
});

describe("the way back from a change of address", () => {
  test("gives the former one back, ends every session, and mails a reset", async () => {
    await using h = await createAuthHarness();
    const { client, email, account, next, undo } = await changed(h);
    await h.client().call("auth.undoEmailChange", { token: undo });
    assert.equal((await client.fail("auth.me")).code, "UNAUTHENTICATED");
    assert.deepEqual(h.revoked.at(-1), { accountId: account.id });
    await h.runJob("auth.mailResets");
    const token = mailedToken(h, "reset-password", email);
    const found = await h.client().call("auth.lookupPasswordReset", { token });
    assert.deepEqual(found, { id: account.id, email, displayName: email });
    await h.client().call("auth.resetPassword", { token, newPassword: NEXT_PASSWORD });
    const login = { username: email, secret: NEXT_PASSWORD };
    const back = await h.client().call<{ account: Account }>("auth.login", login);
    assert.deepEqual([back.account.email, back.account.emailConfirmed], [email, true]);
    const stale = { token: mailedToken(h, "confirm-email", next) };
    assert.equal((await h.client().fail("auth.confirmEmail", stale)).code, "MAIL_TOKEN_INVALID");
    const twice = await h.client().fail("auth.undoEmailChange", { token: undo });
    assert.equal(twice.code, "MAIL_TOKEN_INVALID");
  });

  test("stays open whatever a thief does next, and closes the ways back that are theirs", async () => {
    await using h = await createAuthHarness();
    const { client, email, next, undo } = await changed(h);
    h.clock.advance(60_000);
    await client.call("auth.requestEmailChange");
    const again = mailedToken(h, "change-email", next);
    h.clock.advance(60_000);
    const last = newEmail();
    await client.call("auth.replaceEmail", {
      token: again,
      email: last,
      currentPassword: PASSWORD,
    });
    const theirs = mailedToken(h, "undo-email-change", next);
    const password = { currentPassword: PASSWORD, newPassword: NEXT_PASSWORD };
    await client.call("auth.changePassword", password);
    const blocker = h.client();
    await blocker.register({ username: newName(), email });
    await h.client().call("auth.undoEmailChange", { token: undo });
    const closed = await h.client().fail("auth.undoEmailChange", { token: theirs });
    assert.equal(closed.code, "MAIL_TOKEN_INVALID");
    assert.equal((await accountOf(blocker)).email, null, "it had never proved it");
    const login = { username: email, secret: NEXT_PASSWORD };
    await h.client().call("auth.login", login);
  });

  test("is closed after a week, and to an address that somebody else proved since", async () => {
    await using h = await createAuthHarness();
    const first = await changed(h);
    const second = await changed(h);
    const owner = h.client();
    await owner.register({ username: newName(), email: first.email });
    await owner.call("auth.confirmEmail", {
      token: mailedToken(h, "confirm-email", first.email),
    });
    const taken = await h.client().fail("auth.undoEmailChange", { token: first.undo });
    assert.equal(taken.code, "EMAIL_TAKEN");
    h.clock.advance(7 * DAY_MS);
    const late = await h.client().fail("auth.undoEmailChange", { token: second.undo });
    assert.equal(late.code, "MAIL_TOKEN_INVALID");
    await h.runJob("auth.trim");
  });
});
