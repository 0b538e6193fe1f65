import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  answered,
  CLIENTS,
  dialOfficial,
  dialRaw,
  type RawClient,
} from "../../../test/support/phoenix-client.ts";
import { type SocketHarness, startSocket } from "../../../test/support/socket-harness.ts";
import { waitFor } from "../../../test/support/wait-for.ts";
import type { MemoryExchange } from "../../adapters/bus/memory.ts";
import type { Person } from "../../core/actor.ts";
import type { PresenceDiff, PresenceState } from "../../core/presence.ts";

const LOBBY = "lobby:all";
const exchange: MemoryExchange = new Set();
const sessions = new Map<string, Person>();
let one: SocketHarness;
let two: SocketHarness;
before(async () => {
  one = await startSocket({ exchange, sessions });
  two = await startSocket({ exchange, sessions });
});
after(async () => {
  await one[Symbol.asyncDispose]();
  await two[Symbol.asyncDispose]();
});

async function enter(service: SocketHarness, as = service.signIn()) {
  const client = await dialRaw(service, as.token);
  return { client, id: as.person.accountId, as };
}

/** Who is in the lobby, as this client was told. */
function present(client: RawClient): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const [, , , event, payload] of client.frames) {
    if (event === "presence_state") for (const key of Object.keys(payload)) keys.add(key);
    if (event !== "presence_diff") continue;
    const { joins, leaves } = payload as unknown as PresenceDiff;
    for (const key of Object.keys(leaves)) keys.delete(key);
    for (const key of Object.keys(joins)) keys.add(key);
  }
  return keys;
}

function lastDiff({ frames }: RawClient): PresenceDiff {
  const last = frames.findLast(([, , , event]) => event === "presence_diff");
  assert.ok(last !== undefined);
  return last[4] as unknown as PresenceDiff;
}

const sees = (client: RawClient, id: string) =>
  waitFor(() => present(client).has(id), { what: `${id} is there` });
const misses = (client: RawClient, id: string) =>
  waitFor(() => !present(client).has(id), { what: `${id} is not there` });

test("what is said on one node is pushed on the other, to each his own", async () => {
  const [ada, ben] = [await enter(one), await enter(two)];
  const room = one.harness.ports.ids.uuid();
  for (const { client } of [ada, ben]) await client.join(`room:${room}`, {}, "3");
  const texts = { [ada.id]: "for ada", [ben.id]: "for ben" };
  await ada.client.ask("3", "4", `room:${room}`, "say", { texts });
  await ada.client.ask("3", "5", `room:${room}`, "wave", { note: "hello" });
  const [, , , , said] = await ben.client.next("said");
  assert.equal(said["text"], "for ben");
  await ben.client.next("waved");
  assert.ok(!ben.client.texts.some((text) => text.includes("for ada")));
});

test("presence: a state after the join, then diffs, across nodes", async () => {
  const [ada, ben] = [await enter(one), await enter(two)];
  const replied = await ada.client.join(LOBBY, {}, "3");
  assert.equal(replied[4]["status"], "ok");
  const [joinRef, ref, , , state] = await ada.client.next("presence_state");
  assert.deepEqual([joinRef, ref], ["3", null]);
  assert.equal(state[ada.id], undefined, "the state is from before he is shown");
  await sees(ada.client, ada.id);

  await ben.client.join(LOBBY, {}, "4");
  await sees(ben.client, ada.id);
  await sees(ada.client, ben.id);
  const diff = await ada.client.next("presence_diff");
  assert.deepEqual(diff.slice(0, 3), [null, null, LOBBY], "one frame for all");
  const { joins, leaves } = lastDiff(ada.client);
  assert.deepEqual(leaves, {});
  assert.partialDeepStrictEqual(joins[ben.id], { metas: [{ mood: "here" }] });

  await ben.client.ask("4", "5", LOBBY, "phx_leave", {});
  await misses(ada.client, ben.id);
  const gone = lastDiff(ada.client);
  assert.equal(gone.leaves[ben.id]?.metas[0]?.phx_ref, joins[ben.id]?.metas[0]?.phx_ref);
});

test("each connection is a meta of its own, with a reference of its own", async () => {
  const ada = await enter(one);
  const again = await enter(two, ada.as);
  const watcher = await enter(one);
  for (const { client } of [ada, again]) await client.join(LOBBY);
  const metas = () => {
    const state: PresenceState = one.presence.state(`room/${LOBBY}`);
    return state[ada.id]?.metas ?? [];
  };
  await waitFor(() => metas().length === 2, { what: "both connections are shown" });
  await watcher.client.join(LOBBY);
  const [, , , , state] = await watcher.client.next("presence_state");
  const [first, second] = (state as unknown as PresenceState)[ada.id]?.metas ?? [];
  assert.ok(first && second && first.phx_ref !== second.phx_ref);
  again.client.ws.terminate();
  await waitFor(() => metas().length === 1, { what: "one has gone" });
});

test("who hides is offline for everybody at once, on every node, and comes back likewise", async () => {
  const [ada, ben] = [await enter(one), await enter(two)];
  for (const { client } of [ada, ben]) await client.join(LOBBY, {}, "3");
  await sees(ben.client, ada.id);
  await ada.client.ask("3", "4", LOBBY, "hide", { hidden: true });
  await misses(ben.client, ada.id);
  await misses(ada.client, ada.id);
  // A connection on another node than the one that was asked is hidden as well.
  const elsewhere = await enter(two, ada.as);
  await elsewhere.client.join(LOBBY, {}, "5");
  await ada.client.ask("3", "6", LOBBY, "hide", { hidden: false });
  const shown = () => two.presence.state(`room/${LOBBY}`)[ada.id]?.metas.length === 2;
  await waitFor(shown, { what: "both connections are shown" });
  await sees(ben.client, ada.id);
});

for (const client of CLIENTS) {
  test(`the Presence of the client ${client.version} agrees with the service`, async () => {
    const [ada, ben] = [one.signIn(), two.signIn()];
    using ours = dialOfficial(client, one, { params: { token: ada.token } });
    const channel = ours.channel(LOBBY);
    const presence = new client.Presence(channel);
    await answered(channel.join());
    const names = () => Object.keys(presence.state);
    await waitFor(() => names().includes(ada.person.accountId), { what: "oneself" });
    const theirs = await dialRaw(two, ben.token);
    await theirs.join(LOBBY);
    await waitFor(() => names().includes(ben.person.accountId), { what: "the other" });
    theirs.ws.terminate();
    await waitFor(() => !names().includes(ben.person.accountId), { what: "he has gone" });
    const agrees = () => {
      const keys = Object.keys(one.presence.state(`room/${LOBBY}`));
      return keys.toSorted().join() === names().toSorted().join();
    };
    await waitFor(agrees, { what: "client and service agree" });
  });
}
