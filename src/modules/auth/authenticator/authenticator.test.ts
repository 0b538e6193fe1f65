import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from "kysely";
import {
  type AuthHarness,
  createAuthHarness,
  must,
  PASSWORD,
} from "../../../../test/support/auth-harness.ts";
import { testDatabase } from "../../../../test/support/database.ts";
import { waitFor } from "../../../../test/support/wait-for.ts";
import type { MemoryExchange } from "../../../adapters/bus/memory.ts";
import type { Actor, Credentials } from "../../../core/actor.ts";
import { DatabaseUnavailable, type Tx } from "../../../core/database.ts";
import type { UnitOfWork } from "../../../core/unit-of-work.ts";
import { raiseTokenEpoch } from "../store/credentials.ts";
import type { Session, SignedIn } from "../types.ts";

const MINUTE_MS = 60_000;

/** What the authenticator answers, and whether it had to wait for it. */
async function ask(h: AuthHarness, credentials: Credentials) {
  const answer = h.authenticator.authenticate(credentials);
  const isKnown = !(answer instanceof Promise);
  const actor: Actor = await answer;
  return { actor, isKnown };
}

const isPerson = async (h: AuthHarness, credentials: Credentials) =>
  (await ask(h, credentials)).actor.kind === "person";

describe("the authenticator", () => {
  test("knows a credential from the second call on, without waiting", async () => {
    await using h = await createAuthHarness();
    const client = h.client();
    const { token, account } = await client.register();
    const cookie = must(client.cookie).value;
    for (const credentials of [{ bearer: token }, { cookie }]) {
      const first = await ask(h, credentials);
      const second = await ask(h, credentials);
      assert.deepEqual([first.isKnown, second.isKnown], [false, true]);
      assert.deepEqual(second.actor, first.actor);
      assert.equal(first.actor.kind === "person" && first.actor.accountId, account.id);
      assert.equal(first.actor.kind === "person" && first.actor.signedInAtMs, h.clock.nowMs());
    }
    assert.deepEqual(await ask(h, {}), { actor: { kind: "anonymous" }, isKnown: true });
  });

  test("a known token ends to the millisecond", async () => {
    await using h = await createAuthHarness();
    const { token, expiresAtMs } = await h.client().register();
    h.clock.advance(expiresAtMs - h.clock.nowMs() - 1);
    assert.equal(await isPerson(h, { bearer: token }), true);
    assert.equal((await ask(h, { bearer: token })).isKnown, true);
    h.clock.advance(1);
    assert.deepEqual(await ask(h, { bearer: token }), {
      actor: { kind: "anonymous" },
      isKnown: false,
    });
  });

  test("a token of an earlier epoch is void, though its session were still there", async () => {
    await using h = await createAuthHarness();
    const client = h.client();
    const { token, account } = await client.register();
    await h.node.work.write(({ tx }) => raiseTokenEpoch(tx, account.id));
    assert.equal(await isPerson(h, { bearer: token }), false);
    assert.equal((await client.fail("auth.session", { token })).code, "ACCESS_TOKEN_INVALID");
    assert.equal(await isPerson(h, { cookie: must(client.cookie).value }), true);
  });

  test("what it knows it checks again after five minutes, by a clock that cannot be set", async () => {
    await using h = await createAuthHarness();
    const { token } = await h.client().register();
    await ask(h, { bearer: token });
    h.clock.jump(-60 * MINUTE_MS);
    h.clock.advance(5 * MINUTE_MS - 1);
    assert.equal((await ask(h, { bearer: token })).isKnown, true);
    h.clock.advance(1);
    assert.equal((await ask(h, { bearer: token })).isKnown, false);
  });

  test("forgets at once what another node ended, and tells its listeners", async () => {
    const exchange: MemoryExchange = new Set();
    await using here = await createAuthHarness({ exchange });
    await using there = await createAuthHarness({ exchange, clock: here.clock });
    const client = here.client();
    const { token, account } = await client.register();
    const cookie = must(client.cookie).value;
    for (const credentials of [{ bearer: token }, { cookie }]) await ask(there, credentials);
    await client.call("auth.signOut");
    await waitFor(() => there.revoked.length > 0, { what: "the other node hears of it" });
    assert.equal(there.revoked[0]?.accountId, account.id);
    for (const credentials of [{ bearer: token }, { cookie }]) {
      assert.equal(await isPerson(there, credentials), false);
    }
  });

  test("a revocation that comes while a credential is read leaves nothing behind", async () => {
    await using h = await createAuthHarness();
    const client = h.client();
    const { token } = await client.register();
    const { work, gate, read } = slowReader(h);
    const { streams, ports } = h.node;
    const slow = h.auth.authenticator({ work, streams, clock: h.clock, log: ports.log });
    await slow.start();
    const reading = slow.authenticate({ bearer: token });
    await read.promise;
    await client.call("auth.signOut");
    gate.resolve();
    assert.equal((await reading).kind, "person", "it was read before the session ended");
    assert.equal((await slow.authenticate({ bearer: token })).kind, "anonymous");
    slow.close();
  });

  test("remembers nothing before it hears of revocations, and after it was closed stays right", async () => {
    await using h = await createAuthHarness();
    const client = h.client();
    const { token } = await client.register();
    const deaf = h.auth.authenticator({
      work: h.node.work,
      streams: h.node.streams,
      clock: h.clock,
      log: h.node.ports.log,
    });
    for (let times = 0; times < 3; times += 1) {
      const answer = deaf.authenticate({ bearer: token });
      assert.ok(answer instanceof Promise);
      assert.equal((await answer).kind, "person");
    }
    await client.call("auth.signOut");
    assert.equal((await deaf.authenticate({ bearer: token })).kind, "anonymous");
    deaf.close();
  });

  test("notes when a session was used, once a minute, and not while the call waits", async () => {
    await using h = await createAuthHarness();
    const client = h.client();
    const { account } = await client.register();
    const startMs = h.clock.nowMs();
    const seenAtMs = async () => {
      const { session } = await client.call<{ session: Session }>("auth.me");
      return session.lastSeenAtMs;
    };
    h.clock.advance(30_000);
    assert.equal(await seenAtMs(), startMs);
    h.clock.advance(30_000);
    await waitFor(async () => (await seenAtMs()) === startMs + 30_000, { what: "it is noted" });
    const login = { username: account.username, secret: PASSWORD };
    const second = await h.client().call<SignedIn>("auth.login", login);
    assert.ok(second.token);
  });

  test("is not led astray by credentials of any form", async () => {
    await using h = await createAuthHarness();
    for (const text of ["", " ", "\u0000", "a.b.c", "null", "x".repeat(100_000), "=".repeat(43)]) {
      assert.equal(await isPerson(h, { bearer: text }), false);
      assert.equal(await isPerson(h, { cookie: text }), false);
    }
  });

  test("takes a cookie for a cookie and a token for a token, also when it remembers them", async () => {
    await using h = await createAuthHarness();
    const client = h.client();
    const { token } = await client.register();
    const cookie = must(client.cookie).value;
    assert.equal(await isPerson(h, { cookie }), true);
    assert.equal(await isPerson(h, { bearer: token }), true);
    assert.equal(await isPerson(h, { bearer: cookie }), false);
    assert.equal(await isPerson(h, { cookie: token }), false);
    assert.equal(await isPerson(h, { cookie }), true);
    assert.equal(await isPerson(h, { bearer: token }), true);
  });

  test("with the database away every call is to be repeated, whoever makes it", async () => {
    const database = await testDatabase();
    let isAway = false;
    const single = () => {
      if (isAway) throw new DatabaseUnavailable("away", { passing: false });
      return database.single();
    };
    await using h = await createAuthHarness({
      database: new Proxy(database, {
        get: (target, key) => (key === "single" ? single : Reflect.get(target, key).bind(target)),
      }),
    });
    const client = h.client();
    const { account, token } = await client.register();
    const fresh = h.client();
    fresh.credentials = { bearer: token };
    isAway = true;
    assert.equal((await fresh.fail("auth.me")).code, "UNAVAILABLE");
    const login = { username: account.username, secret: PASSWORD };
    assert.equal((await h.client().fail("auth.login", login)).code, "UNAVAILABLE");
  });
});

/** A database whose answers arrive late: `read` tells that one is there, `gate` lets it through. */
function slowReader(h: AuthHarness) {
  const gate = Promise.withResolvers<void>();
  const read = Promise.withResolvers<void>();
  const { work } = h.node;
  class SlowDriver extends DummyDriver {
    override async acquireConnection(): Promise<DatabaseConnection> {
      return {
        async executeQuery<Row>(query: CompiledQuery) {
          const result = await work.single((tx) =>
            tx.as().executeQuery<Row>(query as CompiledQuery<Row>),
          );
          read.resolve();
          await gate.promise;
          return result;
        },
        streamQuery: () => assert.fail("nothing is streamed"),
      };
    }
  }
  const dialect: Dialect = {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new SlowDriver(),
    createIntrospector: (builder) => new PostgresIntrospector(builder),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
  const tx: Tx = { as: <Tables>() => new Kysely<Tables>({ dialect }) };
  const single = <T>(run: (tx: Tx) => Promise<T>) => run(tx);
  return { work: { single } as unknown as UnitOfWork, gate, read };
}
