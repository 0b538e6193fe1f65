import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Database } from "../../src/core/database.ts";
import { StoaError } from "../../src/core/errors.ts";
import { argon2Hasher } from "../../src/modules/auth/credentials/hasher.ts";
import {
  type AuthHarness,
  codeOf,
  createAuthHarness,
  must,
  newEmail,
  newName,
  PASSWORD,
} from "../support/auth-harness.ts";
import { testDatabase } from "../support/database.ts";

/**
 * Who has an account, and which ways in it has, is told by no text, no status, no work done and no
 * time, except where document 001 (`auth.start`) and document 004 (a taken name) tell it.
 */

const WRONG = "not the password";

/** A database that counts what is asked of it. */
async function countedDatabase() {
  const database = await testDatabase();
  const counts = { transactions: 0, singles: 0 };
  const counted: Database = {
    engine: database.engine,
    ping: () => database.ping(),
    close: async () => {},
    single() {
      counts.singles += 1;
      return database.single();
    },
    statement: (run) => database.statement(run),
    transaction(options, run) {
      counts.transactions += 1;
      return database.transaction(options, run);
    },
  };
  return { counted, counts };
}

/** Names of every sort, each a new one: an account is asked about once only. */
const SORTS: Readonly<Record<string, (h: AuthHarness) => Promise<string>>> = {
  nobody: async () => newName(),
  "nobody, by address": async () => newEmail(),
  "an account with a password": async (h) => must((await h.client().register()).account.username),
  "an account with a password, by address": async (h) => {
    const email = newEmail();
    await h.client().register({ email });
    return email;
  },
  "an account with a password and an app": async (h) => {
    const client = h.client();
    const { account } = await client.register();
    const { secret } = await client.call<{ secret: string }>("auth.enrolTotp");
    await client.call("auth.confirmTotp", { code: codeOf(secret, h.clock.nowMs()) });
    return must(account.username);
  },
  "an account with an app alone": async (h) => must((await h.client().enrol()).account.username),
};

type Ask = (name: string) => readonly [operation: string, input: object];
const login: Ask = (username) => ["auth.login", { username, secret: WRONG }];
const QUESTIONS: Readonly<Record<string, Ask>> = {
  "a sign-in by password": login,
  "a sign-in by password and code": (username) => [
    "auth.login",
    { username, secret: WRONG, otp: "000000" },
  ],
  "a sign-in by code": (username) => ["auth.confirm", { username, code: "000000" }],
  "a sign-in by recovery code": (username) => ["auth.confirm", { username, code: "aaaaa-aaaaa" }],
};

describe("whether somebody is registered", () => {
  for (const [what, ask] of Object.entries(QUESTIONS)) {
    test(`${what} that is wrong is answered alike, after the same work, for everybody`, async () => {
      const { counted, counts } = await countedDatabase();
      await using h = await createAuthHarness({ database: counted });
      const seen = new Map<string, unknown>();
      for (const [sort, make] of Object.entries(SORTS)) {
        const name = await make(h);
        const [operation, input] = ask(name);
        // An address is no username: `auth.confirm` refuses its form, whoever has it.
        if (operation === "auth.confirm" && name.includes("@")) continue;
        const before = { ...counts, ...h.hasher.calls };
        const error = await h
          .client()
          .call(operation, input)
          .then(
            () => assert.fail(`${sort} was let in`),
            (cause: unknown) => cause,
          );
        assert.ok(error instanceof StoaError, sort);
        const { code, kind, message, data, retryAfterMs } = error;
        const work = Object.entries({ ...counts, ...h.hasher.calls }).map(
          ([of, count]) => [of, count - before[of as keyof typeof before]] as const,
        );
        seen.set(sort, { code, kind, message, data, retryAfterMs, work });
      }
      const [nobody] = seen.values();
      for (const [sort, answer] of seen) assert.deepEqual(answer, nobody, sort);
    });
  }

  test("the wait after many failures is that of a name that nobody has", async () => {
    await using h = await createAuthHarness();
    const waits = async (name: string) => {
      const found: unknown[] = [];
      for (let failures = 0; failures < 8; failures += 1) {
        found.push(await h.client().fail(...login(name)));
      }
      return found;
    };
    const nobody = await waits(newName());
    assert.equal((nobody.at(-1) as { code: string }).code, "TOO_MANY_ATTEMPTS");
    for (const [sort, make] of Object.entries(SORTS)) {
      assert.deepEqual(await waits(await make(h)), nobody, sort);
    }
  });

  test("a forgotten password is asked for alike, after the same work, for every address", async () => {
    const { counted, counts } = await countedDatabase();
    await using h = await createAuthHarness({ database: counted });
    const seen: unknown[] = [];
    for (const isKnown of [true, false]) {
      const email = newEmail();
      if (isKnown) await h.client().register({ email });
      const before = { ...counts };
      const answer = await h.client().call("auth.requestPasswordReset", { email });
      const { transactions, singles } = counts;
      seen.push([answer, transactions - before.transactions, singles - before.singles]);
    }
    assert.deepEqual(seen[0], seen[1]);
    assert.deepEqual((seen[0] as unknown[])[0], {});
  });

  test("the time of a sign-in that fails does not tell it, with the real hash", async () => {
    await using h = await createAuthHarness({ hasher: argon2Hasher });
    const known: string[] = [];
    for (let made = 0; made < 4; made += 1) {
      known.push(must((await h.client().register({ password: PASSWORD })).account.username));
    }
    const timeOf = async (operation: string, input: object) => {
      const startedMs = performance.now();
      await h.client().fail(operation, input);
      return performance.now() - startedMs;
    };
    const questions: readonly Ask[] = [login, must(QUESTIONS["a sign-in by recovery code"])];
    for (const ask of questions) {
      const times: Record<"known" | "unknown", number[]> = { known: [], unknown: [] };
      // Interleaved, so that whatever else the machine does falls on both.
      for (let round = 0; round < 2; round += 1) {
        for (const name of known) {
          times.known.push(await timeOf(...ask(name)));
          times.unknown.push(await timeOf(...ask(newName())));
        }
      }
      const ratio = median(times.known) / median(times.unknown);
      // A hash that is left out changes the time tenfold; noise does not change a median threefold.
      assert.ok(ratio > 1 / 3 && ratio < 3, `${ask("x")[0]}: ${ratio}`);
    }
  });
});

function median(values: readonly number[]): number {
  return must([...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]);
}
