import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { post, send } from "../../../test/support/http-client.ts";
import { type HttpHarness, startHttp } from "../../../test/support/http-harness.ts";
import { waitFor } from "../../../test/support/wait-for.ts";
import { CALLS_RUNNING_MAX, CALLS_WAITING_MAX, INPUT_BYTES_MAX } from "../../core/limits.ts";
import { defineMethod } from "../../core/method.ts";
import type { Module } from "../../core/module.ts";
import { Empty } from "../../core/schema.ts";

/** A module whose one method ends when the test says so. */
function waitingModule(until: Promise<void>): Module {
  const wait = defineMethod({
    name: "slow.wait",
    summary: "Waits.",
    access: "anyone",
    input: Empty,
    output: z.strictObject({}),
    errors: [],
    transaction: "none",
    async handle() {
      await until;
      return {};
    },
  });
  return { name: "slow", methods: { wait }, subscriptions: {}, rest: [] };
}

/** Takes every place there is, and every place in the line. */
function fill({ harness }: HttpHarness): Promise<unknown> {
  const calls = Array.from({ length: CALLS_RUNNING_MAX + CALLS_WAITING_MAX }, (_, at) =>
    harness.dispatch.call({
      name: "slow.wait",
      input: {},
      inputBytes: 2,
      caller: {
        transport: "process",
        address: `2001:db8:0:${at.toString(16)}::1`,
        userAgent: "test",
        credentials: {},
      },
      requestId: `slow-${at}`,
    }),
  );
  return Promise.allSettled(calls);
}

test("where there is no place a request is refused before it is read", async () => {
  const over = Promise.withResolvers<void>();
  await using http = await startHttp({ modules: [waitingModule(over.promise)] });
  const filled = fill(http);
  const url = `${http.url}/api/slow.wait`;
  const headers = { "content-type": "application/json" };
  const refused = await send(url, { method: "POST", headers, body: "this is no JSON" });
  assert.equal(refused.status, 503);
  assert.equal(refused.headers["retry-after"], "1");
  assert.match(refused.headers["content-type"] ?? "", /^application\/problem\+json/);
  const { code, requestId } = refused.json() as { code: string; requestId: string };
  assert.equal(code, "UNAVAILABLE");
  assert.equal(requestId, refused.headers["x-request-id"]);
  const counted = 'stoa_calls_total{name="slow.wait",transport="http",code="UNAVAILABLE"} 1';
  assert.ok((await http.metrics.text()).split("\n").includes(counted));
  assert.equal((await send(`${http.url}/health`)).status, 200, "who asks for that needs no place");

  const many = await Promise.all(Array.from({ length: 200 }, () => post(url, {})));
  assert.deepEqual([...new Set(many.map(({ status }) => status))], [503]);

  const large = Buffer.alloc(INPUT_BYTES_MAX + 1, " ");
  const tooLarge = await send(url, { method: "POST", headers, body: large });
  assert.equal(tooLarge.status, 413, "what is too large is not read to the end to say so");

  over.resolve();
  await filled;
  await waitFor(async () => (await post(url, {})).status === 200, {
    what: "there is a place again",
    timeoutMs: 5_000,
  });
});
