import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { createManualClock } from "../../../test/support/manual-clock.ts";
import { waitFor } from "../../../test/support/wait-for.ts";
import type { StreamEvent } from "../../core/event-log.ts";
import type { PushRun } from "../websocket/push-run.ts";
import { createPushEncoder, eidSlot } from "./push.ts";

const NOW_MS = 1_700_000_000_000;

function event(offset: number, note = `note ${offset}`): StreamEvent {
  return { topic: "board/1", type: "board.posted", offset, data: { note } };
}

/** The payloads of the frames that a subscriber of this eid is sent. */
function payloads(run: PushRun, eid: string): string[] {
  const slot = eidSlot(eid);
  assert.ok(slot !== undefined);
  const bytes = Buffer.alloc(run.bytes);
  assert.equal(run.writeTo(bytes, 0, slot), run.bytes);
  const found: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    assert.equal(bytes[at], 0x81, "a final text frame");
    const [header, length] = lengthAt(bytes, at);
    found.push(bytes.toString("utf8", at + header, at + header + length));
    at += header + length;
  }
  return found;
}

function lengthAt(bytes: Buffer, at: number): [header: number, length: number] {
  const short = bytes[at + 1] ?? 0;
  if (short < 126) return [2, short];
  if (short === 126) return [4, bytes.readUInt16BE(at + 2)];
  return [10, Number(bytes.readBigUInt64BE(at + 2))];
}

const UUID = "0190b5a0-0000-7000-8000-0000000000ff";

test("a push has the document's fields, in its order, with spaces behind a short eid", () => {
  const encoder = createPushEncoder(createManualClock(NOW_MS));
  const run = encoder.start(event(7, "hello"));
  const push = (eid: string) =>
    `{"type":"board.posted","data":{"offset":7,"note":"hello"},"eid":${eid},"ts":${NOW_MS}}`;
  assert.deepEqual(payloads(run, UUID), [push(`"${UUID}"`)]);
  assert.deepEqual(payloads(run, "e"), [push(`"e"${" ".repeat(35)}`)]);
});

test("an eid of 36 bytes of JSON fits, a longer one does not", () => {
  assert.equal(eidSlot("x".repeat(36))?.length, 38);
  assert.equal(eidSlot("x".repeat(37)), undefined);
  assert.equal(eidSlot('"'.repeat(18))?.length, 38, "a quote takes two bytes");
  assert.equal(eidSlot('"'.repeat(19)), undefined);
  assert.equal(eidSlot("ж".repeat(18))?.length, 38, "a Cyrillic letter takes two bytes");
  assert.equal(eidSlot("ж".repeat(19)), undefined);
  assert.equal(eidSlot("🎬".repeat(9))?.length, 38, "an emoji takes four bytes");
});

test("whatever the eids, each subscriber reads its own in every push, and the data unchanged", () => {
  const eids = fc
    .string({ unit: "binary", maxLength: 36 })
    .filter((eid) => eidSlot(eid) !== undefined);
  const notes = fc.array(fc.string({ unit: "binary", maxLength: 200 }), {
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(fc.array(eids, { minLength: 1, maxLength: 4 }), notes, (subscribers, texts) => {
      const encoder = createPushEncoder(createManualClock(NOW_MS));
      const events = texts.map((note, at) => event(at + 1, note));
      for (const eid of subscribers) {
        let run: PushRun | undefined;
        for (const next of events) run = run?.followedBy(next, encoder) ?? encoder.start(next);
        assert.ok(run !== undefined);
        const pushes = payloads(run, eid).map((text) => JSON.parse(text));
        assert.deepEqual(
          pushes,
          events.map(({ offset, data }) => ({
            type: "board.posted",
            data: { offset, ...data },
            eid,
            ts: NOW_MS,
          })),
        );
      }
    }),
    { numRuns: 100, seed: 11 },
  );
});

test("frames of every length are headed as RFC 6455 says", () => {
  const encoder = createPushEncoder(createManualClock(NOW_MS));
  const emptyBytes = payloads(encoder.start(event(1, "")), "e")[0]?.length ?? 0;
  for (const length of [200, 65_535, 65_536, 70_000]) {
    const note = "n".repeat(Math.max(0, length - emptyBytes));
    const [text = ""] = payloads(encoder.start(event(1, note)), "e");
    assert.equal(JSON.parse(text).data.note, note);
  }
});

test("a run as long as a reader is behind keeps every push, and is written at any length", () => {
  const encoder = createPushEncoder(createManualClock(NOW_MS));
  const events = Array.from({ length: 300 }, (_, at) => event(at + 1));
  let run: PushRun | undefined;
  for (const [at, next] of events.entries()) {
    run = run?.followedBy(next, encoder) ?? encoder.start(next);
    // One reader is written to now and then, which joins the run there as well.
    if (at % 50 !== 0 && at % 64 > 1 && at < 298) continue;
    const offsets = payloads(run, UUID).map((text) => JSON.parse(text).data.offset);
    assert.deepEqual(
      offsets,
      events.slice(0, at + 1).map(({ offset }) => offset),
    );
  }
});

test("a long run keeps the bytes of its pushes, and not the events behind them", async () => {
  const encoder = createPushEncoder(createManualClock(NOW_MS));
  const kept: Array<WeakRef<StreamEvent>> = [];
  const next = (offset: number) => {
    const made = event(offset);
    kept.push(new WeakRef(made));
    return made;
  };
  let run = encoder.start(next(1));
  for (let offset = 2; offset <= 1_000; offset += 1) {
    run = run.followedBy(next(offset), encoder);
  }
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  const isLittle = () => {
    collectGarbage();
    return kept.filter((ref) => ref.deref() !== undefined).length < 100;
  };
  await waitFor(isLittle, { what: "the events have gone" });
  assert.equal(payloads(run, UUID).length, 1_000);
});

test("those who wait for the same pushes share them; one who joined later has a run of its own", () => {
  const encoder = createPushEncoder(createManualClock(NOW_MS));
  const [one, two, three] = [event(1), event(2), event(3)];
  const early = encoder.start(one).followedBy(two, encoder);
  const another = encoder.start(one).followedBy(two, encoder);
  assert.equal(early, another);
  const late = encoder.start(two);
  assert.notEqual(late, early);
  assert.equal(early.followedBy(three, encoder), another.followedBy(three, encoder));
  const offsets = (run: PushRun) => payloads(run, "e").map((text) => JSON.parse(text).data.offset);
  assert.deepEqual(offsets(early.followedBy(three, encoder)), [1, 2, 3]);
  assert.deepEqual(offsets(late.followedBy(three, encoder)), [2, 3]);
  assert.deepEqual(offsets(early), [1, 2], "a run that was followed by another stays as it was");
});
