import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { z } from "zod";
import { testDatabase } from "../../test/support/database.ts";
import { createHarness, type Harness, newPerson } from "../../test/support/module-harness.ts";
import type { Person } from "./actor.ts";
import { CommitUnknown, type Database, DatabaseUnavailable } from "./database.ts";
import { defineError, StoaError } from "./errors.ts";
import { GATHERED_CALLS_MAX } from "./limits.ts";
import { defineGatheredMethod } from "./method.ts";
import type { Module } from "./module.ts";

const full = defineError({ code: "FULL", kind: "conflict", message: "The shelf is full." });

/** Shelves that take a few things each; what is on them is kept here, beside the database. */
function shelves() {
  const state = {
    /** How many calls each batch was made of. */
    batches: [] as number[],
    room: new Map<string, number>(),
    /** Things that break the method when they come. */
    cursed: new Set<string>(),
    beforeAnswer: async () => {},
  };
  const put = defineGatheredMethod({
    name: "shelves.put",
    summary: "Puts a thing on a shelf.",
    access: "person",
    input: z.strictObject({ shelf: z.string(), thing: z.string() }),
    output: z.object({ thing: z.string(), place: z.int() }),
    errors: [full],
    transaction: "write",
    gather: ({ input }) => input.shelf,
    async handleAll({ calls }) {
      state.batches.push(calls.length);
      await state.beforeAnswer();
      return calls.map(({ input: { shelf, thing } }) => {
        if (state.cursed.has(thing)) throw new Error(`${thing} is cursed`);
        const room = state.room.get(shelf) ?? 0;
        if (room === 0) return full();
        state.room.set(shelf, room - 1);
        return { thing, place: room, secret: "never declared" };
      });
    },
  });
  const module: Module = { name: "shelves", methods: { put }, subscriptions: {}, rest: [] };
  return { state, module };
}

const isError = (code: string) => (error: unknown) =>
  error instanceof StoaError && error.code === code;

describe("calls that are handled together", () => {
  const { state, module } = shelves();
  let database: Database;
  let harness: Harness;
  let person: Person;
  let shelf = "";
  let count = 0;
  const put = (thing: string, repeatKey?: string, as = person, on = shelf) =>
    harness.call("shelves.put", { shelf: on, thing }, as, repeatKey);

  /** Puts a thing as somebody who goes away when the signal aborts. */
  const putUntil = (signal: AbortSignal) =>
    harness.dispatch.call({
      name: "shelves.put",
      input: { shelf, thing: "left" },
      inputBytes: 2,
      caller: {
        transport: "process",
        address: "::1",
        userAgent: "",
        credentials: { bearer: JSON.stringify(person) },
      },
      requestId: "left",
      signal,
    });

  before(async () => {
    database = await testDatabase();
    harness = await createHarness({ database, modules: () => [module] });
    person = newPerson(harness.ports.ids, harness.ports.clock);
  });
  after(() => harness[Symbol.asyncDispose]());
  beforeEach(() => {
    count += 1;
    shelf = `shelf ${count}`;
    state.room.set(shelf, 100);
    state.batches = [];
  });

  it("share a transaction, and each has an answer of its own", async () => {
    state.room.set(shelf, 2);
    const settled = await Promise.allSettled(["a", "b", "c"].map((thing) => put(thing)));
    assert.deepEqual(state.batches, [3]);
    assert.deepEqual(
      settled.map((one) => (one.status === "fulfilled" ? one.value : one.reason.code)),
      [{ thing: "a", place: 2 }, { thing: "b", place: 1 }, "FULL"],
    );
  });

  it("line up while a batch is under way, and never wait for company", async () => {
    const started = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    state.beforeAnswer = async () => {
      started.resolve();
      await go.promise;
    };
    const first = put("first");
    await started.promise;
    const others = ["a", "b"].map((thing) => put(thing));
    state.beforeAnswer = async () => {};
    go.resolve();
    await Promise.all([first, ...others]);
    assert.deepEqual(state.batches, [1, 2]);
  });

  it("are for one thing: other things have other transactions", async () => {
    const other = `${shelf} too`;
    state.room.set(other, 1);
    await Promise.all([put("a"), put("b", undefined, person, other)]);
    assert.deepEqual(state.batches, [1, 1]);
  });

  it("are bounded in number", async () => {
    state.room.set(shelf, 1_000);
    await Promise.all(Array.from({ length: GATHERED_CALLS_MAX + 44 }, () => put("a")));
    assert.ok(Math.max(...state.batches) <= GATHERED_CALLS_MAX);
    assert.equal(state.room.get(shelf), 1_000 - GATHERED_CALLS_MAX - 44);
  });

  it("have one effect for repeats, in one batch and in later ones", async () => {
    const [first, again] = await Promise.all([put("a", "key-1"), put("a", "key-1")]);
    assert.deepEqual(again, first);
    assert.deepEqual(await put("a", "key-1"), first);
    assert.equal(state.room.get(shelf), 99);
    await assert.rejects(put("b", "key-1"), isError("REPEAT_MISMATCH"));
    const another = newPerson(harness.ports.ids, harness.ports.clock);
    assert.notDeepEqual(await put("a", "key-1", another), first);
  });

  it("tell a key apart that is used for two things at once", async () => {
    const other = `${shelf} too`;
    state.room.set(other, 1);
    const settled = await Promise.allSettled([put("a", "key-2"), put("a", "key-2", person, other)]);
    const refused = settled.filter(({ status }) => status === "rejected");
    assert.equal(refused.length, 1);
    assert.ok(refused[0]?.status === "rejected" && refused[0].reason.code === "REPEAT_MISMATCH");
  });

  it("that failed may be tried afresh", async () => {
    state.room.set(shelf, 0);
    await assert.rejects(put("a", "key-3"), isError("FULL"));
    state.room.set(shelf, 1);
    assert.ok(await put("a", "key-3"));
  });

  it("do not suffer from a defect that one of them meets", async () => {
    state.cursed.add("skull");
    const settled = await Promise.allSettled([put("a"), put("skull"), put("b")]);
    assert.deepEqual(
      settled.map((one) => (one.status === "fulfilled" ? "OK" : one.reason.code)),
      ["OK", "INTERNAL", "OK"],
    );
  });

  it("cost nothing more when they are tried alone and nobody waits for them", async () => {
    const gone = new AbortController();
    const real = database.transaction.bind(database);
    let transactions = 0;
    database.transaction = (options, run) => {
      if (!options.readOnly) transactions += 1;
      return real(options, run);
    };
    state.cursed.add("skull");
    state.beforeAnswer = async () => gone.abort();
    try {
      const left = Array.from({ length: 3 }, () => putUntil(gone.signal));
      const settled = await Promise.allSettled([put("skull"), ...left]);
      assert.deepEqual(
        settled.map((one) => (one.status === "fulfilled" ? "OK" : one.reason.code)),
        ["INTERNAL", "TIMEOUT", "TIMEOUT", "TIMEOUT"],
      );
    } finally {
      database.transaction = real;
      state.beforeAnswer = async () => {};
    }
    assert.equal(transactions, 2, "the batch, and the one with a caller");
  });

  it("find out by their keys what became of an unknown commit", async () => {
    const real = database.transaction.bind(database);
    let broken = false;
    database.transaction = async (options, run) => {
      const result = await real(options, run);
      if (options.readOnly || broken) return result;
      broken = true;
      throw new CommitUnknown("the connection broke after COMMIT");
    };
    try {
      const answers = await Promise.all([put("a"), put("b")]);
      assert.deepEqual(answers, [
        { thing: "a", place: 100 },
        { thing: "b", place: 99 },
      ]);
    } finally {
      database.transaction = real;
    }
    assert.deepEqual(state.batches, [2], "the effect happened once");
  });

  it("are left out when nobody waits for them any more", async () => {
    const go = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    state.beforeAnswer = async () => {
      started.resolve();
      await go.promise;
    };
    const first = put("first");
    await started.promise;
    const gone = new AbortController();
    const left = putUntil(gone.signal);
    gone.abort();
    state.beforeAnswer = async () => {};
    go.resolve();
    await first;
    await assert.rejects(left, isError("TIMEOUT"));
    assert.equal(state.room.get(shelf), 99);
  });

  it("are left out of a further attempt, too: whoever went may have asked elsewhere", async () => {
    const gone = new AbortController();
    const real = database.transaction.bind(database);
    let broken = false;
    database.transaction = async (options, run) => {
      if (options.readOnly || broken) return real(options, run);
      broken = true;
      gone.abort();
      throw new DatabaseUnavailable("the connection broke");
    };
    try {
      const [stays, left] = await Promise.allSettled([put("stays"), putUntil(gone.signal)]);
      assert.deepEqual([stays.status, left.status], ["fulfilled", "rejected"]);
    } finally {
      database.transaction = real;
    }
    assert.deepEqual(state.batches, [1]);
    assert.equal(state.room.get(shelf), 99);
  });
});
