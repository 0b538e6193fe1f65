import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type SocketHarness, startSocket } from "../../../test/support/socket-harness.ts";
import { waiting } from "../../../test/support/try-module.ts";
import { waitFor } from "../../../test/support/wait-for.ts";
import { BAD_FRAMES_MAX, REQUESTS_RUNNING_MAX } from "../websocket/limits.ts";
import { FRAME_BYTES_MAX } from "./limits.ts";

let service: SocketHarness;
before(async () => {
  service = await startSocket();
});
after(() => service[Symbol.asyncDispose]());

const REQUEST_ID = /^[0-9a-f-]{36}$/;
const TS = 1_234_567_890;

test("a request and its answer look as document 001 shows them, byte by byte", async () => {
  const client = await service.connect();
  client.send(`{"type":"try.echo","data":{"id":7,"note":"ключ"},"eid":"uuid","ts":${TS}}`);
  await client.next("the answer", ({ type }) => type === "try.echo");
  assert.deepEqual(client.received, [
    `{"type":"try.echo","data":{"id":7,"note":"ключ"},"eid":"uuid","ts":${TS}}`,
  ]);
});

test("an error has its code beside the data, and the sentence, data and request id in it", async () => {
  const client = await service.connect();
  const plain = await client.ask("try.fail", { kind: "conflict" }, "a");
  const { requestId, ...data } = plain.data;
  assert.match(String(requestId), REQUEST_ID);
  assert.deepEqual(Object.keys(plain), ["type", "data", "eid", "ts", "error"]);
  assert.equal(plain.error, "TRY_CONFLICT");
  assert.deepEqual(data, { message: "This is what conflict looks like.", seatIds: ["A1"] });

  const passing = await client.ask("try.fail", { kind: "unavailable", retryAfterMs: 250 });
  assert.equal(passing.data["retryAfterMs"], 250);
  const bug = await client.ask("try.fail", { kind: "bug" });
  assert.equal(bug.error, "INTERNAL");
  assert.ok(!client.received.some((text) => text.includes("secret detail")));
});

test("the time is echoed and never judged; eid and ts may be left out", async () => {
  const client = await service.connect();
  client.send({ type: "try.echo", data: { id: 1 }, eid: "past", ts: -5.5 });
  assert.equal((await client.next("the first", ({ eid }) => eid === "past")).ts, -5.5);
  client.send({ type: "try.whereFrom" });
  const bare = await client.next("the second", ({ type }) => type === "try.whereFrom");
  assert.deepEqual(bare, {
    type: "try.whereFrom",
    data: { address: "127.0.0.1" },
    eid: null,
    ts: null,
  });
});

test("an unknown operation, one of HTTP's paths and a prototype's name are not found", async () => {
  const client = await service.connect();
  for (const type of ["try.nothing", "nothing.at.all", "toString", "try.constructor", "/things"]) {
    assert.equal((await client.ask(type)).error, "METHOD_NOT_FOUND", type);
  }
});

test("unknown fields are ignored in the envelope and refused in the data", async () => {
  const client = await service.connect();
  client.send({ type: "try.echo", data: { id: 1 }, eid: "extra", ts: 1, error: "X", more: [1] });
  const answer = await client.next("the answer", ({ eid }) => eid === "extra");
  assert.deepEqual(answer, { type: "try.echo", data: { id: 1 }, eid: "extra", ts: 1 });
  const refused = await client.ask("try.echo", { id: 1, more: 1 });
  assert.equal(refused.error, "INVALID_INPUT");
});

const BAD: ReadonlyArray<
  readonly [what: string, frame: string, type?: string | undefined, eid?: string]
> = [
  ["no JSON", "hello"],
  ["nothing", ""],
  ["half a frame", '{"type":"try.echo","eid":"e"'],
  ["a byte order mark", '\uFEFF{"type":"try.echo"}'],
  ["an array", '[{"type":"try.echo"}]'],
  ["null", "null"],
  ["no type", '{"data":{},"eid":"e","ts":1}', undefined, "e"],
  ["a type that is no text", '{"type":7,"eid":"e"}', undefined, "e"],
  ["a very long type", `{"type":"${"x".repeat(200)}","eid":"e"}`, undefined, "e"],
  ["an eid that is no text", '{"type":"try.echo","eid":5}', "try.echo"],
  ["a very long eid", `{"type":"try.echo","eid":"${"x".repeat(129)}"}`, "try.echo"],
  ["a time that is no number", '{"type":"try.echo","eid":"e","ts":"now"}', "try.echo", "e"],
  ["a key twice", '{"type":"try.echo","eid":"e","data":{"id":1,"id":2}}', "try.echo", "e"],
  ["a prototype key", '{"type":"try.echo","eid":"e","data":{"__proto__":{}}}', "try.echo", "e"],
  ["one in the envelope", '{"type":"try.echo","eid":"e","constructor":{}}', "try.echo", "e"],
  [
    "an integer beyond 2^53",
    '{"type":"try.echo","eid":"e","data":{"id":9007199254740993}}',
    "try.echo",
    "e",
  ],
  [
    "deep nesting",
    `{"type":"try.echo","eid":"e","data":${"[".repeat(40)}${"]".repeat(40)}}`,
    "try.echo",
    "e",
  ],
];

test("a bad frame is answered with as much of its envelope as it shows, and the socket lives", async () => {
  const client = await service.connect();
  for (const [what, frame, type = null, eid = null] of BAD) {
    const count = client.frames.length;
    client.send(frame);
    await waitFor(() => client.frames.length > count, { what: `an answer to ${what}` });
    const answer = client.frames.at(-1);
    assert.equal(answer?.error, "MALFORMED", what);
    assert.deepEqual([answer.type, answer.eid], [type, eid], what);
    assert.equal(typeof answer.data["message"], "string", what);
    assert.match(String(answer.data["requestId"]), REQUEST_ID, what);
  }
  assert.equal((await client.ask("try.echo", { id: 1 })).error, undefined);
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
});

test("data that is no object is invalid input, missing data is empty", async () => {
  const client = await service.connect();
  for (const data of [[], "x", 5, true]) {
    assert.equal((await client.ask("try.echo", data)).error, "INVALID_INPUT", JSON.stringify(data));
  }
  assert.equal((await client.ask("try.whereFrom", null)).error, undefined);
});

test("the hundredth bad frame closes the socket for good, the ninety-ninth does not", async () => {
  const client = await service.connect();
  for (let sent = 0; sent < BAD_FRAMES_MAX - 1; sent += 1) client.send("bad");
  assert.equal((await client.ask("try.echo", { id: 1 })).error, undefined);
  client.ws.send(Buffer.from("binary"), { binary: true });
  assert.deepEqual(await client.closed, {
    code: 3500,
    reason: "Too many frames were not well-formed requests.",
  });
  assert.equal(client.frames.filter(({ error }) => error === "MALFORMED").length, BAD_FRAMES_MAX);
});

test("a frame above 64 KiB closes the socket, one of 64 KiB is read", async () => {
  const client = await service.connect();
  const frame = (bytes: number) => {
    const empty = '{"type":"try.echo","data":{"id":1,"note":""},"eid":"large"}';
    return empty.replace('""', `"${"n".repeat(bytes - empty.length)}"`);
  };
  client.send(frame(FRAME_BYTES_MAX));
  const answer = await client.next("the answer", ({ eid }) => eid === "large");
  assert.equal(answer.error, undefined);
  client.send(frame(FRAME_BYTES_MAX + 1));
  assert.equal((await client.closed).code, 1009);
});

test("text that is not UTF-8 closes the socket, and the process lives", async () => {
  const client = await service.connect();
  client.ws.send(Buffer.from([0x22, 0xff, 0xfe, 0x22]), { binary: false });
  assert.equal((await client.closed).code, 1007);
  const another = await service.connect();
  assert.equal((await another.ask("try.echo", { id: 1 })).error, undefined);
});

test("many requests run at once and are answered in any order", async () => {
  const client = await service.connect();
  const slow = client.ask("try.wait");
  await waitFor(() => waiting.started > 0, { what: "the first request runs" });
  const { data } = await client.ask("try.echo", { id: 2 });
  assert.deepEqual(data, { id: 2 });
  waiting.finish();
  assert.deepEqual((await slow).data, { waited: true });
});

test("no more than 64 requests of a socket run at once, and the next is told when to try", async () => {
  const client = await service.connect();
  const aborted = waiting.aborted;
  for (let at = 0; at < REQUESTS_RUNNING_MAX; at += 1) {
    client.send({ type: "try.wait", data: {}, eid: `wait-${at}`, ts: 1 });
  }
  const refused = await client.ask("try.echo", { id: 1 });
  assert.equal(refused.error, "TOO_MANY");
  assert.equal(refused.data["retryAfterMs"], 100);
  client.ws.terminate();
  const isAborted = () => waiting.aborted === aborted + REQUESTS_RUNNING_MAX;
  await waitFor(isAborted, { what: "what runs for a socket ends with it" });
});

test("a flood is answered with TOO_MANY for a while and then ends the socket for good", async () => {
  const client = await service.connect();
  for (let sent = 0; sent < 2_000; sent += 1) client.send({ type: "ping" });
  assert.equal((await client.closed).code, 3501);
});

test("a ping is answered by the socket itself", async () => {
  const client = await service.connect();
  assert.deepEqual(await client.ask("ping", undefined, "p"), {
    type: "ping",
    data: {},
    eid: "p",
    ts: 1_700_000_000_000,
  });
});

test("a repeat of a writing call has one effect and one answer; other data is another call", async () => {
  const { token } = service.signIn();
  const board = service.harness.ports.ids.uuid();
  const notes = async () => {
    const client = await service.connect();
    const { data } = await client.ask("board.watch", { board });
    return (data["state"] as { notes: string[] }).notes;
  };
  const request = { type: "board.post", data: { board, note: "a" }, eid: "always", ts: 5 };
  const ids = new Set<unknown>();
  for (let sent = 0; sent < 3; sent += 1) {
    // A new socket each time: a repeat usually comes after a lost connection.
    const client = await service.connect({ cookie: token });
    client.send(request);
    client.send(request);
    const answered = () => client.frames.filter(({ type }) => type === "board.post").length === 2;
    await waitFor(answered, { what: "both answers" });
    for (const { data } of client.frames) ids.add(data["id"]);
  }
  assert.equal(ids.size, 1);
  assert.deepEqual(await notes(), ["a"]);

  const client = await service.connect({ cookie: token });
  for (const changed of [{ data: { board, note: "b" } }, { ts: 6 }, { eid: "other" }]) {
    const count = client.frames.length;
    client.send({ ...request, ...changed });
    await waitFor(() => client.frames.length > count, { what: "the answer" });
    assert.equal(client.frames.at(-1)?.error, undefined);
  }
  assert.deepEqual(await notes(), ["a", "b", "a", "a"]);
});
