import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type AuthClient,
  createAuthHarness,
  must,
  PASSWORD,
} from "../../../../test/support/auth-harness.ts";
import { testDatabase } from "../../../../test/support/database.ts";
import { createManualClock } from "../../../../test/support/manual-clock.ts";
import { waitFor } from "../../../../test/support/wait-for.ts";
import type { MemoryExchange } from "../../../adapters/bus/memory.ts";
import type { Database } from "../../../core/database.ts";
import type { Session, SignedIn } from "../types.ts";

const statusOf = (client: AuthClient) =>
  client.call("auth.me").then(
    () => "OK",
    ({ code }: { code: string }) => code,
  );

/** The same person once more, on another device. */
async function again(client: AuthClient, { account }: SignedIn): Promise<SignedIn> {
  const login = { username: account.username, secret: PASSWORD };
  const signedIn = await client.call<SignedIn>("auth.login", login);
  client.as(signedIn);
  return signedIn;
}

describe("sessions", () => {
  test("a cookie is as good as the access token, and as long as the session", async () => {
    await using h = await createAuthHarness();
    const client = h.client();
    await client.register();
    const { value, expiresAtMs } = must(client.cookie);
    assert.match(value, /^[\w-]{43}$/);
    assert.equal(expiresAtMs, h.clock.nowMs() + 14 * 24 * 60 * 60_000);
    client.credentials = { cookie: value };
    assert.equal(await statusOf(client), "OK");
    client.credentials = { bearer: "nonsense", cookie: value };
    assert.equal(await statusOf(client), "UNAUTHENTICATED", "a bad token is not made up for");
    client.credentials = { cookie: "A".repeat(43) };
    assert.equal(await statusOf(client), "UNAUTHENTICATED");
    client.credentials = { cookie: "x' or '1'='1" };
    assert.equal(await statusOf(client), "UNAUTHENTICATED");
  });

  test("an access token is exchanged for the session's one cookie", async () => {
    await using h = await createAuthHarness();
    const signedIn = await h.client().register();
    const [one, two] = [h.client(), h.client()];
    for (const client of [one, two]) {
      const answer = await client.call<{ account: { id: string }; expiresAtMs: number }>(
        "auth.session",
        { token: signedIn.token },
      );
      assert.equal(answer.account.id, signedIn.account.id);
      assert.equal(answer.expiresAtMs, client.cookie?.expiresAtMs);
      client.credentials = { cookie: must(client.cookie).value };
      assert.equal(await statusOf(client), "OK");
    }
    assert.deepEqual(one.cookie, two.cookie, "a socket that uses the first goes on");
    const bad = await h.client().fail("auth.session", { token: signedIn.refreshToken });
    assert.equal(bad.code, "ACCESS_TOKEN_INVALID");
    h.clock.advance(30 * 60_000);
    const late = await h.client().fail("auth.session", { token: signedIn.token });
    assert.equal(late.code, "ACCESS_TOKEN_INVALID");
  });

  test("signing out ends this session and no other", async () => {
    await using h = await createAuthHarness();
    const [phone, desk] = [h.client(), h.client()];
    const first = await phone.register();
    await again(desk, first);
    const cookie = must(phone.cookie).value;
    await phone.call("auth.signOut");
    assert.equal(phone.cookie, null);
    assert.equal(await statusOf(phone), "UNAUTHENTICATED");
    phone.credentials = { cookie };
    assert.equal(await statusOf(phone), "UNAUTHENTICATED");
    const { refreshToken, token } = first;
    const refused = await phone.fail("auth.refresh", { refreshToken });
    assert.equal(refused.code, "REFRESH_TOKEN_INVALID");
    assert.equal((await phone.fail("auth.session", { token })).code, "ACCESS_TOKEN_INVALID");
    assert.equal(await statusOf(desk), "OK");
    assert.equal(h.revoked.length, 1);
    assert.equal(h.revoked[0]?.accountId, first.account.id);
    assert.ok(h.revoked[0]?.sessionId);
  });

  test("are listed, and revoked one by one, by their owner only", async () => {
    await using h = await createAuthHarness();
    const [phone, desk] = [h.client({ userAgent: "phone" }), h.client({ userAgent: "desk" })];
    await again(desk, await phone.register());
    const { sessions } = await desk.call<{ sessions: Array<Session & { current: boolean }> }>(
      "auth.listSessions",
    );
    assert.deepEqual(
      sessions.map(({ userAgent, current, address }) => [userAgent, current, address]),
      [
        ["desk", true, desk.address],
        ["phone", false, phone.address],
      ],
    );
    const sessionId = must(sessions[1]).id;
    const stranger = h.client();
    await stranger.register();
    const refused = await stranger.fail("auth.revokeSession", { sessionId });
    assert.equal(refused.code, "SESSION_NOT_FOUND");
    assert.equal(await statusOf(phone), "OK");
    await desk.call("auth.revokeSession", { sessionId });
    assert.equal(await statusOf(phone), "UNAUTHENTICATED");
    assert.equal(await statusOf(desk), "OK");
    const twice = await desk.fail("auth.revokeSession", { sessionId });
    assert.equal(twice.code, "SESSION_NOT_FOUND");
  });

  test("signing out everywhere reaches every node, and voids every token", async () => {
    const exchange: MemoryExchange = new Set();
    await using here = await createAuthHarness({ exchange });
    await using there = await createAuthHarness({ exchange, clock: here.clock });
    const [phone, desk] = [here.client(), there.client()];
    const first = await phone.register();
    const second = await again(desk, first);
    assert.equal(await statusOf(desk), "OK");
    await phone.call("auth.signOutEverywhere");
    const revocation = { accountId: first.account.id };
    assert.deepEqual(here.revoked, [revocation]);
    await waitFor(() => there.revoked.length > 0, { what: "the other node hears of it" });
    assert.deepEqual(there.revoked, [revocation]);
    assert.equal(await statusOf(phone), "UNAUTHENTICATED");
    assert.equal(await statusOf(desk), "UNAUTHENTICATED");
    for (const { refreshToken } of [first, second]) {
      const refused = await desk.fail("auth.refresh", { refreshToken });
      assert.equal(refused.code, "REFRESH_TOKEN_INVALID");
    }
    await again(phone, first);
    assert.equal(await statusOf(phone), "OK");
  });

  test("are bounded: the oldest make room", async () => {
    await using h = await createAuthHarness();
    const oldest = h.client();
    const first = await oldest.register();
    const newer = h.client();
    for (let more = 0; more < 50; more += 1) await again(newer, first);
    assert.equal(await statusOf(oldest), "UNAUTHENTICATED");
    assert.equal(h.revoked.length, 1);
    const { sessions } = await newer.call<{ sessions: Session[] }>("auth.listSessions");
    assert.equal(sessions.length, 50);
  });

  test("never make room for themselves, on a node whose clock is behind the others'", async () => {
    const [database, exchange]: [Database, MemoryExchange] = [await testDatabase(), new Set()];
    await using ahead = await createAuthHarness({ database, exchange });
    await using behind = await createAuthHarness({
      database,
      exchange,
      clock: createManualClock(ahead.clock.nowMs() - 60_000),
    });
    const elsewhere = ahead.client();
    const first = await elsewhere.register();
    for (let more = 0; more < 49; more += 1) await again(elsewhere, first);
    const here = behind.client();
    await again(here, first);
    assert.equal(await statusOf(here), "OK");
  });
});
