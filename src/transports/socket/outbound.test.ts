import assert from "node:assert/strict";
import { Duplex } from "node:stream";
import { test } from "node:test";
import { createManualClock } from "../../../test/support/manual-clock.ts";
import type { StreamEvent } from "../../core/event-log.ts";
import { FlushQueue } from "../websocket/flush-queue.ts";
import { COALESCE_MS, OUTBOUND_BYTES_MAX } from "../websocket/limits.ts";
import { Outbound, type PushSource } from "../websocket/outbound.ts";
import { createPushEncoder, eidSlot } from "./push.ts";

const endOfTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A socket whose peer reads when the test says so. */
class TestPeer extends Duplex {
  readonly writes: string[] = [];
  reading = true;
  #taken: (() => void) | undefined;

  override _write(chunk: Buffer, _encoding: string, taken: () => void): void {
    this.writes.push(chunk.toString("latin1"));
    if (this.reading) taken();
    else this.#taken = taken;
  }

  override _writev(chunks: Array<{ chunk: Buffer }>, taken: () => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), "", taken);
  }

  override _read(): void {}

  /** Takes everything that was written so far. */
  catchUp(): void {
    this.reading = true;
    this.#taken?.();
    this.#taken = undefined;
  }
}

function setUp() {
  const clock = createManualClock(0);
  const encoder = createPushEncoder(clock);
  const peer = new TestPeer();
  const told = { overfull: 0, pushed: 0 };
  const out = new Outbound(peer, new FlushQueue(clock), {
    onOverfull() {
      told.overfull += 1;
      out.close();
    },
    onPushed(pushes) {
      told.pushed += pushes;
    },
  });
  const source = (eid: string): PushSource => ({ slot: eidSlot(eid) ?? "", run: undefined });
  const push = (to: PushSource, event: StreamEvent) => {
    const isFirst = to.run === undefined;
    to.run = to.run?.followedBy(event, encoder) ?? encoder.start(event);
    if (isFirst) out.push(to);
  };
  return { clock, peer, told, out, source, push };
}

function event(offset: number, note = ""): StreamEvent {
  return { topic: "t", type: "board.posted", offset, data: { note } };
}

const frame = (text: string) => Buffer.from(`[${text}]`);
/** What was written, with pushes by their offsets. */
const order = (text = "") =>
  [...text.matchAll(/\[(\w+)\]|"offset":(\d+)/g)].map(([, answer, offset]) => answer ?? offset);

test("the pushes and answers of a turn are one write, pushes first", async () => {
  const { peer, told, out, source, push } = setUp();
  const [one, two] = [source("1"), source("2")];
  push(one, event(1));
  out.answer(frame("a"));
  push(two, event(5));
  push(one, event(2));
  out.answer(frame("b"));
  await endOfTurn();
  assert.equal(peer.writes.length, 1);
  assert.deepEqual(order(peer.writes[0]), ["1", "2", "5", "a", "b"]);
  assert.equal(told.pushed, 3);
});

test("an answer that is written now goes before everything that comes after it", async () => {
  const { peer, out, source, push } = setUp();
  const [one, two] = [source("1"), source("2")];
  push(one, event(1));
  out.answer(frame("a"));
  out.writeNow(frame("opened"));
  push(two, event(5));
  out.answer(frame("b"));
  await endOfTurn();
  assert.deepEqual(order(peer.writes.join("")), ["1", "a", "opened", "5", "b"]);
});

test("nothing is written for a source that was dropped", async () => {
  const { peer, out, source, push } = setUp();
  const [one, two] = [source("1"), source("2")];
  push(one, event(1));
  push(two, event(5));
  out.drop(one);
  await endOfTurn();
  assert.deepEqual(order(peer.writes[0]), ["5"]);
});

test("while the peer does not read, pushes wait and answers are written", async () => {
  const { clock, peer, out, source, push } = setUp();
  const one = source("1");
  peer.reading = false;
  push(one, event(1));
  await endOfTurn();
  push(one, event(2));
  out.answer(frame("a"));
  await endOfTurn();
  clock.advance(10 * COALESCE_MS);
  push(one, event(3));
  assert.deepEqual(order(peer.writes.join("")), ["1"]);
  peer.catchUp();
  await endOfTurn();
  clock.advance(COALESCE_MS);
  assert.deepEqual(order(peer.writes.join("")), ["1", "a", "2", "3"]);
});

test("a peer that does not read is given up when more than the bound waits, not before", async () => {
  const { clock, peer, told, source, push } = setUp();
  const one = source("1");
  const note = "n".repeat(OUTBOUND_BYTES_MAX / 8);
  push(one, event(1, note));
  for (let offset = 2; offset <= 10; offset += 1) push(one, event(offset, note));
  await endOfTurn();
  assert.equal(told.overfull, 0, "it has not been behind yet");

  peer.reading = false;
  push(one, event(11, ""));
  clock.advance(COALESCE_MS);
  for (let offset = 12; offset <= 18; offset += 1) push(one, event(offset, note));
  clock.advance(COALESCE_MS);
  assert.equal(told.overfull, 0);
  push(one, event(19, note));
  clock.advance(COALESCE_MS);
  assert.equal(told.overfull, 1);
});

test("answers that are not read are bounded as well, one large answer is not refused", async () => {
  const { peer, told, out } = setUp();
  peer.reading = false;
  out.answer(Buffer.alloc(2 * OUTBOUND_BYTES_MAX));
  await endOfTurn();
  assert.equal(told.overfull, 0);
  out.answer(frame("b"));
  await endOfTurn();
  assert.equal(told.overfull, 1);
});

test("a reader that is slow keeps its own pushes, whoever is written to after it", () => {
  const encoder = createPushEncoder(createManualClock(0));
  const queue = new FlushQueue(createManualClock(0));
  const event: StreamEvent = { topic: "t", type: "t.happened", offset: 1, data: { n: 1 } };
  const held: Buffer[] = [];
  const readers = ["slow", "fast", "last"].map((eid) => {
    // The slow one takes nothing yet: what it was written stays with it, as it is.
    const peer = new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, taken) {
        held.push(eid === "slow" ? chunk : Buffer.from(chunk));
        if (eid !== "slow") taken();
      },
    });
    const out = new Outbound(peer, queue, { onOverfull() {}, onPushed() {} });
    const source: PushSource = { slot: eidSlot(eid) ?? "", run: encoder.start(event) };
    out.push(source);
    return { out, eid };
  });
  for (const { out } of readers) assert.equal(out.flush(), false);
  const eids = held.map((chunk) => JSON.parse(chunk.toString("utf8", 2)).eid);
  assert.deepEqual(
    eids,
    readers.map(({ eid }) => eid),
  );
});
