import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  codeOf,
  createAuthHarness,
  must,
  newEmail,
  newName,
  PASSWORD,
} from "../../../../test/support/auth-harness.ts";
import { type DatabasePlace, freshDatabase } from "../../../../test/support/database.ts";
import { collectingSink, VAULT_KEYS } from "../../../../test/support/module-harness.ts";
import { waitFor } from "../../../../test/support/wait-for.ts";
import { createVault } from "../../../adapters/vault/aes-gcm.ts";
import type { Database } from "../../../core/database.ts";
import { DEMO_PASSWORD, DEMO_PEOPLE, type SignedIn } from "../types.ts";

const DAY_MS = 24 * 60 * 60_000;

interface Counted {
  auth_sessions: { id: string };
  auth_throttles: { lane: string };
  auth_mail_tokens: { purpose: string };
  auth_places: { network: string };
  auth_operator_tokens: { expires_at: Date };
  auth_refresh_tokens: { session_id: string };
}

/** Jobs see every row there is, so they get a database of their own. */
describe("jobs", () => {
  let place: DatabasePlace;
  let database: Database;
  before(async () => {
    place = await freshDatabase();
    database = await place.open();
  });
  after(async () => {
    await database.close();
    await place[Symbol.asyncDispose]();
  });

  const count = async (table: keyof Counted) => {
    const rows = await database.single().as<Counted>().selectFrom(table).selectAll().execute();
    return rows.length;
  };

  test("the demo's people are made once, in an empty installation", async () => {
    await using h = await createAuthHarness({ database });
    const { work, ports } = h.node;
    const context = { work, log: ports.log, signal: new AbortController().signal };
    await Promise.all([must(h.auth.fillDemo)(context), must(h.auth.fillDemo)(context)]);
    await must(h.auth.fillDemo)(context);
    for (const { username, displayName, operator } of DEMO_PEOPLE) {
      const login = { username, secret: DEMO_PASSWORD };
      const { account } = await h.client().call<SignedIn>("auth.login", login);
      assert.deepEqual([account.displayName, account.operator], [displayName, operator]);
    }
  });

  test("sessions whose time is over end, and whoever hangs on them hears of it", async () => {
    await using h = await createAuthHarness({ database });
    h.clock.advance(30 * DAY_MS);
    await h.runJob("auth.endSessions");
    h.revoked.length = 0;
    const [idle, busy] = [h.client(), h.client()];
    const first = await idle.register();
    const sink = collectingSink();
    await idle.open("auth.subscribe", sink);
    let { refreshToken } = await busy.register();
    for (let day = 0; day < 3; day += 1) {
      h.clock.advance(DAY_MS);
      const next = await busy.call<SignedIn>("auth.refresh", { refreshToken });
      refreshToken = next.refreshToken;
    }
    await h.runJob("auth.endSessions");
    await waitFor(() => h.revoked.length > 0, { what: "the end is heard" });
    assert.deepEqual(
      h.revoked.map(({ accountId }) => accountId),
      [first.account.id],
    );
    assert.deepEqual(sink.events.at(-1)?.data, { sessions: [] });
    assert.equal(await count("auth_sessions"), 1);
    h.clock.advance(11 * DAY_MS);
    await h.runJob("auth.endSessions");
    assert.equal(await count("auth_sessions"), 0);
    assert.equal(await count("auth_refresh_tokens"), 0, "their tokens go with them");
  });

  test("more sessions than one run takes are ended all the same", async () => {
    await using h = await createAuthHarness({ database });
    h.clock.advance(60 * DAY_MS);
    for (let made = 0; made < 45; made += 1) await h.client().register();
    h.clock.advance(14 * DAY_MS);
    await h.runJob("auth.endSessions");
    assert.equal(await count("auth_sessions"), 0);
  });

  test("what has lost its meaning is deleted, and nothing else", async () => {
    await using h = await createAuthHarness({ database });
    h.clock.advance(200 * DAY_MS);
    await h.runJob("auth.trim");
    const client = h.client();
    await client.register({ email: newEmail() });
    await client.fail("auth.login", { username: newName(), secret: PASSWORD });
    await h.auth.createOperatorToken(h.node.work);
    const all = async () => [
      await count("auth_throttles"),
      await count("auth_mail_tokens"),
      await count("auth_places"),
      await count("auth_operator_tokens"),
    ];
    const [throttles = 0, ...rest] = await all();
    assert.ok(throttles >= 2, "the name's lane and the network's");
    assert.deepEqual(rest, [1, 1, 1]);
    await h.runJob("auth.trim");
    assert.deepEqual(await all(), [throttles, 1, 1, 1]);
    h.clock.advance(DAY_MS + 1);
    await h.runJob("auth.trim");
    assert.deepEqual(await all(), [0, 0, 1, 0]);
    h.clock.advance(90 * DAY_MS);
    await h.runJob("auth.trim");
    assert.deepEqual(await all(), [0, 0, 0, 0]);
  });

  test("what an earlier key sealed is sealed anew, so that the key can be taken away", async () => {
    await using h = await createAuthHarness({ database });
    const people = [h.client(), h.client()];
    const secrets: string[] = [];
    for (const person of people) secrets.push((await person.enrol()).secret);
    const { vault } = h.node.ports;
    interface Sealed {
      auth_accounts: { id: string; totp_secret: string | null };
    }
    const accounts = () => database.single().as<Sealed>();
    const sealed = async () => {
      const table = accounts().selectFrom("auth_accounts").select(["id", "totp_secret"]);
      return (await table.execute()).filter(({ totp_secret }) => totp_secret !== null);
    };
    const earlier = { id: "earlier", key: new Uint8Array(32).fill(8) };
    const old = createVault({ keys: [earlier], random: h.node.ports.random });
    for (const { id, totp_secret } of await sealed()) {
      const place = `auth_accounts/${id}/totp_secret`;
      const resealed = old.seal(vault.open(must(totp_secret), place), place);
      const set = accounts().updateTable("auth_accounts").set({ totp_secret: resealed });
      await set.where("id", "=", id).execute();
    }
    // A vault that has the key no more leaves it as it is, and holds up nothing.
    await h.runJob("auth.reseal");
    const before = await sealed();
    for (const { totp_secret } of before) assert.match(must(totp_secret), /^v1\.earlier\./);
    const { clock } = h;
    await using rotated = await createAuthHarness({
      database,
      clock,
      vaultKeys: [...VAULT_KEYS, earlier],
    });
    await rotated.runJob("auth.reseal");
    const after = await sealed();
    assert.ok(after.length >= people.length);
    for (const { totp_secret } of after) assert.match(must(totp_secret), /^v1\.test\./);
    h.clock.advance(60_000);
    for (const [at, secret] of secrets.entries()) {
      const me = await must(people[at]).call<{ account: { username: string } }>("auth.me");
      const code = codeOf(secret, h.clock.nowMs());
      await h.client().call("auth.confirm", { username: me.account.username, code });
    }
  });
});
