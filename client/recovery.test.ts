import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { WebSocket } from "ws";
import type { boardWire } from "../test/support/board-module.ts";
import { createSeededRandom } from "../test/support/seeded-random.ts";
import { startSocket } from "../test/support/socket-harness.ts";
import { createTcpProxy } from "../test/support/tcp-proxy.ts";
import { waitFor } from "../test/support/wait-for.ts";
import { connect } from "./index.ts";

type BoardApi = typeof boardWire;

const CUTS = 100;
const WRITERS = 4;
const PATIENCE_MS = 30_000;

/** The pauses between attempts, fifty times shorter; time limits stay as they are. */
function after(delayMs: number, run: () => void): () => void {
  const timer = setTimeout(run, delayMs < 1_000 ? delayMs / 50 : delayMs);
  return () => clearTimeout(timer);
}

test("over a hundred random cuts nothing is lost, doubled or out of order", async () => {
  await using service = await startSocket();
  await using opened = new AsyncDisposableStack();
  const proxy = await createTcpProxy({ host: "127.0.0.1", port: service.port });
  opened.defer(() => proxy.close());
  const random = createSeededRandom("a hundred cuts");
  const below = (bound: number) => Buffer.from(random.bytes(4)).readUInt32BE() % bound;
  const board = service.harness.ports.ids.uuid();
  const url = `ws://127.0.0.1:${proxy.port}/socket`;
  const dial = (headers: Record<string, string>) => {
    const createSocket = (to: string) => new WebSocket(to, { headers });
    const client = connect<BoardApi>({ url, after, createSocket, timeoutMs: 2 * PATIENCE_MS });
    opened.defer(() => client.close());
    return client;
  };

  const replica: string[] = [];
  const offsets: number[] = [];
  let snapshots = 0;
  const watcher = dial({});
  const watched = watcher.subscribe(
    "board.watch",
    { board },
    {
      onState(state, { offset }) {
        snapshots += 1;
        replica.splice(0, replica.length, ...state.notes);
        offsets.push(offset);
      },
      onEvent(type, data) {
        assert.equal(type, "board.posted");
        replica.push(data.note);
        offsets.push(watched.place?.offset ?? -1);
      },
      onError: (error) => assert.fail(error),
    },
  );

  let isCutting = true;
  const answered: string[] = [];
  const writers = Array.from({ length: WRITERS }, async (_, writer) => {
    const client = dial({ authorization: `Bearer ${service.signIn().token}` });
    for (let at = 0; isCutting; at += 1) {
      const note = `${writer}.${at}`;
      const { note: written } = await client.call("board.post", { board, note });
      assert.equal(written, note);
      answered.push(note);
    }
  });

  for (let cut = 0; cut < CUTS; cut += 1) {
    // Now and then at once, else after a little progress: in the middle of something either way.
    const count = answered.length + below(3);
    const isFarEnough = () => answered.length >= count && proxy.connections() > 0;
    await waitFor(isFarEnough, { what: "some progress", timeoutMs: PATIENCE_MS });
    for (let turns = below(60); turns > 0; turns -= 1) await turn();
    proxy.cut();
  }
  isCutting = false;
  await Promise.all(writers);
  const isComplete = () => replica.length >= answered.length;
  await waitFor(isComplete, { what: "the replica has everything", timeoutMs: PATIENCE_MS });

  assert.ok(answered.length >= CUTS / 2, `${answered.length} notes were written`);
  assert.deepEqual([...replica].sort(), [...answered].sort(), "each note once");
  for (let writer = 0; writer < WRITERS; writer += 1) {
    const own = replica.filter((note) => note.startsWith(`${writer}.`));
    assert.deepEqual(
      own,
      own.map((_, at) => `${writer}.${at}`),
      "in order",
    );
  }
  assert.equal(snapshots, 1, "everything missed was recovered");
  assert.deepEqual(
    offsets,
    offsets.map((_, at) => at + (offsets[0] ?? 0)),
    "gapless",
  );
});

test("a client falls back to a snapshot when too much was missed", async () => {
  await using service = await startSocket();
  await using opened = new AsyncDisposableStack();
  const proxy = await createTcpProxy({ host: "127.0.0.1", port: service.port });
  opened.defer(() => proxy.close());
  const board = service.harness.ports.ids.uuid();
  const url = `ws://127.0.0.1:${proxy.port}/socket`;
  const client = connect<BoardApi>({ url, after, createSocket: (to) => new WebSocket(to) });
  opened.defer(() => client.close());
  const states: number[] = [];
  const notes: string[] = [];
  client.subscribe(
    "board.watch",
    { board },
    {
      onState: (state) => void states.push(state.notes.length),
      onEvent: (_type, { note }) => void notes.push(note),
      onError: (error) => assert.fail(error),
    },
  );
  await waitFor(() => states.length === 1, { what: "the first state" });
  proxy.down();
  for (let at = 0; at < 11; at += 1) {
    await service.post(board, ...Array.from({ length: 100 }, (_, note) => `${at}.${note}`));
  }
  proxy.up();
  await waitFor(() => states.length === 2, { what: "a fresh state", timeoutMs: PATIENCE_MS });
  await service.post(board, "after");
  await waitFor(() => notes.length > 0, { what: "the push after it" });
  assert.deepEqual(states, [0, 1_100]);
  assert.deepEqual(notes, ["after"]);
});
