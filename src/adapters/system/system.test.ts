import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { systemClock } from "./clock.ts";
import { systemRandom } from "./random.ts";

test("a timer runs once after its delay, and not when it is cancelled", async () => {
  const startedMs = systemClock.monotonicMs();
  const ran: string[] = [];
  const cancelled = systemClock.after(5, () => ran.push("cancelled"));
  cancelled.cancel();
  const holdsOpen = setInterval(() => {}, 1_000);
  await new Promise<void>((resolve) => {
    systemClock.after(20, () => {
      ran.push("ran");
      resolve();
    });
  });
  clearInterval(holdsOpen);
  assert.deepEqual(ran, ["ran"]);
  // The runtime counts whole milliseconds and may round either of the two down.
  assert.ok(systemClock.monotonicMs() - startedMs >= 18);
});

test("a delay beyond what the runtime can count does not run at once", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let nowMs = 0;
  t.mock.method(performance, "now", () => nowMs);
  const pass = (ms: number) => {
    nowMs += ms;
    t.mock.timers.tick(ms);
  };
  const monthMs = 31 * 86_400_000;
  const legMs = 2 ** 31 - 1;
  let runs = 0;
  systemClock.after(monthMs, () => {
    runs += 1;
  });
  const cancelled = systemClock.after(monthMs, () => {
    runs += 1;
  });
  pass(legMs);
  cancelled.cancel();
  pass(monthMs - legMs - 1);
  assert.equal(runs, 0);
  pass(1);
  assert.equal(runs, 1);
});

test("a pending timer keeps no process alive", () => {
  const source = JSON.stringify(new URL("./clock.ts", import.meta.url).href);
  const script = `
    import { systemClock } from ${source};
    systemClock.after(60_000, () => {});
    systemClock.after(2 ** 40, () => {});`;
  const parameters = ["--input-type=module", "-e", script];
  const { status, signal } = spawnSync(process.execPath, parameters, { timeout: 10_000 });
  assert.deepEqual([status, signal], [0, null]);
});

test("randomness has the asked length and does not repeat", () => {
  assert.equal(systemRandom.bytes(0).length, 0);
  const seen = new Set(
    Array.from({ length: 1_000 }, () => Buffer.from(systemRandom.bytes(16)).toString("hex")),
  );
  assert.equal(seen.size, 1_000);
});
