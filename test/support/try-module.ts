import { z } from "zod";
import { defineError, KINDS, StoaError } from "../../src/core/errors.ts";
import { defineMethod } from "../../src/core/method.ts";
import type { Module } from "../../src/core/module.ts";
import { integer } from "../../src/core/rest.ts";
import { Empty } from "../../src/core/schema.ts";
import { defineSubscription } from "../../src/core/subscription.ts";

/** A module for tests of the transports: it needs no database, and does whatever is asked of it. */

const Echo = z.strictObject({
  id: z.int().min(1).max(1_000),
  note: z.string().max(5_000_000).optional(),
  tags: z.array(z.string().max(20)).max(5).optional(),
});

const echo = defineMethod({
  name: "try.echo",
  summary: "Answers what it was given.",
  access: "anyone",
  input: Echo,
  output: Echo,
  errors: [],
  transaction: "none",
  handle: async ({ input }) => input,
});

const takeMuch = defineMethod({
  ...echo,
  name: "try.takeMuch",
  summary: "Takes a large input and tells its length.",
  output: z.strictObject({ length: z.int() }),
  inputBytesMax: 4 * 1024 * 1024,
  handle: async ({ input }) => ({ length: input.note?.length ?? 0 }),
});

const whoami = defineMethod({
  name: "try.whoami",
  summary: "Tells who is calling, and from where.",
  access: "person",
  input: Empty,
  output: z.strictObject({
    accountId: z.string(),
    address: z.string(),
    userAgent: z.string(),
    transport: z.string(),
  }),
  errors: [],
  transaction: "none",
  handle: async ({ actor, caller: { address, userAgent, transport } }) => ({
    accountId: actor.accountId,
    address,
    userAgent,
    transport,
  }),
});

const whereFrom = defineMethod({
  name: "try.whereFrom",
  summary: "Tells the address of the caller.",
  access: "anyone",
  input: Empty,
  output: z.strictObject({ address: z.string() }),
  errors: [],
  transaction: "none",
  handle: async ({ caller }) => ({ address: caller.address }),
});

const operate = defineMethod({
  name: "try.operate",
  summary: "Does nothing, for operators.",
  access: "operator",
  input: Empty,
  output: Empty,
  errors: [],
  transaction: "none",
  handle: async () => ({}),
});

const signIn = defineMethod({
  name: "try.signIn",
  summary: "Sets the session cookie, and may fail afterwards.",
  access: "anyone",
  input: z.strictObject({ token: z.string(), untilMs: z.int(), fail: z.boolean().optional() }),
  output: Empty,
  errors: [],
  transaction: "none",
  handle: async ({ input, caller }) => {
    caller.cookies?.set(input.token, input.untilMs);
    if (input.fail) throw new Error("after the cookie was set");
    return {};
  },
});

const signOut = defineMethod({
  name: "try.signOut",
  summary: "Clears the session cookie.",
  access: "anyone",
  input: Empty,
  output: Empty,
  errors: [],
  transaction: "none",
  handle: async ({ caller }) => {
    caller.cookies?.clear();
    return {};
  },
});

/** One error of every kind, with and without data. */
export const tryErrors = KINDS.map((kind) =>
  defineError({
    code: `TRY_${kind.toUpperCase()}`,
    kind,
    message: `This is what ${kind} looks like.`,
    data: z.strictObject({ seatIds: z.array(z.string()) }),
  }),
);

const fail = defineMethod({
  name: "try.fail",
  summary: "Ends with an error of the kind.",
  access: "anyone",
  input: z.strictObject({
    kind: z.enum([...KINDS, "bug"]),
    retryAfterMs: z.int().min(0).optional(),
  }),
  output: Empty,
  errors: tryErrors,
  transaction: "none",
  handle: async ({ input: { kind, retryAfterMs } }) => {
    const error = tryErrors.find((definition) => definition.kind === kind);
    if (error === undefined) throw new Error("a secret detail");
    const data = { seatIds: ["A1"] };
    throw new StoaError(error, data, retryAfterMs === undefined ? {} : { retryAfterMs });
  },
});

/** What `try.wait` waits for and tells; a test lets it go with `finish`. */
export const waiting = { started: 0, aborted: 0, finish: () => {} };

const wait = defineMethod({
  name: "try.wait",
  summary: "Waits until the test lets it go, or the caller has gone.",
  access: "anyone",
  input: Empty,
  output: z.strictObject({ waited: z.boolean() }),
  errors: [],
  transaction: "none",
  handle: async ({ signal }) => {
    waiting.started += 1;
    await new Promise<void>((resolve) => {
      waiting.finish = resolve;
      signal.addEventListener("abort", () => {
        waiting.aborted += 1;
        resolve();
      });
    });
    return { waited: true };
  },
});

const watch = defineSubscription({
  name: "try.watch",
  summary: "The numbers, and every further one.",
  access: "anyone",
  input: z.strictObject({ id: z.int() }),
  state: z.strictObject({ numbers: z.array(z.int()) }),
  events: { "try.number": z.strictObject({ number: z.int() }) },
  errors: [],
  topic: ({ input }) => `try/${input.id}`,
  snapshot: async () => ({ numbers: [] }),
});

export const tryModule: Module = {
  name: "try",
  methods: { echo, takeMuch, whoami, whereFrom, operate, signIn, signOut, fail, wait },
  subscriptions: { watch },
  rest: [
    { verb: "GET", path: "/things/:id", method: "try.echo" },
    { verb: "PUT", path: "/things/:id", method: "try.echo" },
    { verb: "POST", path: "/things", method: "try.echo", status: 201 },
    {
      verb: "GET",
      path: "/things/:id/renamed",
      method: "try.echo",
      input: ({ params, query }) => ({ id: integer(params["id"]), note: query["remark"] }),
      query: z.strictObject({ remark: z.string().optional() }),
    },
    { verb: "DELETE", path: "/sign-in", method: "try.signOut", status: 204 },
    { verb: "GET", path: "/me", method: "try.whoami" },
    { verb: "PUT", path: "/much/:id", method: "try.takeMuch" },
  ],
};
