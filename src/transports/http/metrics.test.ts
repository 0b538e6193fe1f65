import assert from "node:assert/strict";
import { test } from "node:test";
import { post, send } from "../../../test/support/http-client.ts";
import { startHttp } from "../../../test/support/http-harness.ts";
import { tryModule } from "../../../test/support/try-module.ts";
import { listenForMetrics } from "./index.ts";

const modules = [tryModule];

test("calls are counted and timed by name, transport and code", async () => {
  await using http = await startHttp({ modules });
  http.metrics.gauge("stoa_sockets", "Open sockets.", () => 42);
  http.metrics.counter("stoa_pushes_total", "Pushes.", () => 7);
  const ended = () => ({ idle: 2, peer: 3 });
  http.metrics.counters("stoa_sockets_ended_total", "Ended sockets.", "reason", ended);
  await send(`${http.url}/metrics`);
  await post(`${http.url}/api/try.echo`, { id: 1 });
  await post(`${http.url}/api/try.echo`, { id: 1 });
  await post(`${http.url}/api/try.fail`, { kind: "conflict" });
  for (const name of ["x.one", "x.two"]) await post(`${http.url}/api/${name}`, {});
  const { text, headers } = await send(`${http.url}/metrics`);
  assert.match(headers["content-type"] ?? "", /^text\/plain; version=0\.0\.4; charset=utf-8$/);
  const lines = new Set(text.split("\n"));
  for (const line of [
    'stoa_calls_total{name="try.echo",transport="http",code="OK"} 2',
    'stoa_calls_total{name="try.fail",transport="http",code="TRY_CONFLICT"} 1',
    'stoa_calls_total{name="unknown",transport="http",code="METHOD_NOT_FOUND"} 2',
    'stoa_call_duration_seconds_count{name="try.echo",transport="http"} 2',
    "stoa_sockets 42",
    "stoa_pushes_total 7",
    'stoa_sockets_ended_total{reason="idle"} 2',
    'stoa_sockets_ended_total{reason="peer"} 3',
  ]) {
    assert.ok(lines.has(line), line);
  }
  for (const name of [
    "nodejs_eventloop_lag_max_seconds",
    "nodejs_eventloop_lag_p99_seconds",
    "process_resident_memory_bytes",
  ]) {
    assert.match(text, new RegExp(`^${name} `, "m"));
  }
});

test("in production /metrics has an address of its own, and nothing else is there", async () => {
  const config = { production: true, metricsAddress: { host: "127.0.0.1", port: 0 } };
  await using http = await startHttp({ modules, config });
  assert.equal((await send(`${http.url}/metrics`)).status, 404);
  const listener = await listenForMetrics(http.metrics, http.parts.config);
  assert.ok(listener !== undefined);
  const url = `http://127.0.0.1:${listener.port}`;
  try {
    const { status, headers, text } = await send(`${url}/metrics`);
    assert.equal(status, 200);
    assert.match(text, /^stoa_calls_total|^# HELP stoa_calls_total/m);
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal((await send(`${url}/health`)).status, 404);
    assert.equal((await send(`${url}/metrics`, { method: "POST" })).status, 405);
  } finally {
    await listener.close();
  }
});

test("without an address there is no listener", async () => {
  await using http = await startHttp({ modules });
  assert.equal(await listenForMetrics(http.metrics, http.parts.config), undefined);
});
