import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { z } from "zod";
import { testDatabase } from "../../test/support/database.ts";
import {
  collectingSink,
  createHarness,
  type Harness,
  newPerson,
} from "../../test/support/module-harness.ts";
import { waitFor } from "../../test/support/wait-for.ts";
import type { Person } from "./actor.ts";
import { CommitUnknown, type Database } from "./database.ts";
import { defineError, StoaError } from "./errors.ts";
import { defineMethod } from "./method.ts";
import type { Module } from "./module.ts";
import { Empty } from "./schema.ts";
import { defineSubscription } from "./subscription.ts";

const tired = defineError({ code: "TIRED", kind: "rejected", message: "Not now." });
const stray = defineError({ code: "STRAY", kind: "rejected", message: "Nobody declared this." });
const Bell = z.strictObject({ bell: z.string() });

/** A small module whose effects are events, counted by a subscription. */
function bells(): Module & { rings: number; failures: unknown[] } {
  const state = { rings: 0, failures: [] as unknown[] };
  const ring = defineMethod({
    name: "bells.ring",
    summary: "Rings a bell.",
    access: "person",
    input: Bell,
    output: z.object({ ring: z.int() }),
    errors: [tired],
    transaction: "write",
    async handle({ input, events }) {
      state.rings += 1;
      events.emit(`bells.${input.bell}`, "bells.rang", { ring: state.rings });
      const failure = state.failures.shift();
      if (failure !== undefined) throw failure;
      return { ring: state.rings, secret: "never declared" };
    },
  });
  const oil = defineMethod({
    name: "bells.oil",
    summary: "Oils a bell.",
    access: "operator",
    input: Empty,
    output: Empty,
    errors: [],
    transaction: "none",
    handle: async () => ({}),
  });
  const knock = defineMethod({
    name: "bells.knock",
    summary: "Gives whoever knocks a secret of their own.",
    access: "anyone",
    input: Empty,
    output: z.strictObject({ secret: z.string() }),
    errors: [],
    transaction: "write",
    handle: async ({ ids }) => ({ secret: ids.uuid() }),
  });
  const listen = defineSubscription({
    name: "bells.listen",
    summary: "Every ring of a bell.",
    access: "anyone",
    input: Bell,
    state: z.strictObject({ known: z.boolean() }),
    events: { "bells.rang": z.strictObject({ ring: z.int() }) },
    errors: [],
    topic: ({ input }) => `bells.${input.bell}`,
    snapshot: async () => ({ known: true }),
  });
  return Object.assign(state, {
    name: "bells",
    methods: { ring, oil, knock },
    subscriptions: { listen },
    rest: [],
  });
}

const isError = (code: string) => (error: unknown) =>
  error instanceof StoaError && error.code === code;

describe("dispatch", () => {
  const module = bells();
  let database: Database;
  let harness: Harness;
  let person: Person;
  const ring = (input: unknown, as: Person | undefined = person, repeatKey?: string) =>
    harness.call("bells.ring", input, as, repeatKey);

  before(async () => {
    database = await testDatabase();
    harness = await createHarness({ database, modules: () => [module] });
    person = newPerson(harness.ports.ids, harness.ports.clock);
  });
  after(() => harness[Symbol.asyncDispose]());

  it("answers with what the definition declares and no more", async () => {
    assert.deepEqual(Object.keys((await ring({ bell: "a" })) as object), ["ring"]);
  });

  it("refuses unknown names, wrong input, and the wrong caller, before anything happens", async () => {
    const rings = module.rings;
    await assert.rejects(harness.call("bells.melt", {}, person), isError("METHOD_NOT_FOUND"));
    await assert.rejects(harness.call("toString", {}, person), isError("METHOD_NOT_FOUND"));
    await assert.rejects(harness.call("bells.ring", { bell: "a" }), isError("UNAUTHENTICATED"));
    await assert.rejects(harness.call("bells.oil", {}, person), isError("FORBIDDEN"));
    await assert.rejects(harness.call("bells.oil", { more: 1 }, person), isError("FORBIDDEN"));
    await assert.rejects(harness.call("bells.ring", { more: 1 }), isError("UNAUTHENTICATED"));
    for (const input of [{}, { bell: 1 }, { bell: "a", more: 1 }, [], "text", 7]) {
      await assert.rejects(ring(input), isError("INVALID_INPUT"));
    }
    assert.equal(module.rings, rings);
  });

  it("lists every problem with its path, and never the value that came", async () => {
    await assert.rejects(ring({ bell: ["hunter2"], more: 1 }), (error: unknown) => {
      assert.ok(error instanceof StoaError);
      const issues = error.data?.["issues"] as { path: string[]; message: string }[];
      assert.deepEqual(
        issues.map(({ path }) => path),
        [["bell"], []],
      );
      assert.ok(!JSON.stringify(error.data).includes("hunter2"));
      return true;
    });
  });

  it("gives a repeat the first answer and no second effect, and tells other input apart", async () => {
    const first = await ring({ bell: "a" }, person, "key-1");
    const rings = module.rings;
    assert.deepEqual(await ring({ bell: "a" }, person, "key-1"), first);
    assert.equal(module.rings, rings);
    await assert.rejects(ring({ bell: "b" }, person, "key-1"), isError("REPEAT_MISMATCH"));
    const another = newPerson(harness.ports.ids, harness.ports.clock);
    assert.notDeepEqual(await ring({ bell: "a" }, another, "key-1"), first);
  });

  it("never hands an anonymous caller what another one was answered", async () => {
    const call = {
      name: "bells.knock",
      input: {},
      inputBytes: 2,
      caller: { transport: "process", address: "::1", userAgent: "", credentials: {} },
      requestId: "chosen by the client",
      repeatKey: "chosen as well",
    };
    const first = await harness.dispatch.call(call);
    assert.notDeepEqual(await harness.dispatch.call(call), first);
  });

  it("has one effect for parallel repeats", async () => {
    const rings = module.rings;
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => ring({ bell: "a" }, person, "key-2")),
    );
    assert.equal(new Set(answers.map((answer) => JSON.stringify(answer))).size, 1);
    assert.equal(module.rings, rings + 1);
  });

  it("lets a call that failed be tried afresh", async () => {
    module.failures.push(tired());
    await assert.rejects(ring({ bell: "a" }, person, "key-3"), isError("TIRED"));
    assert.ok(await ring({ bell: "a" }, person, "key-3"));
  });

  it("tries conflicts again and gives other database failures up", async () => {
    const rings = module.rings;
    module.failures.push(Object.assign(new Error("conflict"), { code: "40001" }));
    await ring({ bell: "a" });
    assert.equal(module.rings, rings + 2);
    module.failures.push(Object.assign(new Error("cancelled"), { code: "57014" }));
    await assert.rejects(ring({ bell: "a" }), isError("UNAVAILABLE"));
  });

  it("finds out by the claimed key what became of an unknown commit", async () => {
    const real = database.transaction.bind(database);
    let broken = false;
    database.transaction = async (options, run) => {
      const result = await real(options, run);
      if (options.readOnly || broken) return result;
      broken = true;
      throw new CommitUnknown("the connection broke after COMMIT");
    };
    const rings = module.rings;
    try {
      assert.deepEqual(await ring({ bell: "a" }), { ring: rings + 1 });
    } finally {
      database.transaction = real;
    }
    assert.equal(module.rings, rings + 1, "the effect happened once");
  });

  it("hides what it does not know and refuses undeclared errors", async () => {
    module.failures.push(new Error("password=hunter2"));
    await assert.rejects(ring({ bell: "a" }), (error: unknown) => {
      assert.ok(error instanceof StoaError && error.code === "INTERNAL");
      assert.ok(!error.message.includes("hunter2"));
      return true;
    });
    module.failures.push(stray());
    await assert.rejects(ring({ bell: "a" }), isError("INTERNAL"));
  });

  it("pushes events after the commit, and none of a call that failed", async () => {
    const sink = collectingSink();
    const stream = await harness.open("bells.listen", { bell: "push" }, sink);
    module.failures.push(tired());
    await assert.rejects(ring({ bell: "push" }), isError("TIRED"));
    const { ring: number } = (await ring({ bell: "push" })) as { ring: number };
    await waitFor(() => sink.events.length > 0, { what: "the push" });
    assert.deepEqual(
      sink.events.map(({ offset, data }) => ({ offset, data })),
      [{ offset: 1, data: { ring: number } }],
    );
    stream.close();
  });

  it("hands a subscriber that comes back all it missed, or a snapshot, never a part", async () => {
    const bell = { bell: "back" };
    const first = await harness.open("bells.listen", bell, collectingSink());
    first.close();
    assert.equal(first.opened.recovered, false);
    const { epoch, offset } = first.opened.position;
    await ring(bell);
    await ring(bell);
    const back = await harness.open("bells.listen", { ...bell, epoch, offset }, collectingSink());
    assert.ok(back.opened.recovered);
    assert.deepEqual(
      back.opened.missed.map((event) => event.offset),
      [1, 2],
    );
    back.close();
    for (const since of [
      { epoch: "another", offset },
      { epoch, offset: 99 },
    ]) {
      const anew = await harness.open("bells.listen", { ...bell, ...since }, collectingSink());
      assert.equal(anew.opened.recovered, false);
      anew.close();
    }
    await assert.rejects(
      harness.open("bells.listen", { ...bell, offset: 1 }, collectingSink()),
      isError("INVALID_INPUT"),
    );
  });

  it("takes a place for what it is: one person's, in one subscription", async () => {
    const [ours, theirs] = [{ bell: "ours" }, { bell: "theirs" }];
    const other = newPerson(harness.ports.ids, harness.ports.clock);
    const open = async (bell: object, as: Person | undefined, place: object = {}) => {
      const stream = await harness.open(
        "bells.listen",
        { ...bell, ...place },
        collectingSink(),
        as,
      );
      stream.close();
      return stream.opened;
    };
    await ring(ours);
    await ring(theirs);
    const place = (await open(ours, person)).position;
    assert.equal((await open(ours, person, place)).recovered, true);
    assert.equal((await open(ours, other, place)).recovered, false, "another person");
    assert.equal((await open(ours, undefined, place)).recovered, false, "nobody");
    assert.equal((await open(theirs, person, place)).recovered, false, "another input");
  });

  it("gives a whole IPv6 network one budget: a customer has more addresses than can be counted", async () => {
    const budget = { burst: 2, perSecond: 1 };
    await using small = await createHarness({ modules: () => [bells()], budget });
    const knock = (address: string) =>
      small.dispatch.call({
        name: "bells.knock",
        input: {},
        inputBytes: 2,
        caller: { transport: "process", address, userAgent: "", credentials: {} },
        requestId: "knock",
      });
    await knock("2001:db8::1");
    await knock("2001:db8::2");
    await assert.rejects(knock("2001:db8::3"), isError("TOO_MANY"));
    await knock("2001:db8:0:1::1");
  });
});
