import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BUFFER_BYTES_MAX,
  BUFFER_MESSAGES_MAX,
  IN_FLIGHT_MESSAGES_MAX,
  type Outgoing,
  PublishBuffer,
} from "./publish-buffer.ts";

const text = (message: Outgoing | undefined) => message?.body.toString();

function drain(buffer: PublishBuffer): string[] {
  const texts: string[] = [];
  for (let message = buffer.next(); message; message = buffer.next()) {
    texts.push(message.body.toString());
    buffer.done(message);
  }
  return texts;
}

test("messages leave in the order they came, at most a window of them at once", () => {
  const buffer = new PublishBuffer();
  for (let i = 0; i <= IN_FLIGHT_MESSAGES_MAX; i++) buffer.add("events", `${i}`);
  const sent: Outgoing[] = [];
  for (let message = buffer.next(); message; message = buffer.next()) sent.push(message);
  assert.equal(sent.length, IN_FLIGHT_MESSAGES_MAX);
  assert.deepEqual([text(sent[0]), text(sent[1])], ["0", "1"]);
  if (sent[0]) buffer.done(sent[0]);
  assert.equal(text(buffer.next()), `${IN_FLIGHT_MESSAGES_MAX}`);
});

test("what comes back takes its old place, in whatever order it comes", () => {
  const buffer = new PublishBuffer();
  for (const message of ["a", "b", "c", "d"]) buffer.add("events", message);
  const [a, b, c] = [buffer.next(), buffer.next(), buffer.next()];
  assert.ok(a && b && c);
  buffer.done(b);
  buffer.putBack(c);
  buffer.putBack(a);
  buffer.add("events", "e");
  assert.deepEqual(drain(buffer), ["a", "c", "d", "e"]);
  assert.equal(buffer.isEmpty(), true);
});

test("too many messages drop the oldest that wait and say how many", () => {
  const buffer = new PublishBuffer();
  let dropped = 0;
  for (let i = 0; i < BUFFER_MESSAGES_MAX + 3; i++) dropped += buffer.add("events", `${i}`);
  assert.equal(dropped, 3);
  const sent = drain(buffer);
  assert.deepEqual([sent.length, sent[0]], [BUFFER_MESSAGES_MAX, "3"]);
});

test("too many bytes drop too, those in flight count, and the room comes back", () => {
  const buffer = new PublishBuffer();
  const half = "x".repeat(BUFFER_BYTES_MAX / 2);
  assert.equal(buffer.add("events", half), 0);
  assert.equal(buffer.add("events", half), 0);
  const inFlight = buffer.next();
  assert.equal(buffer.add("events", "y"), 1, "the second half makes room");
  assert.equal(buffer.add("events", `${half}z`), 2, "what fits nowhere is dropped itself");
  assert.equal(buffer.isEmpty(), false);
  if (inFlight) buffer.done(inFlight);
  assert.equal(buffer.isEmpty(), true);
  assert.equal(buffer.add("events", `${half}z`), 0);
});
