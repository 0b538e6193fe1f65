import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import type { z } from "zod";
import { type HttpHarness, startHttp, tokenOf } from "../test/support/http-harness.ts";
import { tryModule } from "../test/support/try-module.ts";
import { CallError, callHttp } from "./index.ts";

/** Any method, unchecked: the types are proved in `api.test.ts`. */
type TryApi = {
  methods: Record<`try.${string}`, { input: z.ZodObject; output: z.ZodType }>;
  subscriptions: Record<string, never>;
};

let service: HttpHarness;
before(async () => {
  service = await startHttp({ modules: [tryModule] });
});
after(() => service[Symbol.asyncDispose]());

const call = (name: `try.${string}`, input: object, options = {}) =>
  callHttp<`try.${string}`, TryApi>(service.url, name, { ...input }, options);

const failure = async (promise: Promise<unknown>): Promise<CallError> => {
  const error = await promise.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  assert.ok(error instanceof CallError);
  return error;
};

test("a method is called over HTTP, signed in by a bearer token", async () => {
  assert.deepEqual(await call("try.echo", { id: 7, note: "ключ" }), { id: 7, note: "ключ" });
  const person = {
    kind: "person",
    accountId: "a",
    sessionId: "s",
    operator: false,
    signedInAtMs: 0,
  } as const;
  const answer = await call("try.whoami", {}, { bearer: tokenOf(person) });
  assert.equal((answer as { accountId: string }).accountId, "a");
});

test("an error over HTTP is the same error as over the socket", async () => {
  const error = await failure(call("try.fail", { kind: "unavailable", retryAfterMs: 1_500 }));
  assert.equal(error.code, "TRY_UNAVAILABLE");
  assert.equal(error.message, "This is what unavailable looks like.");
  assert.deepEqual(error.data, { seatIds: ["A1"] });
  assert.equal(error.retryAfterMs, 1_500);
  assert.match(error.requestId ?? "", /^[0-9a-f-]{36}$/);
  assert.equal((await failure(call("try.nothing", {}))).code, "METHOD_NOT_FOUND");
});

test("no service, or something else in its place, counts as disconnected", async () => {
  const nobody = callHttp<"try.echo", TryApi>("http://127.0.0.1:1", "try.echo", {});
  assert.equal((await failure(nobody)).code, "DISCONNECTED");
  const other = createServer((_request, response) => response.writeHead(502).end("<html>"));
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as AddressInfo;
  const page = callHttp<"try.echo", TryApi>(`http://127.0.0.1:${port}`, "try.echo", {});
  assert.equal((await failure(page)).code, "DISCONNECTED");
  other.closeAllConnections();
  other.close();
});

test("a call gives up after its time, and when its signal aborts", async () => {
  const late = call("try.wait", {}, { timeoutMs: 20 });
  assert.equal((await failure(late)).code, "TIMEOUT");
  const reason = new Error("changed my mind");
  const aborted = call("try.wait", {}, { signal: AbortSignal.abort(reason) });
  assert.equal(await aborted.catch((error: unknown) => error), reason);
});
