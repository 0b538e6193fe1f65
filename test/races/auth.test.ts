import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { MemoryExchange } from "../../src/adapters/bus/memory.ts";
import type { Tx } from "../../src/core/database.ts";
import { hashToken } from "../../src/modules/auth/credentials/tokens.ts";
import { takeTotpStep } from "../../src/modules/auth/store/credentials.ts";
import { useRefreshToken } from "../../src/modules/auth/store/refresh-tokens.ts";
import type { SignedIn } from "../../src/modules/auth/types.ts";
import {
  type AuthHarness,
  codeOf,
  createAuthHarness,
  mailedToken,
  must,
  newEmail,
  newName,
  PASSWORD,
} from "../support/auth-harness.ts";
import { SERVER_URL } from "../support/database.ts";

/** PGlite has one connection, on which nothing races. */
const skip = SERVER_URL === undefined && "needs a PostgreSQL server: set DATABASE_URL";
const PARALLEL = 50;

/** Runs the calls at once, and counts how they ended by code. */
async function race(runs: ReadonlyArray<() => Promise<unknown>>) {
  const outcomes = await Promise.allSettled(runs.map((run) => run()));
  const codes: Record<string, number> = {};
  for (const outcome of outcomes) {
    const code = outcome.status === "fulfilled" ? "OK" : (outcome.reason as { code: string }).code;
    codes[code] = (codes[code] ?? 0) + 1;
  }
  const values = outcomes.flatMap((outcome) =>
    outcome.status === "fulfilled" ? [outcome.value] : [],
  );
  return { codes, values };
}

const times = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index));

/** Two nodes over one database. */
async function twoNodes() {
  const exchange: MemoryExchange = new Set();
  const here = await createAuthHarness({ exchange });
  const there = await createAuthHarness({ exchange, clock: here.clock });
  const node = (index: number): AuthHarness => (index % 2 === 0 ? here : there);
  return {
    here,
    node,
    async [Symbol.asyncDispose]() {
      await here[Symbol.asyncDispose]();
      await there[Symbol.asyncDispose]();
    },
  };
}

describe("races of auth", { skip }, () => {
  test("50 uses of one code at once: one signs in", async () => {
    await using nodes = await twoNodes();
    const { here, node } = nodes;
    const { account, secret } = await here.client().enrol();
    here.clock.advance(30_000);
    const input = { username: account.username, code: codeOf(secret, here.clock.nowMs()) };
    const { codes } = await race(
      times(PARALLEL, (index) => () => node(index).client().call("auth.confirm", input)),
    );
    assert.equal(codes["OK"], 1, JSON.stringify(codes));
    const { OK: _, INVALID_CODE: used = 0, TOO_MANY_ATTEMPTS: tooMany = 0, ...others } = codes;
    assert.deepEqual(others, {});
    assert.equal(used + tooMany, PARALLEL - 1);
  });

  test("a code used from places the account knows, so that no throttle helps: one signs in", async () => {
    await using nodes = await twoNodes();
    const { here, node } = nodes;
    const homes = times(8, () => here.client());
    const owner = must(homes[0]);
    const { account, secret, recoveryCodes } = await owner.enrol();
    const username = account.username;
    for (const [index, home] of homes.entries()) {
      if (index > 0) await home.call("auth.confirm", { username, code: recoveryCodes[index] });
    }
    here.clock.advance(60_000);
    for (const code of [codeOf(secret, here.clock.nowMs()), must(recoveryCodes[9])]) {
      const runs = homes.flatMap(({ address }, index) =>
        times(
          5,
          () => () => node(index).client({ address }).call("auth.confirm", { username, code }),
        ),
      );
      const { codes } = await race(runs);
      assert.deepEqual(codes, { OK: 1, INVALID_CODE: runs.length - 1 });
      here.clock.advance(24 * 60 * 60_000);
    }
  });

  test("50 refreshes of one token at once: one rotation, the same successor for all", async () => {
    await using nodes = await twoNodes();
    const { here, node } = nodes;
    const { refreshToken } = await here.client().register();
    const runs = times(
      PARALLEL,
      (index) => () => node(index).client().call<SignedIn>("auth.refresh", { refreshToken }),
    );
    const { codes, values } = await race(runs);
    assert.deepEqual(codes, { OK: PARALLEL });
    const successors = new Set((values as SignedIn[]).map((answer) => answer.refreshToken));
    assert.equal(successors.size, 1);
    const [successor] = successors;
    assert.notEqual(successor, refreshToken);
    await here.client().call("auth.refresh", { refreshToken: successor });
  });

  test("the claims hold by themselves, without the lock on the account", async () => {
    await using nodes = await twoNodes();
    const { here, node } = nodes;
    const { refreshToken, account } = await here.client().enrol();
    const tokenHash = hashToken(refreshToken);
    const use = { atMs: here.clock.nowMs(), successorSealed: "sealed" };
    const step = Math.floor(here.clock.nowMs() / 30_000) + 1;
    const claims: Array<(tx: Tx) => Promise<boolean>> = [
      (tx) => useRefreshToken(tx, tokenHash, use),
      (tx) => takeTotpStep(tx, account.id, step),
    ];
    for (const claim of claims) {
      const { values } = await race(
        times(PARALLEL, (index) => () => node(index).node.work.write(({ tx }) => claim(tx))),
      );
      assert.equal(values.length, PARALLEL);
      assert.equal(values.filter((won) => won === true).length, 1);
    }
  });

  test("50 candidates for one name confirm at once: one owns it", async () => {
    await using nodes = await twoNodes();
    const { here, node } = nodes;
    const username = newName();
    const candidates = await Promise.all(
      times(PARALLEL, async (index) => {
        const client = node(index).client();
        const started = await client.call<{ secret: string; challenge: string }>("auth.start", {
          username,
        });
        return { client, started };
      }),
    );
    const { codes } = await race(
      candidates.map(
        ({ client, started }) =>
          () =>
            client.call("auth.confirm", {
              username,
              challenge: started.challenge,
              code: codeOf(started.secret, here.clock.nowMs()),
            }),
      ),
    );
    assert.equal(codes["OK"], 1, JSON.stringify(codes));
    const { OK: _, USERNAME_TAKEN: taken = 0, TOO_MANY_ATTEMPTS: tooMany = 0, ...others } = codes;
    assert.deepEqual(others, {});
    assert.equal(taken + tooMany, PARALLEL - 1);
  });

  test("one challenge confirmed at once under one name: one account", async () => {
    await using nodes = await twoNodes();
    const { here, node } = nodes;
    const username = newName();
    const start = { username };
    const { secret, challenge } = await here
      .client()
      .call<{ secret: string; challenge: string }>("auth.start", start);
    const input = { username, challenge, code: codeOf(secret, here.clock.nowMs()) };
    const { codes } = await race(
      times(5, (index) => () => node(index).client().call("auth.confirm", input)),
    );
    const { OK: won, USERNAME_TAKEN: taken = 0, CHALLENGE_INVALID: used = 0 } = codes;
    assert.deepEqual([won, taken + used], [1, 4], JSON.stringify(codes));
  });

  test("20 registrations of one name and one address at once: one account", async () => {
    await using nodes = await twoNodes();
    const { node } = nodes;
    const body = { username: newName(), email: newEmail(), password: PASSWORD };
    const { codes } = await race(
      times(20, (index) => () => node(index).client().call("auth.register", body)),
    );
    const { OK: won, USERNAME_TAKEN: name = 0, EMAIL_TAKEN: email = 0 } = codes;
    assert.deepEqual([won, name + email], [1, 19], JSON.stringify(codes));
  });

  test("50 guesses at once: five are heard, and all are counted", async () => {
    await using nodes = await twoNodes();
    const { here, node } = nodes;
    const { account } = await here.client().register();
    const login = { username: account.username, secret: "wrong password" };
    const { codes } = await race(
      times(PARALLEL, (index) => () => node(index).client().call("auth.login", login)),
    );
    assert.deepEqual(codes, { INVALID_CREDENTIALS: 5, TOO_MANY_ATTEMPTS: PARALLEL - 5 });
  });

  test("a link to reset a password followed at once: one reset", async () => {
    await using nodes = await twoNodes();
    const { here, node } = nodes;
    const email = newEmail();
    await here.client().register({ email });
    await here.client().call("auth.requestPasswordReset", { email });
    await here.runJob("auth.mailResets");
    const token = must(/reset-password\/([\w-]{43})/.exec(must(here.mails.at(-1)).text)?.[1]);
    const { codes } = await race(
      times(
        10,
        (index) => () =>
          node(index)
            .client()
            .call("auth.resetPassword", { token, newPassword: `password ${index} of ten` }),
      ),
    );
    assert.deepEqual(codes, { OK: 1, MAIL_TOKEN_INVALID: 9 });
  });

  test("a permit and the way back, each used at once: one change, one return", async () => {
    await using nodes = await twoNodes();
    const { here, node } = nodes;
    const owner = here.client();
    const email = newEmail();
    const signedIn = await owner.register({ username: undefined, email });
    await owner.call("auth.requestEmailChange");
    const token = mailedToken(here, "change-email", email);
    const change = { token, currentPassword: PASSWORD };
    const changes = await race(
      times(4, (index) => () => {
        const client = node(index).client().as(signedIn);
        return client.call("auth.replaceEmail", { ...change, email: newEmail() });
      }),
    );
    const { OK: changed, ...others } = changes.codes;
    assert.equal(changed, 1, JSON.stringify(changes.codes));
    const refusals = ["MAIL_TOKEN_INVALID", "TOO_MANY_ATTEMPTS"];
    assert.deepEqual(
      Object.keys(others).filter((code) => !refusals.includes(code)),
      [],
    );
    const mails = [...here.mails, ...node(1).mails];
    const undo = mailedToken({ mails }, "undo-email-change", email);
    const returns = await race(
      times(
        10,
        (index) => () => node(index).client().call("auth.undoEmailChange", { token: undo }),
      ),
    );
    assert.deepEqual(returns.codes, { OK: 1, MAIL_TOKEN_INVALID: 9 });
  });

  test("an operator token brought by ten at once: one operator", async () => {
    await using nodes = await twoNodes();
    const { here, node } = nodes;
    const token = await here.auth.createOperatorToken(here.node.work);
    const clients = times(10, (index) => node(index).client());
    for (const client of clients) await client.register();
    const { codes } = await race(
      clients.map((client) => () => client.call("auth.becomeOperator", { token })),
    );
    assert.deepEqual(codes, { OK: 1, OPERATOR_TOKEN_INVALID: 9 });
  });

  test("sign-ins while the password changes: none that knew the old one is left", async () => {
    await using nodes = await twoNodes();
    const { here, node } = nodes;
    const owner = here.client();
    const { account } = await owner.register();
    const clients = times(4, (index) => node(index).client());
    const login = { username: account.username, secret: PASSWORD };
    const change = { currentPassword: PASSWORD, newPassword: "the next password" };
    await race([
      ...clients.map((client) => async () => client.as(await client.call("auth.login", login))),
      () => owner.call("auth.changePassword", change),
    ]);
    for (const client of clients) {
      assert.equal((await client.fail("auth.me")).code, "UNAUTHENTICATED");
    }
  });
});
