import assert from "node:assert/strict";
import { test } from "node:test";
import { createRoomModule } from "../../test/support/room-module.ts";
import { createEventLog } from "../adapters/db/index.ts";
import type { Channel } from "./channel.ts";
import { Registry } from "./registry.ts";

const room = createRoomModule({ eventLog: createEventLog() });
const listening = { topic: "room:room", subscription: "room.listen" };

function registered(...channels: Channel[]): Registry {
  return new Registry([{ ...room, channels }]);
}

test("a table of channels that fits its operations is taken", () => {
  const registry = new Registry([room]);
  const topics = [...registry.channels()].map(({ channel }) => channel.topic);
  assert.deepEqual(topics, ["room:room", "lobby:all"]);
});

test("a table that contradicts its operations is refused, with what is wrong", () => {
  const refused: ReadonlyArray<readonly [Channel, RegExp]> = [
    [{ ...listening, topic: "room" }, /not of the form/],
    [{ ...listening, topic: "room:" }, /not of the form/],
    [{ ...listening, subscription: "room.nothing" }, /no subscription room\.nothing/],
    [{ ...listening, topic: "room:place_of_it" }, /does not do without/],
    [{ ...listening, requests: { say: "room.nothing" } }, /say leads to no method/],
    [{ ...listening, requests: { phx_join: "room.say" } }, /No request is named phx_join/],
    [{ ...listening, requests: { "two words": "room.say" } }, /No request is named/],
    [{ ...listening, requests: { draw: { method: "room.say", bytesIn: "no" } } }, /takes no bytes/],
    [
      {
        ...listening,
        requests: { draw: { method: "room.draw", bytesIn: "bytes", bytesOut: "no" } },
      },
      /answers no bytes/,
    ],
    [{ ...listening, pushes: { "board.posted": "posted" } }, /does not tell board\.posted/],
    [{ ...listening, pushes: { "room.said": "presence_diff" } }, /No push is named/],
    [{ ...listening, pushes: { "room.said": { event: "said", bytes: "no" } } }, /has no bytes/],
  ];
  for (const [channel, why] of refused) assert.throws(() => registered(channel), why);
  assert.throws(() => registered(listening, listening), /is there twice/);
});
