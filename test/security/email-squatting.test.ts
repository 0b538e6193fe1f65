import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Account } from "../../src/modules/auth/types.ts";
import {
  type AuthHarness,
  codeOf,
  createAuthHarness,
  must,
  newEmail,
  newName,
  PASSWORD,
} from "../support/auth-harness.ts";

const HOUR_MS = 3_600_000;
const CONFIRM = /\/app\/#\/confirm-email\/([\w-]{43})\n/;

/** The token of the last link that was mailed there. */
function linkTo(h: AuthHarness, email: string): string {
  const mail = h.mails.findLast(({ to, text }) => to === email && CONFIRM.test(text));
  return must(CONFIRM.exec(must(mail).text)?.[1]);
}

/** Somebody who has named an address that is not theirs, and an app to keep its owner out. */
async function squat(h: AuthHarness, email: string) {
  const squatter = h.client();
  await squatter.register({ username: undefined, email });
  const { secret } = await squatter.call<{ secret: string }>("auth.enrolTotp");
  await squatter.call("auth.confirmTotp", { code: codeOf(secret, h.clock.nowMs()) });
  return squatter;
}

/** Its owner, who has registered otherwise and asks for the address. */
async function claim(h: AuthHarness, email: string) {
  const owner = h.client();
  await owner.register();
  await owner.call("auth.changeEmail", { email, currentPassword: PASSWORD });
  return { owner, token: linkTo(h, email) };
}

describe("an address that somebody registered with and never proved", () => {
  test("goes to the account that proves it, and its former one keeps the rest", async () => {
    await using h = await createAuthHarness();
    const email = newEmail();
    const squatter = await squat(h, email);
    const stale = linkTo(h, email);
    const { owner, token } = await claim(h, email);
    const confirmed = await owner.call<Account>("auth.confirmEmail", { token });
    assert.deepEqual([confirmed.email, confirmed.emailConfirmed], [email, true]);
    const other = h.client();
    await other.call("auth.login", { username: email, secret: PASSWORD });
    assert.equal(other.cookie === undefined, false);

    const { account } = await squatter.call<{ account: Account }>("auth.me");
    assert.deepEqual([account.email, account.emailConfirmed], [null, false]);
    assert.equal(account.username, account.id.replaceAll("-", ""), "it is still called something");
    await squatter.call("auth.updateProfile", { username: newName() });
    const dead = await squatter.fail("auth.confirmEmail", { token: stale });
    assert.equal(dead.code, "MAIL_TOKEN_INVALID", "its own link proves nothing any more");
  });

  test("is taken in the browser that asked for it only: a link alone costs nobody their way in", async () => {
    await using h = await createAuthHarness();
    const email = newEmail();
    const victim = h.client();
    await victim.register({ username: undefined, email });
    const { token } = await claim(h, email);
    for (const reader of [h.client(), victim]) {
      assert.equal((await reader.fail("auth.confirmEmail", { token })).code, "EMAIL_CLAIMED");
    }
    await h.client().call("auth.login", { username: email, secret: PASSWORD });
  });

  test("is taken still, for everybody who registers: nothing but a proof moves it", async () => {
    await using h = await createAuthHarness();
    const email = newEmail();
    await squat(h, email);
    h.clock.advance(365 * 24 * HOUR_MS);
    const input = { email, password: PASSWORD };
    assert.equal((await h.client().fail("auth.register", input)).code, "EMAIL_TAKEN");
  });

  test("once proved stays with its account, whoever asks for it", async () => {
    await using h = await createAuthHarness();
    const email = newEmail();
    const first = await claim(h, email);
    const second = await claim(h, email);
    // A later link is another account's: both are good until one came back.
    await second.owner.call("auth.confirmEmail", { token: second.token });
    const late = await first.owner.fail("auth.confirmEmail", { token: first.token });
    assert.equal(late.code, "EMAIL_TAKEN");
    const mailsBefore = h.mails.length;
    await first.owner.call("auth.changeEmail", { email, currentPassword: PASSWORD });
    assert.match(must(h.mails[mailsBefore]).text, /It belongs to your account, and it stays there/);
  });
});

describe("a mailbox", () => {
  test("is not flooded by many accounts that each ask for a link to it", async () => {
    await using h = await createAuthHarness();
    const email = newEmail();
    const codes: string[] = [];
    for (let asked = 0; asked < 10; asked += 1) {
      const client = h.client();
      await client.register();
      const answer = client.call("auth.changeEmail", { email, currentPassword: PASSWORD });
      codes.push(
        await answer.then(
          () => "OK",
          ({ code }) => String(code),
        ),
      );
    }
    assert.equal(codes.filter((code) => code === "OK").length, 3);
    assert.equal(codes.at(-1), "TOO_MANY_ATTEMPTS");
    assert.equal(h.mails.filter(({ to }) => to === email).length, 3);
    h.clock.advance(HOUR_MS);
    const client = h.client();
    await client.register();
    await client.call("auth.changeEmail", { email, currentPassword: PASSWORD });
  });
});
