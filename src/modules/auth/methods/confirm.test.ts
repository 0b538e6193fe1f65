import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { codeOf, createAuthHarness, must, newName } from "../../../../test/support/auth-harness.ts";

const STEP_MS = 30_000;

interface Started {
  status: string;
  qr_code: string;
  secret: string;
  challenge: string;
}

describe("username and code (document 001)", () => {
  test("a candidate becomes a user with the first code, and signs in with the next", async () => {
    await using h = await createAuthHarness();
    const client = h.client();
    const username = newName();
    const started = await client.call<Started>("auth.start", { username });
    assert.equal(started.status, "candidate");
    assert.match(started.qr_code, /^data:image\/svg\+xml;base64,/);
    const again = await h.client().call<Started>("auth.start", { username });
    assert.equal(again.status, "candidate", "asking for a name does not take it");

    const code = codeOf(started.secret, h.clock.nowMs());
    const { challenge } = started;
    const answer = await client.call<{ token: string; recoveryCodes: string[] }>("auth.confirm", {
      username,
      code,
      challenge,
    });
    assert.equal(answer.recoveryCodes.length, 10);
    assert.ok(client.cookie?.value);
    client.credentials = { bearer: answer.token };
    const me = await client.call<{ account: Record<string, unknown> }>("auth.me");
    assert.equal(me.account["username"], username);
    assert.equal(me.account["hasTotp"], true);
    assert.equal(me.account["hasPassword"], false);

    const other = h.client();
    assert.deepEqual(await other.call("auth.start", { username: username.toUpperCase() }), {
      status: "user",
    });
    h.clock.advance(STEP_MS);
    const next = codeOf(started.secret, h.clock.nowMs());
    const signedIn = await other.call<Record<string, unknown>>("auth.confirm", {
      username: username.toUpperCase(),
      code: next,
    });
    assert.equal("recoveryCodes" in signedIn, false);
    assert.ok(other.cookie?.value);
  });

  test("nobody keeps a candidate from enrolling by failing at the name", async () => {
    await using h = await createAuthHarness();
    const username = newName();
    const candidate = h.client({ address: "192.0.2.1" });
    const { secret, challenge } = await candidate.call<Started>("auth.start", { username });
    const stranger = h.client({ address: "192.0.2.2" });
    for (let failures = 0; failures < 6; failures += 1) {
      await stranger.fail("auth.login", { username, secret: "not the password" });
    }
    const code = codeOf(secret, h.clock.nowMs());
    await candidate.call("auth.confirm", { username, code, challenge });
  });

  test("a code is accepted once, that of the enrolment too, and none from before it", async () => {
    await using h = await createAuthHarness();
    const { account, secret } = await h.client().enrol();
    const username = must(account.username);
    const codeAt = (ms: number) => ({ username, code: codeOf(secret, ms) });
    const enrolment = codeAt(h.clock.nowMs());
    assert.equal((await h.client().fail("auth.confirm", enrolment)).code, "INVALID_CODE");
    const early = codeAt(h.clock.nowMs() + STEP_MS);
    await h.client().call("auth.confirm", early);
    assert.equal((await h.client().fail("auth.confirm", early)).code, "INVALID_CODE");
    assert.equal((await h.client().fail("auth.confirm", enrolment)).code, "INVALID_CODE");
    h.clock.advance(3 * STEP_MS);
    const stale = codeAt(h.clock.nowMs() - 2 * STEP_MS);
    assert.equal((await h.client().fail("auth.confirm", stale)).code, "INVALID_CODE");
    await h.client().call("auth.confirm", codeAt(h.clock.nowMs() - STEP_MS));
  });

  test("of two candidates for a name the first to confirm gets it", async () => {
    await using h = await createAuthHarness();
    const username = newName();
    const [one, two] = [h.client(), h.client()];
    const first = await one.call<Started>("auth.start", { username });
    const second = await two.call<Started>("auth.start", { username: username.toUpperCase() });
    const confirm = ({ secret, challenge }: Started, name: string) => ({
      username: name,
      challenge,
      code: codeOf(secret, h.clock.nowMs()),
    });
    await one.call("auth.confirm", confirm(first, username));
    const late = await two.fail("auth.confirm", confirm(second, username.toUpperCase()));
    assert.equal(late.code, "USERNAME_TAKEN");
  });

  test("a challenge is good for its name, for ten minutes, and for one account", async () => {
    await using h = await createAuthHarness();
    const client = h.client();
    const username = newName();
    const { secret, challenge } = await client.call<Started>("auth.start", { username });
    const input = () => ({ username, challenge, code: codeOf(secret, h.clock.nowMs()) });
    const fails = async (change: object, code: string) => {
      const error = await client.fail("auth.confirm", { ...input(), ...change });
      assert.equal(error.code, code);
    };
    await fails({ username: newName() }, "CHALLENGE_INVALID");
    await fails({ challenge: `${challenge}A` }, "CHALLENGE_INVALID");
    await fails({ challenge: "x" }, "CHALLENGE_INVALID");
    await fails({ challenge: undefined }, "INVALID_CODE");
    await fails({ code: codeOf(secret, h.clock.nowMs() - 90_000) }, "INVALID_CODE");
    h.clock.advance(10 * 60_000);
    await fails({}, "CHALLENGE_INVALID");

    const fresh = await client.call<Started>("auth.start", { username });
    const use = (name: string) => ({
      username: name,
      challenge: fresh.challenge,
      code: codeOf(fresh.secret, h.clock.nowMs()),
    });
    const answer = await client.call<{ token: string }>("auth.confirm", use(username));
    client.credentials = { bearer: answer.token };
    h.clock.advance(STEP_MS);
    assert.equal((await h.client().fail("auth.confirm", use(username))).code, "USERNAME_TAKEN");
    await client.call("auth.updateProfile", { username: newName() });
    assert.equal((await h.client().fail("auth.confirm", use(username))).code, "CHALLENGE_INVALID");
  });

  test("an account with a password is a user, and a code alone does not open it", async () => {
    await using h = await createAuthHarness();
    const client = h.client();
    const { account } = await client.register();
    const username = must(account.username);
    assert.deepEqual(await h.client().call("auth.start", { username }), { status: "user" });
    const confirm = { username, code: "123456" };
    assert.equal((await h.client().fail("auth.confirm", confirm)).code, "INVALID_CODE");

    const { secret } = await client.call<{ secret: string }>("auth.enrolTotp");
    await client.call("auth.confirmTotp", { code: codeOf(secret, h.clock.nowMs()) });
    h.clock.advance(STEP_MS);
    const code = codeOf(secret, h.clock.nowMs());
    const refused = await h.client().fail("auth.confirm", { username, code });
    assert.equal(refused.code, "INVALID_CODE");
  });

  test("a recovery code stands in for the app, once", async () => {
    await using h = await createAuthHarness();
    const { account, recoveryCodes } = await h.client().enrol();
    const username = must(account.username);
    const code = must(recoveryCodes[4]);
    const answer = await h
      .client()
      .call<{ account: { recoveryCodesLeft: number } }>("auth.confirm", {
        username,
        code: code.toUpperCase().replace("-", ""),
      });
    assert.equal(answer.account.recoveryCodesLeft, 9);
    assert.equal((await h.client().fail("auth.confirm", { username, code })).code, "INVALID_CODE");
    const never = { username, code: "aaaaa-aaaaa" };
    assert.equal((await h.client().fail("auth.confirm", never)).code, "INVALID_CODE");
  });

  test("the secret is not in the table in plain sight, and opens nowhere else", async () => {
    await using h = await createAuthHarness();
    const { account, secret } = await h.client().enrol();
    const other = await h.client().enrol();
    interface Accounts {
      auth_accounts: { id: string; totp_secret: string | null };
    }
    const row = await h.node.work.single((tx) =>
      tx
        .as<Accounts>()
        .selectFrom("auth_accounts")
        .select("totp_secret")
        .where("id", "=", account.id)
        .executeTakeFirstOrThrow(),
    );
    const sealed = must(row.totp_secret);
    assert.equal(sealed.includes(secret), false);
    const { vault } = h.node.ports;
    assert.equal(vault.open(sealed, `auth_accounts/${account.id}/totp_secret`), secret);
    assert.throws(() => vault.open(sealed, `auth_accounts/${other.account.id}/totp_secret`));
  });

  test("whoever asks for name after name has to wait; whoever signs in does not", async () => {
    await using h = await createAuthHarness();
    const prober = h.client();
    for (let asked = 0; asked < 100; asked += 1) {
      await prober.call("auth.start", { username: newName() });
    }
    const refused = await prober.fail("auth.start", { username: newName() });
    assert.deepEqual(refused, { code: "TOO_MANY_ATTEMPTS", retryAfterMs: 1_000 });
    await h.client().call("auth.start", { username: newName() });
    const person = h.client();
    for (let times = 0; times < 3; times += 1) await person.enrol();
    const lane = await laneOf(h, `probe ${person.address}`);
    assert.equal(lane, 0);
  });
});

async function laneOf(h: Awaited<ReturnType<typeof createAuthHarness>>, lane: string) {
  interface Throttles {
    auth_throttles: { lane: string; failures: number };
  }
  const row = await h.node.work.single((tx) =>
    tx
      .as<Throttles>()
      .selectFrom("auth_throttles")
      .select("failures")
      .where("lane", "=", lane)
      .executeTakeFirst(),
  );
  return row?.failures ?? 0;
}
