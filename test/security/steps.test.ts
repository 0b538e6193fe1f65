import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type AuthClient,
  type AuthHarness,
  codeOf,
  createAuthHarness,
  must,
  newName,
} from "../support/auth-harness.ts";

/**
 * The ways in and out of an account, in whatever order they are tried: each step succeeds when the
 * steps before it were taken, and at no other time (OWASP ASVS 2.3.1).
 */

const STEP_MS = 30_000;
/** An app that was shown and not proved for so long is forgotten. */
const SHOWN_MS_MAX = 10 * 60_000;

/** What an account is like, as far as its ways in go. */
interface Model {
  password: string;
  /** The secret of the app, once it was proved by a code. */
  app: string | undefined;
  /** One that was shown and not proved yet. */
  shown: string | undefined;
  shownAtMs: number;
  signedIn: boolean;
}

interface Account {
  readonly h: AuthHarness;
  readonly client: AuthClient;
  readonly username: string;
}

type Step = (account: Account, model: Model) => Promise<void>;

const succeeded = new Set<string>();

/** Calls, and tells whether it went well. */
async function goesWell({ client }: Account, name: string, input: object) {
  try {
    const answer = await client.call<Record<string, string>>(name, input);
    succeeded.add(name);
    return answer;
  } catch {
    return undefined;
  }
}

/** The cookie lives longer than the waits of a run, the access token does not. */
function goOnWithCookie({ client }: Account): void {
  client.credentials = { cookie: must(client.cookie).value };
}

/** A code that was not used before: the clock has gone on. */
function freshCode({ h }: Account, secret: string): string {
  h.clock.advance(2 * STEP_MS);
  return codeOf(secret, h.clock.nowMs());
}

const signIn =
  (withCode: boolean, rightPassword: boolean): Step =>
  async (account, model) => {
    const secret = rightPassword ? model.password : `${model.password}!`;
    const otp = withCode ? { otp: freshCode(account, model.app ?? "AAAAAAAA") } : {};
    const answer = await goesWell(account, "auth.login", {
      username: account.username,
      secret,
      ...otp,
    });
    const isRight = rightPassword && (withCode || model.app === undefined);
    assert.equal(answer !== undefined, isRight, "signing in");
    // Whoever fails has to wait; here they do, so that what counts are the steps.
    if (answer === undefined) account.h.clock.advance(30 * 60_000);
    else goOnWithCookie(account);
    if (answer !== undefined) model.signedIn = true;
  };

const STEPS: Readonly<Record<string, Step>> = {
  "sign in by password": signIn(false, true),
  "sign in by password and code": signIn(true, true),
  "sign in by a wrong password": signIn(true, false),
  async "sign in by code alone"(account, model) {
    const code = freshCode(account, model.app ?? "AAAAAAAA");
    const answer = await goesWell(account, "auth.confirm", { username: account.username, code });
    assert.equal(answer, undefined, "a code alone opens no account that has a password");
    account.h.clock.advance(30 * 60_000);
  },
  async "sign out"(account, model) {
    const answer = await goesWell(account, "auth.signOut", {});
    assert.equal(answer !== undefined, model.signedIn, "signing out");
    model.signedIn = false;
  },
  async "have an app shown"(account, model) {
    if (model.signedIn) await refreshSignIn(account, model);
    const answer = await goesWell(account, "auth.enrolTotp", {});
    assert.equal(answer !== undefined, model.signedIn && model.app === undefined, "enrolling");
    if (answer === undefined) return;
    Object.assign(model, { shown: must(answer["secret"]), shownAtMs: account.h.clock.nowMs() });
  },
  async "prove the app"(account, model) {
    const code = codeOf(model.shown ?? "AAAAAAAA", account.h.clock.nowMs());
    const answer = await goesWell(account, "auth.confirmTotp", { code });
    const isFresh = account.h.clock.nowMs() - model.shownAtMs < SHOWN_MS_MAX;
    const isDue = isFresh && model.signedIn && model.app === undefined && model.shown !== undefined;
    assert.equal(answer !== undefined, isDue, "proving the app");
    if (answer !== undefined) Object.assign(model, { app: model.shown, shown: undefined });
  },
  async "remove the app"(account, model) {
    const otp = freshCode(account, model.app ?? "AAAAAAAA");
    const input = { currentPassword: model.password, otp };
    const answer = await goesWell(account, "auth.removeTotp", input);
    assert.equal(answer !== undefined, model.signedIn && model.app !== undefined, "removing");
    if (answer !== undefined) model.app = undefined;
  },
  async "change the password"(account, model) {
    const newPassword = `${model.password}+`;
    const input = { currentPassword: model.password, newPassword };
    const answer = await goesWell(account, "auth.changePassword", input);
    assert.equal(answer !== undefined, model.signedIn, "changing the password");
    if (answer !== undefined) Object.assign(model, { password: newPassword, signedIn: false });
  },
};

/** Some steps want a sign-in of the last quarter of an hour. */
async function refreshSignIn(account: Account, model: Model): Promise<void> {
  const otp = model.app === undefined ? {} : { otp: freshCode(account, model.app) };
  const input = { username: account.username, secret: model.password, ...otp };
  must(await goesWell(account, "auth.login", input));
  goOnWithCookie(account);
}

test("the steps of an account succeed in their order, and in no other", async () => {
  await using h = await createAuthHarness();
  const names = Object.keys(STEPS);
  const taken = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...names), { minLength: 8, maxLength: 16 }),
      async (order) => {
        const client = h.client();
        const username = newName();
        const model: Model = {
          password: newName(),
          app: undefined,
          shown: undefined,
          shownAtMs: 0,
          signedIn: true,
        };
        await client.register({ username, password: model.password });
        goOnWithCookie({ h, client, username });
        for (const name of order) {
          await must(STEPS[name])({ h, client, username }, model);
          taken.add(name);
        }
      },
    ),
    { numRuns: 25, seed: 20_261_121, endOnFailure: true },
  );
  assert.deepEqual([...taken].sort(), names.sort());
  const ways = ["login", "signOut", "enrolTotp", "confirmTotp", "removeTotp", "changePassword"];
  assert.deepEqual([...succeeded].sort(), ways.map((name) => `auth.${name}`).sort());
});
