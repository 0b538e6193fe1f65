import assert from "node:assert/strict";
import { test } from "node:test";
import { type Mishap, runMishap } from "./wallet/mishaps.ts";

/** So short that no other node takes over meanwhile, and so long that one does. */
const DOWN_MS = [100, 6_000] as const;
/** What can happen to a call of a store, or to a message. */
const LOSSES = [
  "storeLost",
  "commitUnknown",
  "commitLate",
  "storeStalled",
  "netLost",
  "netDouble",
  "netDelay",
  "netSpoilt",
  "clientLost",
] as const;

/** Everything that can go wrong at one event. */
function mishapsAt(event: number, hosts: number): Mishap[] {
  const crashes = Array.from({ length: hosts }, (_, host) =>
    DOWN_MS.map((downMs) => ({ kind: "crash", event, host, downMs }) as const),
  );
  return [...crashes.flat(), ...LOSSES.map((kind) => ({ kind, event }))];
}

/** How many events further it goes wrong the next time: texts add little to what `apart` shows. */
const STEPS = { inside: 1, apart: 1, remote: 4 } as const;

for (const shards of ["inside", "apart", "remote"] as const) {
  test(`one thing goes wrong at any step, and every transfer goes through: ${shards}`, async () => {
    const { events, hosts, statuses } = await runMishap({ shards });
    assert.ok(events > 60, `so few events show little: ${events}`);
    assert.deepEqual(new Set(statuses), new Set(["SUCCESSFUL"]));
    for (let event = 0; event <= events; event += STEPS[shards]) {
      for (const mishap of mishapsAt(event, hosts)) {
        const result = await runMishap({ shards, mishap }).catch((cause: unknown) => {
          throw new Error(`with ${JSON.stringify(mishap)}`, { cause });
        });
        assert.deepEqual(result.statuses, statuses, JSON.stringify(mishap));
      }
    }
  });
}
