import assert from "node:assert/strict";
import { test } from "node:test";
import { CallStats } from "./call-stats.ts";

test("buckets are cumulative, a bound belongs to its bucket, and the longest is in +Inf", () => {
  const stats = new CallStats();
  for (const durationMs of [0.5, 1, 1.5, 50, 50.5, 60_000]) {
    stats.observe({ name: "a.b", transport: "http", code: "OK", durationMs });
  }
  const lines = stats.text().split("\n");
  const bucket = (le: string) =>
    Number(
      lines
        .find(
          (line) =>
            line.startsWith("stoa_call_duration_seconds_bucket") && line.includes(`le="${le}"`),
        )
        ?.split(" ")[1],
    );
  assert.deepEqual(
    ["0.001", "0.0025", "0.05", "0.1", "10", "+Inf"].map(bucket),
    [2, 3, 4, 5, 5, 6],
  );
  const labels = 'name="a.b",transport="http"';
  assert.ok(lines.includes(`stoa_call_duration_seconds_sum{${labels}} 60.1035`));
  assert.ok(lines.includes(`stoa_call_duration_seconds_count{${labels}} 6`));
});

test("operations, transports and codes are counted apart", () => {
  const stats = new CallStats();
  const calls = [
    ["a.b", "http", "OK"],
    ["a.b", "socket", "OK"],
    ["a.b", "http", "TOO_MANY"],
    ["a.c", "http", "OK"],
    ["a.b", "http", "OK"],
  ] as const;
  for (const [name, transport, code] of calls) {
    stats.observe({ name, transport, code, durationMs: 1 });
  }
  const counts = stats
    .text()
    .split("\n")
    .filter((line) => line.startsWith("stoa_calls_total{"));
  assert.deepEqual(counts.sort(), [
    'stoa_calls_total{name="a.b",transport="http",code="OK"} 2',
    'stoa_calls_total{name="a.b",transport="http",code="TOO_MANY"} 1',
    'stoa_calls_total{name="a.b",transport="socket",code="OK"} 1',
    'stoa_calls_total{name="a.c",transport="http",code="OK"} 1',
  ]);
  for (const line of stats.text().trimEnd().split("\n")) {
    assert.match(line, /^(# (HELP|TYPE) \w+ .+|\w+\{[^{}]+\} [\d.e+-]+)$/);
  }
});
