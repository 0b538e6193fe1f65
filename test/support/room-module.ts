import { z } from "zod";
import type { Channel } from "../../src/core/channel.ts";
import { defineError } from "../../src/core/errors.ts";
import type { EventLog } from "../../src/core/event-log.ts";
import { defineMethod } from "../../src/core/method.ts";
import type { Module } from "../../src/core/module.ts";
import { Empty, type ModuleWire } from "../../src/core/schema.ts";
import { defineSubscription } from "../../src/core/subscription.ts";

/**
 * A room in which everybody is told something of his own, for tests of what only some may hear:
 * what events enclose, what is told and not recorded, and subscriptions that an event ends. What
 * was said is kept in memory, who is inside follows from the event log.
 */

const Room = z.string().min(1).max(60);
const EVENTS_MAX = 10_000;
const roomTopic = (room: string) => `room/${room}`;

const HIDING_TOPIC = "room.hiding";
/** Who does not want to be seen; the same for all nodes of a test. */
const hidden = new Set<string>();

const notInside = defineError({
  code: "NOT_INSIDE",
  kind: "not_found",
  message: "There is no such room for you.",
});

const roomWire = {
  methods: {
    "room.say": {
      input: z.strictObject({ room: Room, texts: z.record(z.string(), z.string().max(100_000)) }),
      output: z.strictObject({ id: z.string() }),
    },
    "room.leave": { input: z.strictObject({ room: Room }), output: Empty },
    "room.wave": {
      input: z.strictObject({ room: Room, note: z.string().max(200) }),
      output: Empty,
    },
    "room.draw": {
      input: z.strictObject({ room: Room, bytes: z.base64().max(1_400_000) }),
      output: z.strictObject({ bytes: z.base64() }),
    },
    "room.hide": { input: z.strictObject({ hidden: z.boolean() }), output: Empty },
    "room.fail": { input: z.strictObject({ room: Room }), output: Empty },
  },
  subscriptions: {
    "room.listen": {
      input: z.strictObject({ room: Room }),
      state: z.strictObject({ said: z.int() }),
      events: {
        "room.said": z.strictObject({ id: z.string(), text: z.string().optional() }),
        "room.left": z.strictObject({ account_id: z.string() }),
      },
      signals: {
        "room.waved": z.strictObject({ account_id: z.string(), note: z.string() }),
        "room.drawn": z.strictObject({ bytes: z.base64() }),
      },
    },
    "room.lobby": {
      input: z.strictObject({ last_seen: z.int().min(0).optional() }),
      state: z.strictObject({ last_seen: z.int().nullable() }),
      events: {},
    },
  },
} satisfies ModuleWire;

const { methods, subscriptions } = roomWire;

type Kept = Map<string, Readonly<Record<string, { readonly text: string }>>>;

export function createRoomModule({ eventLog }: { readonly eventLog: EventLog }): Module {
  const kept: Kept = new Map();
  return {
    name: "room",
    methods: { ...speaking(kept), ...acting() },
    subscriptions: subscriptionsOf(eventLog, kept),
    rest: [],
    internalEvents: { "room.hidden": z.strictObject({ account_id: z.string() }) },
    channels: CHANNELS,
  };
}

function speaking(kept: Kept) {
  const say = defineMethod({
    name: "room.say",
    summary: "Tells everybody something of his own.",
    access: "person",
    ...methods["room.say"],
    errors: [],
    transaction: "write",
    async handle({ input: { room, texts }, events, ids }) {
      const id = ids.uuid();
      const entries = Object.entries(texts).map(([account, text]) => [account, { text }] as const);
      const enclosed = Object.fromEntries(entries);
      kept.set(id, enclosed);
      events.emit(roomTopic(room), "room.said", { id }, enclosed);
      return { id };
    },
  });
  const leave = defineMethod({
    name: "room.leave",
    summary: "Leaves, for good.",
    access: "person",
    ...methods["room.leave"],
    errors: [],
    transaction: "write",
    async handle({ input: { room }, events, actor }) {
      events.emit(roomTopic(room), "room.left", { account_id: actor.accountId });
      return {};
    },
  });
  return { say, leave };
}

function acting() {
  const wave = defineMethod({
    name: "room.wave",
    summary: "Waves to those who are there.",
    access: "person",
    ...methods["room.wave"],
    errors: [],
    transaction: "none",
    async handle({ input: { room, note }, events, actor }) {
      events.signal(roomTopic(room), "room.waved", { account_id: actor.accountId, note });
      return {};
    },
  });
  const draw = defineMethod({
    name: "room.draw",
    summary: "Shows a picture to those who are there, and gets it back.",
    access: "person",
    ...methods["room.draw"],
    errors: [],
    inputBytesMax: 2_000_000,
    transaction: "none",
    async handle({ input: { room, bytes }, events }) {
      events.signal(roomTopic(room), "room.drawn", { bytes });
      return { bytes };
    },
  });
  const hide = defineMethod({
    name: "room.hide",
    summary: "Is not seen in the lobby, or is seen there again.",
    access: "person",
    ...methods["room.hide"],
    errors: [],
    transaction: "write",
    async handle({ input, events, actor }) {
      if (input.hidden) hidden.add(actor.accountId);
      else hidden.delete(actor.accountId);
      events.emit(HIDING_TOPIC, "room.hidden", { account_id: actor.accountId });
      return {};
    },
  });
  const fail = defineMethod({
    name: "room.fail",
    summary: "Fails as nobody expects.",
    access: "person",
    ...methods["room.fail"],
    errors: [],
    transaction: "none",
    async handle() {
      throw new Error("It falls down.");
    },
  });
  return { wave, draw, hide, fail };
}

function subscriptionsOf(eventLog: EventLog, kept: Kept) {
  const listen = defineSubscription({
    name: "room.listen",
    summary: "What is said in a room, to oneself.",
    access: "person",
    ...subscriptions["room.listen"],
    errors: [notInside],
    topic: ({ input }) => roomTopic(input.room),
    async admit({ input, actor, tx }) {
      const events = await eventLog.range(tx, roomTopic(input.room), 0, EVENTS_MAX);
      const hasLeft = events.some(
        ({ type, data }) =>
          type === "room.left" && (data as { account_id: string }).account_id === actor.accountId,
      );
      if (hasLeft) throw notInside();
    },
    async snapshot({ input, tx }) {
      return { said: (await eventLog.range(tx, roomTopic(input.room), 0, EVENTS_MAX)).length };
    },
    enclose: async (_tx, events) =>
      events.map(({ data }) => kept.get((data as { id?: string }).id ?? "") ?? {}),
    ends: ({ type, data }, accountId) =>
      type === "room.left" && (data as { account_id: string }).account_id === accountId,
  });
  const lobby = defineSubscription({
    name: "room.lobby",
    summary: "Who is there at all.",
    access: "person",
    ...subscriptions["room.lobby"],
    errors: [],
    topic: () => "room.lobby",
    snapshot: async ({ input }) => ({ last_seen: input.last_seen ?? null }),
  });
  return { listen, lobby };
}

const CHANNELS: readonly Channel[] = [
  {
    topic: "room:room",
    subscription: "room.listen",
    requests: {
      say: "room.say",
      leave: "room.leave",
      wave: "room.wave",
      draw: { method: "room.draw", bytesIn: "bytes", bytesOut: "bytes" },
      fail: "room.fail",
    },
    pushes: {
      "room.said": "said",
      "room.left": "left",
      "room.waved": "waved",
      "room.drawn": { event: "drawn", bytes: "bytes" },
    },
  },
  {
    topic: "lobby:all",
    subscription: "room.lobby",
    requests: { hide: "room.hide" },
    presence: {
      show: async ({ accountId }) => (hidden.has(accountId) ? null : { mood: "here" }),
      changes: ({ type, data }) =>
        type === "room.hidden" ? (data as { account_id: string }).account_id : undefined,
    },
  },
];
