import assert from "node:assert/strict";
import { test } from "node:test";
import { send } from "../../../test/support/http-client.ts";
import { startHttp } from "../../../test/support/http-harness.ts";
import { createManualClock } from "../../../test/support/manual-clock.ts";
import { tryModule } from "../../../test/support/try-module.ts";
import { waitFor } from "../../../test/support/wait-for.ts";
import type { Readiness } from "./index.ts";

const modules = [tryModule];

test("/health answers whatever the rest does", async () => {
  const readiness = async () => {
    throw new Error("everything is away");
  };
  await using http = await startHttp({ modules, parts: { readiness } });
  const answer = await send(`${http.url}/health`);
  assert.deepEqual([answer.status, answer.json()], [200, { status: "alive" }]);
});

test("/ready says which part is away, and how to come back", async () => {
  const checks: Record<string, Readiness> = {
    database: { ok: true, engine: "pglite" },
    disk: { ok: true },
  };
  await using http = await startHttp({ modules, parts: { readiness: async () => checks } });
  const ready = await send(`${http.url}/ready`);
  assert.deepEqual([ready.status, ready.json()], [200, { status: "ready", checks }]);
  checks["disk"] = { ok: false, freeBytes: 0 };
  const unready = await send(`${http.url}/ready`);
  assert.deepEqual([unready.status, unready.json()], [503, { status: "unready", checks }]);
  assert.equal(unready.headers["retry-after"], "1");
});

test("in production strangers learn no details", async () => {
  const readiness = async () => ({ database: { ok: true, engine: "postgres", host: "db" } });
  const config = { production: true };
  await using http = await startHttp({ modules, config, parts: { readiness } });
  const { checks } = (await send(`${http.url}/ready`)).json() as { checks: object };
  assert.deepEqual(checks, { database: { ok: true } });
});

test("a failure or a silence of the parts is not readiness", async () => {
  const clock = createManualClock(0);
  let answer: () => Promise<Record<string, Readiness>> = () => Promise.reject(new Error("away"));
  const readiness = () => answer();
  await using http = await startHttp({ modules, parts: { readiness, clock } });
  assert.equal((await send(`${http.url}/ready`)).status, 503);
  answer = () => new Promise(() => {});
  const asked = send(`${http.url}/ready`);
  await waitFor(() => clock.pending() > 0, { what: "the parts are being asked" });
  clock.advance(2_000);
  assert.equal((await asked).status, 503);
});

test("however many ask at once whether it is ready, the parts are asked once", async () => {
  const [askers, gate] = [20, Promise.withResolvers<void>()];
  let [asked, arrived] = [0, 0];
  const readiness = async () => {
    asked += 1;
    await gate.promise;
    return { database: { ok: true } };
  };
  await using http = await startHttp({ modules, parts: { readiness } });
  http.server.fastify.server.on("request", () => {
    arrived += 1;
  });
  const answers = Array.from({ length: askers }, () => send(`${http.url}/ready`));
  await waitFor(() => arrived === askers, { what: "all have asked" });
  gate.resolve();
  const statuses = (await Promise.all(answers)).map(({ status }) => status);
  assert.deepEqual(new Set(statuses), new Set([200]));
  assert.equal(asked, 1);
  assert.equal((await send(`${http.url}/ready`)).status, 200);
  assert.equal(asked, 2);
});
