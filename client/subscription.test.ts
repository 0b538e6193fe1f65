import assert from "node:assert/strict";
import { test } from "node:test";
import { createFakeWorld, type FakeWorld, type SentFrame } from "../test/support/fake-service.ts";
import { connect } from "./client.ts";

const SCREENING = { screeningId: "s" };

/** A client with one subscription, and what it told the application. */
function start(world: FakeWorld = createFakeWorld()) {
  const client = connect({ url: "ws://service/socket", ...world.environment });
  const told: unknown[] = [];
  const subscription = client.subscribe("cinema.watch", SCREENING, {
    onState: (state, { offset }) => void told.push(["state", state, offset]),
    onEvent: (type, data) => void told.push([type, data, subscription.place?.offset]),
    onError: ({ code }) => void told.push(["error", code]),
  });
  return { world, client, told, subscription };
}

/** The newest subscribe request. */
function latest(world: FakeWorld): SentFrame {
  const sent = world.socket.sent.findLast(({ type }) => type === "cinema.watch");
  assert.ok(sent !== undefined, "nothing was subscribed to");
  return sent;
}

function snapshot(offset: number, state: object = { at: offset }) {
  return { epoch: "e", offset, recovered: false, state };
}

const change = (offset: number) => ({ offset, n: offset });

test("a snapshot, then pushes without their offset among the data", () => {
  const { world, told } = start();
  world.socket.open();
  assert.deepEqual(latest(world).data, SCREENING);
  world.socket.answer(latest(world), snapshot(3));
  world.socket.push(latest(world), "cinema.seats", change(4));
  assert.deepEqual(told, [
    ["state", { at: 3 }, 3],
    ["cinema.seats", { n: 4 }, 4],
  ]);
});

test("after a lost connection the place is sent along, and what was missed is handed on", () => {
  const { world, told } = start();
  world.socket.open();
  const [first] = [latest(world)];
  world.socket.answer(first, snapshot(3));
  world.socket.push(first, "cinema.seats", change(4));
  told.length = 0;
  world.socket.end();
  world.clock.advance(1_000);
  world.socket.open();
  assert.deepEqual(latest(world).data, { ...SCREENING, epoch: "e", offset: 4 });
  assert.notEqual(latest(world).eid, first.eid);
  const missed = [5, 6].map((offset) => ({ type: "cinema.seats", data: change(offset) }));
  world.socket.answer(latest(world), { epoch: "e", offset: 6, recovered: true, missed });
  world.socket.push(latest(world), "cinema.seats", change(6));
  world.socket.push(latest(world), "cinema.seats", change(7));
  assert.deepEqual(
    told,
    [5, 6, 7].map((offset) => ["cinema.seats", { n: offset }, offset]),
  );
});

test("when it cannot be had in full there is a new state instead", () => {
  const { world, told } = start();
  world.socket.open();
  world.socket.answer(latest(world), snapshot(3));
  world.socket.end();
  world.clock.advance(1_000);
  world.socket.open();
  world.socket.answer(latest(world), { ...snapshot(1), epoch: "f" });
  world.socket.push(latest(world), "cinema.seats", change(2));
  assert.deepEqual(told.slice(1), [
    ["state", { at: 1 }, 1],
    ["cinema.seats", { n: 2 }, 2],
  ]);
});

test("a subscription that the service lost begins anew", () => {
  const { world, told } = start();
  world.socket.open();
  world.socket.answer(latest(world), snapshot(3));
  const lost = latest(world);
  world.socket.answer(lost, { message: "Lost.", retryAfterMs: 0 }, "SUBSCRIPTION_LOST");
  world.clock.advance(1_000);
  assert.notEqual(latest(world).eid, lost.eid);
  assert.deepEqual(latest(world).data, SCREENING);
  world.socket.push(lost, "cinema.seats", change(4));
  assert.equal(told.length, 1, "what comes for the old one is nobody's");
});

test("a refusal that may pass is tried again when the service says, others are told", () => {
  const { world, told } = start();
  world.socket.open();
  const refuse = (code: string, retryAfterMs?: number) =>
    world.socket.answer(latest(world), { message: "No.", retryAfterMs }, code);
  const first = latest(world);
  refuse("UNAVAILABLE", 5_000);
  world.clock.advance(4_999);
  assert.equal(latest(world).eid, first.eid);
  world.clock.advance(1);
  assert.notEqual(latest(world).eid, first.eid);
  assert.deepEqual(told, []);

  refuse("UNAUTHENTICATED");
  assert.deepEqual(told, [["error", "UNAUTHENTICATED"]]);
  const count = world.socket.sent.length;
  world.clock.advance(20_000);
  assert.equal(world.socket.sent.length, count);
});

test("a refused subscription is asked for again by whoever reconnects, from a snapshot", () => {
  const { world, client, told } = start();
  world.socket.open();
  world.socket.answer(latest(world), snapshot(3));
  client.reconnect();
  assert.equal(world.sockets[0]?.isClosed, true);
  world.socket.open();
  assert.deepEqual(latest(world).data, SCREENING);
  world.socket.answer(latest(world), { message: "No." }, "FORBIDDEN");
  client.reconnect();
  world.socket.open();
  world.socket.answer(latest(world), snapshot(5));
  assert.deepEqual(told, [
    ["state", { at: 3 }, 3],
    ["error", "FORBIDDEN"],
    ["state", { at: 5 }, 5],
  ]);
});

test("when the sign-in has ended, what follows begins with a snapshot", () => {
  const { world } = start();
  world.socket.open();
  world.socket.answer(latest(world), snapshot(3));
  world.socket.end({ code: 3001, reason: "signed out" });
  world.clock.advance(1_000);
  world.socket.open();
  assert.deepEqual(latest(world).data, SCREENING);
});

test("an answer that never comes is asked for again, and the unanswered request is ended", () => {
  const { world } = start();
  world.socket.open();
  const first = latest(world);
  world.clock.advance(15_000);
  assert.deepEqual(
    world.socket.sent.filter(({ type }) => type === "cinema.unwatch").map(({ eid }) => eid),
    [first.eid],
  );
  world.clock.advance(1_000);
  assert.notEqual(latest(world).eid, first.eid);
});

test("a closed subscription ends at the service and tells nothing any more", () => {
  const { world, told, subscription } = start();
  world.socket.open();
  world.socket.answer(latest(world), snapshot(3));
  subscription.close();
  subscription.close();
  const ends = world.socket.sent.filter(({ type }) => type === "cinema.unwatch");
  assert.deepEqual(
    ends.map(({ eid, data }) => [eid, data]),
    [[latest(world).eid, {}]],
  );
  world.socket.push(latest(world), "cinema.seats", change(4));
  assert.equal(told.length, 1);
  world.socket.end();
  world.clock.advance(1_000);
  world.socket.open();
  assert.deepEqual(world.socket.sent, []);
});

test("a subscription closed while it opens ends as well", () => {
  const { world, told, subscription } = start();
  world.socket.open();
  const sent = latest(world);
  subscription.close();
  assert.equal(world.socket.sent.at(-1)?.type, "cinema.unwatch");
  world.socket.answer(sent, snapshot(3));
  assert.deepEqual(told, []);
});
