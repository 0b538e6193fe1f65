import { z } from "zod";
import type { EventLog } from "../../src/core/event-log.ts";
import { defineMethod } from "../../src/core/method.ts";
import type { Module } from "../../src/core/module.ts";
import { Empty, type ModuleWire } from "../../src/core/schema.ts";
import { defineSubscription } from "../../src/core/subscription.ts";

/**
 * A board that people write on and others watch, for tests of what happens between them. Its only
 * table is the event log: the state of a board is the sum of its events.
 */

const Board = z.string().min(1).max(60);
const NOTES_MAX = 100_000;

const boardTopic = (board: string) => `board/${board}`;

export const boardWire = {
  methods: {
    "board.post": {
      input: z.strictObject({ board: Board, note: z.string().max(100_000) }),
      output: z.strictObject({ note: z.string(), id: z.string() }),
    },
    "board.postMany": {
      input: z.strictObject({ board: Board, notes: z.array(z.string()).max(100) }),
      output: Empty,
    },
  },
  subscriptions: {
    "board.watch": {
      input: z.strictObject({ board: Board }),
      state: z.strictObject({ notes: z.array(z.string()) }),
      events: { "board.posted": z.strictObject({ note: z.string() }) },
    },
  },
} satisfies ModuleWire;

export interface BoardParts {
  readonly eventLog: EventLog;
  /** Something that happens after a snapshot was read and before it is answered. */
  readonly duringSnapshot?: ((topic: string) => void) | undefined;
}

export function createBoardModule({ eventLog, duringSnapshot }: BoardParts): Module {
  const post = defineMethod({
    name: "board.post",
    summary: "Writes a note on a board.",
    access: "anyone",
    ...boardWire.methods["board.post"],
    errors: [],
    transaction: "write",
    handle: async ({ input: { board, note }, events, ids }) => {
      events.emit(boardTopic(board), "board.posted", { note });
      return { note, id: ids.uuid() };
    },
  });
  const postMany = defineMethod({
    name: "board.postMany",
    summary: "Writes several notes at once.",
    access: "anyone",
    ...boardWire.methods["board.postMany"],
    errors: [],
    transaction: "write",
    handle: async ({ input: { board, notes }, events }) => {
      for (const note of notes) events.emit(boardTopic(board), "board.posted", { note });
      return {};
    },
  });
  const watch = defineSubscription({
    name: "board.watch",
    summary: "The notes of a board, and every further one.",
    access: "anyone",
    ...boardWire.subscriptions["board.watch"],
    errors: [],
    topic: ({ input }) => boardTopic(input.board),
    snapshot: async ({ input, tx }) => {
      const topic = boardTopic(input.board);
      const events = await eventLog.range(tx, topic, 0, NOTES_MAX);
      duringSnapshot?.(topic);
      return { notes: events.map(({ data }) => (data as { note: string }).note) };
    },
  });
  return {
    name: "board",
    methods: { post, postMany },
    subscriptions: { watch },
    rest: [],
  };
}
