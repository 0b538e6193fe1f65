import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createManualClock } from "../../test/support/manual-clock.ts";
import { createLog } from "../adapters/log/pino.ts";
import type { Bus } from "./bus.ts";
import {
  PRESENCE_BEAT_MS,
  PRESENCE_SILENCE_MS,
  PRESENCE_WINDOW_MS,
  Presence,
  type PresenceDiff,
  type PresenceState,
  type Tracked,
} from "./presence.ts";

const TOPIC = "room/lobby:all";

type Deliver = (message: string) => void;

/** Nodes on a bus whose messages arrive when and as the test says. */
function setUp(count: number) {
  const clock = createManualClock(1_700_000_000_000);
  const log = createLog({ level: "silent" });
  const subscribers: Deliver[] = [];
  let waiting: { readonly to: number; readonly message: string }[] = [];
  const cutOff = new Set<number>();
  const bus = (own: number): Bus => ({
    publish(_channel, message) {
      if (cutOff.has(own)) return;
      for (const to of subscribers.keys()) {
        if (!cutOff.has(to)) waiting.push({ to, message });
      }
    },
    subscribe: (_channel, deliver) => void subscribers.push(deliver),
    connected: () => true,
    close: async () => {},
  });
  const addNode = () => {
    const own = nodes.length;
    const nodeId = `00000000-0000-7000-8000-${String(own).padStart(12, "0")}`;
    const presence = new Presence({ nodeId, bus: bus(own), clock, log });
    const diffs: PresenceDiff[] = [];
    presence.watch(TOPIC, (diff) => diffs.push(diff));
    nodes.push({ presence, diffs });
  };
  const nodes: { readonly presence: Presence; readonly diffs: PresenceDiff[] }[] = [];
  for (let own = 0; own < count; own += 1) addNode();
  /** Delivers what waits, in this order, leaving out or doubling as `fate` says. */
  const deliver = (fate: (message: string) => number = () => 1) => {
    const now = waiting;
    waiting = [];
    for (const { to, message } of now) {
      for (let times = fate(message); times > 0; times -= 1) subscribers[to]?.(message);
    }
  };
  /** Everything that is on its way arrives, and what that causes. */
  const settle = () => {
    for (let turn = 0; turn < 4; turn += 1) {
      deliver();
      clock.advance(PRESENCE_WINDOW_MS);
    }
    deliver();
  };
  const reorder = (order: (messages: number) => readonly number[]) => {
    waiting = order(waiting.length).flatMap((at) => waiting[at] ?? []);
  };
  const inject = (message: string) => {
    for (const deliverTo of subscribers) deliverTo(message);
  };
  return { clock, nodes, addNode, deliver, settle, reorder, cutOff, inject };
}

const at = <T>(list: readonly T[], index: number): T => {
  const item = list[index];
  assert.ok(item !== undefined);
  return item;
};

/** What somebody knows who was told all diffs, as Phoenix's client keeps it. */
function told(diffs: readonly PresenceDiff[]): string[] {
  const refs = new Set<string>();
  for (const { joins, leaves } of diffs) {
    for (const ref of refsOf(leaves)) assert.ok(refs.delete(ref), "what leaves was there");
    for (const ref of refsOf(joins)) {
      assert.ok(!refs.has(ref), "what joins was not there");
      refs.add(ref);
    }
  }
  return [...refs].toSorted();
}

function refsOf(state: PresenceState): string[] {
  return Object.values(state).flatMap(({ metas }) => metas.map(({ phx_ref }) => phx_ref));
}

test("who is tracked on one node is there on all, until he ends", () => {
  const { nodes, settle } = setUp(2);
  const [one, two] = [at(nodes, 0), at(nodes, 1)];
  const ada = one.presence.track(TOPIC, "ada", { mood: "here" });
  settle();
  const { metas } = at(Object.values(two.presence.state(TOPIC)), 0);
  assert.partialDeepStrictEqual(metas, [{ mood: "here" }]);
  assert.deepEqual(two.presence.state(TOPIC), one.presence.state(TOPIC));
  assert.equal(two.diffs.length, 1);
  ada.end();
  settle();
  assert.deepEqual(two.presence.state(TOPIC), {});
  assert.deepEqual(Object.keys(at(two.diffs, 1).leaves), ["ada"]);
  assert.deepEqual(two.presence.state("room/other"), {});
});

test("an update is one diff that holds a leave and a join, with a new reference", () => {
  const { nodes, settle } = setUp(2);
  const ada = at(nodes, 0).presence.track(TOPIC, "ada", { mood: "here" });
  settle();
  ada.update({ mood: "away" });
  settle();
  for (const { diffs } of nodes) {
    assert.equal(diffs.length, 2);
    const { joins, leaves } = at(diffs, 1);
    const [before] = leaves["ada"]?.metas ?? [];
    const [now] = joins["ada"]?.metas ?? [];
    assert.partialDeepStrictEqual(now, { mood: "away", phx_ref_prev: before?.phx_ref });
    assert.notEqual(now?.phx_ref, before?.phx_ref);
  }
});

test("who comes and goes within a window is not told of, and the state is never ahead of the diffs", () => {
  const { nodes, settle } = setUp(1);
  const { presence, diffs } = at(nodes, 0);
  presence.track(TOPIC, "ghost", {}).end();
  settle();
  assert.deepEqual(diffs, []);
  const ada = presence.track(TOPIC, "ada", {});
  assert.deepEqual(Object.keys(presence.state(TOPIC)), ["ada"]);
  ada.end();
  settle();
  assert.deepEqual(told(diffs), []);
  assert.equal(diffs.length, 2, "who was shown the state hears of the end");
});

test("a node that begins later is told everything", () => {
  const { nodes, addNode, settle } = setUp(2);
  for (let person = 0; person < 2_500; person += 1) {
    at(nodes, person % 2).presence.track(TOPIC, `${person}`, {});
  }
  settle();
  addNode();
  settle();
  settle();
  assert.equal(Object.keys(at(nodes, 2).presence.state(TOPIC)).length, 2_500);
});

test("a node that dies takes its entries with it in bounded time, one that ends at once", () => {
  const { clock, nodes, settle, cutOff } = setUp(3);
  for (const [index, { presence }] of nodes.entries()) presence.track(TOPIC, `${index}`, {});
  settle();
  at(nodes, 1).presence.close();
  settle();
  const there = () => Object.keys(at(nodes, 0).presence.state(TOPIC));
  assert.deepEqual(there(), ["0", "2"]);
  cutOff.add(2);
  for (let passedMs = 0; passedMs <= PRESENCE_SILENCE_MS; passedMs += PRESENCE_BEAT_MS) {
    clock.advance(PRESENCE_BEAT_MS);
    settle();
  }
  assert.deepEqual(there(), ["0"]);
  cutOff.delete(2);
  clock.advance(PRESENCE_BEAT_MS);
  settle();
  settle();
  assert.deepEqual(there(), ["0", "2"], "it was only held up");
});

test("what is not a message about presence harms nobody", () => {
  const { nodes, settle, inject } = setUp(1);
  at(nodes, 0).presence.track(TOPIC, "ada", {});
  const whole = { part: 0, parts: 2, entries: [] };
  for (const message of ["", "[]", '{"from":"x"}', JSON.stringify({ from: "x", seq: 1, whole })]) {
    inject(message);
  }
  settle();
  assert.equal(Object.keys(at(nodes, 0).presence.state(TOPIC)).length, 1);
});

test("whatever the bus loses, doubles and reorders, all nodes come to agree, and watchers with them", () => {
  const act = fc.record({
    node: fc.nat(2),
    person: fc.nat(5),
    does: fc.constantFrom("track", "update", "end", "wait", "beat"),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
      const { clock, nodes, deliver, settle, reorder } = setUp(3);
      const open: Tracked[][] = nodes.map(() => []);
      for (const { node, person, does, seed } of acts) {
        const own = at(open, node);
        const { presence } = at(nodes, node);
        if (does === "track") own.push(presence.track(TOPIC, `${person}`, { seed }));
        else if (does === "update") own[seed % (own.length || 1)]?.update({ seed });
        else if (does === "end") own.splice(seed % (own.length || 1), 1)[0]?.end();
        else clock.advance(does === "beat" ? PRESENCE_BEAT_MS : PRESENCE_WINDOW_MS);
        reorder((count) => shuffled(count, seed));
        let dice = seed;
        deliver(() => {
          dice = (dice * 1_103_515_245 + 12_345) % 2_147_483_648;
          return dice % 3;
        });
      }
      for (let beat = 0; beat < 3; beat += 1) {
        settle();
        clock.advance(PRESENCE_BEAT_MS);
        settle();
      }
      const expected = open.reduce((sum, own) => sum + own.length, 0);
      for (const { presence, diffs } of nodes) {
        const refs = refsOf(presence.state(TOPIC)).toSorted();
        assert.equal(refs.length, expected);
        assert.deepEqual(told(diffs), refs);
        assert.deepEqual(refs, refsOf(at(nodes, 0).presence.state(TOPIC)).toSorted());
      }
    }),
    { numRuns: 300, seed: 5 },
  );
});

function shuffled(count: number, seed: number): number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  let dice = seed;
  for (let left = count - 1; left > 0; left -= 1) {
    dice = (dice * 1_103_515_245 + 12_345) % 2_147_483_648;
    const other = dice % (left + 1);
    [order[left], order[other]] = [order[other] ?? 0, order[left] ?? 0];
  }
  return order;
}
