import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  type Frame,
  type SocketHarness,
  startSocket,
  type TestSocket,
} from "../../../test/support/socket-harness.ts";
import { waitFor } from "../../../test/support/wait-for.ts";
import { RECOVERED_EVENTS_MAX } from "../../core/limits.ts";
import { SUBSCRIPTIONS_MAX } from "./limits.ts";

let service: SocketHarness;
before(async () => {
  service = await startSocket();
});
after(() => service[Symbol.asyncDispose]());

const freshBoard = () => service.harness.ports.ids.uuid();
const EID = "0190b5a0-0000-7000-8000-0000000000ff";

function notesOf(client: TestSocket, eid: string): unknown[] {
  return client.pushes(eid).map(({ data }) => data["note"]);
}

async function sees(client: TestSocket, eid: string, ...notes: string[]): Promise<void> {
  const isThere = () => client.pushes(eid).length >= notes.length;
  await waitFor(isThere, { what: `the pushes ${notes.join(", ")}` });
  assert.deepEqual(notesOf(client, eid), notes);
}

test("a subscription answers a snapshot and its place, then pushes what changes, gapless", async () => {
  const board = freshBoard();
  await service.post(board, "a", "b");
  const client = await service.connect();
  const { data, error } = await client.ask("board.watch", { board }, EID);
  assert.equal(error, undefined);
  assert.deepEqual(Object.keys(data), ["epoch", "offset", "recovered", "state"]);
  assert.deepEqual([data["offset"], data["recovered"]], [2, false]);
  assert.deepEqual(data["state"], { notes: ["a", "b"] });

  await service.post(board, "c", "d");
  await sees(client, EID, "c", "d");
  const [push] = client.received.filter((text) => text.includes("board.posted"));
  const { ts } = JSON.parse(push ?? "");
  assert.equal(
    push,
    `{"type":"board.posted","data":{"offset":3,"note":"c"},"eid":"${EID}","ts":${ts}}`,
  );
  assert.ok(Math.abs(ts - Date.now()) < 60_000);
});

test("eids of every shape address their pushes: short, 36 bytes, not ASCII, to be escaped", async () => {
  const board = freshBoard();
  const client = await service.connect();
  const eids = ["", "1", "x".repeat(36), "стул", "座席🎬", 'say "hi"\n\\'];
  for (const eid of eids) await client.ask("board.watch", { board }, eid);
  await service.post(board, "a");
  for (const eid of eids) await sees(client, eid, "a");
});

test("a subscription without an eid, or with one too long for its slot, is refused", async () => {
  const client = await service.connect();
  client.send({ type: "board.watch", data: { board: "b" } });
  const bare = await client.next("the answer", ({ eid }) => eid === null);
  assert.equal(bare.error, "MALFORMED");
  const long = await client.ask("board.watch", { board: "b" }, "x".repeat(37));
  assert.equal(long.error, "MALFORMED");
});

test("an eid serves one subscription at a time", async () => {
  const [board, other] = [freshBoard(), freshBoard()];
  const client = await service.connect();
  client.send({ type: "board.watch", data: { board }, eid: "e", ts: 1 });
  client.send({ type: "board.watch", data: { board: other }, eid: "e", ts: 2 });
  const answered = () => client.frames.length === 2;
  await waitFor(answered, { what: "both answers" });
  assert.equal(client.frames.find(({ ts }) => ts === 2)?.error, "EID_IN_USE");
  await service.post(board, "a");
  await sees(client, "e", "a");
});

test("un- ends a subscription: no push follows its answer, and the eid is free again", async () => {
  const board = freshBoard();
  const client = await service.connect();
  await client.ask("board.watch", { board }, "e");
  await service.post(board, "a");
  await sees(client, "e", "a");
  assert.deepEqual((await client.ask("board.unwatch", {}, "e")).data, {});
  await service.post(board, "b");
  assert.equal((await client.ask("board.unwatch", {}, "e")).error, "NOT_SUBSCRIBED");
  assert.deepEqual(notesOf(client, "e"), ["a"]);
  assert.equal((await client.ask("board.watch", { board }, "e")).data["offset"], 2);
});

test("un- takes no data, and ends nothing of another name or eid", async () => {
  const board = freshBoard();
  const client = await service.connect();
  await client.ask("board.watch", { board }, "e");
  assert.equal((await client.ask("board.unwatch", { board }, "e")).error, "MALFORMED");
  assert.equal((await client.ask("try.unwatch", {}, "e")).error, "NOT_SUBSCRIBED");
  assert.equal((await client.ask("board.unwatch", {}, "f")).error, "NOT_SUBSCRIBED");
  // The form is judged before it is looked whether there is anything to end.
  assert.equal((await client.ask("board.unwatch", "x", "f")).error, "MALFORMED");
  client.send({ type: "board.unwatch" });
  const nameless = await client.next("the answer without an eid", ({ eid }) => eid === null);
  assert.equal(nameless.error, "MALFORMED");
  await service.post(board, "a");
  await sees(client, "e", "a");
});

test("a subscription that is ended while it opens is answered first", async () => {
  const board = freshBoard();
  const client = await service.connect();
  client.send({ type: "board.watch", data: { board }, eid: "e", ts: 1 });
  client.send({ type: "board.unwatch", data: {}, eid: "e", ts: 2 });
  await waitFor(() => client.frames.length === 2, { what: "both answers" });
  assert.deepEqual(
    client.frames.map(({ type, error }) => [type, error]),
    [
      ["board.watch", undefined],
      ["board.unwatch", undefined],
    ],
  );
  await service.post(board, "a");
  await client.ask("ping");
  assert.deepEqual(notesOf(client, "e"), []);
});

test("a hundred subscriptions fit on a socket, the next is refused until one ends", async () => {
  const boards = Array.from({ length: SUBSCRIPTIONS_MAX }, freshBoard);
  const client = await service.connect();
  const opened: Frame[] = [];
  for (const [at, board] of boards.entries()) {
    opened.push(await client.ask("board.watch", { board }, `e${at}`));
  }
  assert.ok(opened.every(({ error }) => error === undefined));
  assert.equal(service.sockets.stats().subscriptions >= SUBSCRIPTIONS_MAX, true);
  const board = boards[0] ?? "";
  const refused = await client.ask("board.watch", { board }, "one-more");
  assert.equal(refused.error, "TOO_MANY_SUBSCRIPTIONS");
  await service.post(board, "a");
  await sees(client, "e0", "a");
  await client.ask("board.unwatch", {}, "e0");
  assert.equal((await client.ask("board.watch", { board }, "one-more")).error, undefined);
});

test("who comes back gets what was missed in full, also with no push seen before", async () => {
  const board = freshBoard();
  const first = await service.connect();
  const { data: opened } = await first.ask("board.watch", { board });
  first.ws.terminate();
  await service.post(board, "a", "b");

  const second = await service.connect();
  const place = { epoch: opened["epoch"], offset: opened["offset"] };
  const { data } = await second.ask("board.watch", { board, ...place }, "e");
  assert.deepEqual(data, {
    epoch: opened["epoch"],
    offset: 2,
    recovered: true,
    missed: [
      { type: "board.posted", data: { offset: 1, note: "a" } },
      { type: "board.posted", data: { offset: 2, note: "b" } },
    ],
  });
  await service.post(board, "c");
  await sees(second, "e", "c");

  const { data: nothing } = await second.ask("board.watch", { board, ...place, offset: 3 });
  assert.deepEqual([nothing["recovered"], nothing["missed"]], [true, []]);
});

test("who comes back to another node, after the first has gone, gets what was missed", async () => {
  const board = freshBoard();
  const first = await startSocket();
  const client = await first.connect();
  const { data: opened } = await client.ask("board.watch", { board });
  await first.post(board, "a");
  await first[Symbol.asyncDispose]();
  await client.closed;
  await service.post(board, "b");

  const second = await service.connect();
  const place = { epoch: opened["epoch"], offset: opened["offset"] };
  const { data } = await second.ask("board.watch", { board, ...place });
  assert.equal(data["recovered"], true);
  const missed = data["missed"] as ReadonlyArray<{ data: { note: string } }>;
  assert.deepEqual(
    missed.map((push) => push.data.note),
    ["a", "b"],
  );
});

test("who missed too much, or comes from another history, gets a fresh snapshot", async () => {
  const board = freshBoard();
  const client = await service.connect();
  const { data: opened } = await client.ask("board.watch", { board }, "e");
  await client.ask("board.unwatch", {}, "e");
  const notes = Array.from({ length: RECOVERED_EVENTS_MAX + 1 }, (_, at) => `${at}`);
  for (let at = 0; at < notes.length; at += 100) {
    await service.post(board, ...notes.slice(at, at + 100));
  }
  const { epoch } = opened;
  for (const place of [
    { epoch, offset: 0 },
    { epoch, offset: notes.length + 1 },
    { epoch: "another", offset: notes.length },
  ]) {
    const { data } = await client.ask("board.watch", { board, ...place });
    assert.equal(data["recovered"], false, JSON.stringify(place));
    assert.deepEqual(data["state"], { notes });
  }
  const { data } = await client.ask("board.watch", { board, epoch, offset: 1 });
  assert.equal((data["missed"] as unknown[]).length, RECOVERED_EVENTS_MAX);
});

test("a place that is half given or no place is refused", async () => {
  const client = await service.connect();
  for (const place of [
    { epoch: "e" },
    { offset: 1 },
    { epoch: 1, offset: 1 },
    { epoch: "e", offset: -1 },
  ]) {
    const { error } = await client.ask("board.watch", { board: "b", ...place });
    assert.equal(error, "INVALID_INPUT", JSON.stringify(place));
  }
});

test("what is committed while a snapshot is read is pushed behind its answer", async () => {
  const meanwhile = { publish: (_topic: string) => {} };
  await using own = await startSocket({ duringSnapshot: (topic) => meanwhile.publish(topic) });
  meanwhile.publish = (topic) => {
    const data = { note: "meanwhile" };
    own.harness.streams.publish([{ topic, type: "board.posted", offset: 1, data }]);
  };
  const client = await own.connect();
  await client.ask("board.watch", { board: freshBoard() }, "e");
  await sees(client, "e", "meanwhile");
  assert.deepEqual(
    client.frames.map(({ type }) => type),
    ["board.watch", "board.posted"],
  );
});

test("the answer goes before the pushes, however many are posted meanwhile", async () => {
  const board = freshBoard();
  let posting = true;
  const posted = (async () => {
    let at = 0;
    for (; posting; at += 1) await service.post(board, `${at}`);
    return at;
  })();
  const clients = await Promise.all(Array.from({ length: 5 }, () => service.connect()));
  for (let round = 0; round < 5; round += 1) {
    await Promise.all(clients.map((client) => client.ask("board.watch", { board }, `e${round}`)));
  }
  posting = false;
  const total = await posted;
  for (const client of clients) {
    for (let round = 0; round < 5; round += 1) {
      const own = () => client.frames.filter(({ eid }) => eid === `e${round}`);
      const offset = () => own().at(-1)?.data["offset"];
      await waitFor(() => offset() === total, { what: "all pushes" });
      const [answer, ...pushes] = own();
      assert.equal(answer?.type, "board.watch");
      const start = Number(answer?.data["offset"]);
      assert.deepEqual(
        pushes.map(({ data }) => data["offset"]),
        pushes.map((_, at) => start + 1 + at),
      );
    }
  }
});
