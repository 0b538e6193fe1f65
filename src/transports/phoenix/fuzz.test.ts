import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { Duplex } from "node:stream";
import { test } from "node:test";
import { createManualClock } from "../../../test/support/manual-clock.ts";
import { createHarness, newPerson } from "../../../test/support/module-harness.ts";
import { ROOM_SOCKET } from "../../../test/support/phoenix-client.ts";
import { createRoomModule } from "../../../test/support/room-module.ts";
import { createSeededRandom } from "../../../test/support/seeded-random.ts";
import { waitFor } from "../../../test/support/wait-for.ts";
import { createMemoryBus } from "../../adapters/bus/memory.ts";
import type { Log } from "../../core/log.ts";
import { Presence } from "../../core/presence.ts";
import { BoundSocket } from "../websocket/bound-socket.ts";
import type { Connection } from "../websocket/connection.ts";
import { FlushQueue } from "../websocket/flush-queue.ts";
import { phoenixProtocol } from "./index.ts";

const FRAMES = Number(process.env["FUZZ_FRAMES"] ?? 100_000);
const SEED = Number(process.env["FUZZ_SEED"] ?? 7);
/** Frames in a turn: what they begin is finished before the next ones come. */
const FRAMES_AT_ONCE = 200;

/** A peer that keeps what it was sent, and a socket that is closed without a network. */
class Peer extends Duplex {
  readonly sent: Buffer[] = [];
  override _write(chunk: Buffer, _encoding: string, taken: () => void): void {
    this.sent.push(Buffer.from(chunk));
    taken();
  }
  override _read(): void {}
}

class QuietSocket extends BoundSocket {
  isClosed = false;
  constructor() {
    super(null as never, [], {});
  }
  override close(): void {
    this.isClosed = true;
  }
}

test(`${FRAMES} random frames: each is answered or closes the socket, and nothing breaks`, async () => {
  const failures: unknown[] = [];
  const write = () => {};
  const fail = (fields: object) => void failures.push(fields);
  const log: Log = { debug: write, info: write, warn: write, error: fail, child: () => log };
  const clock = createManualClock(1_700_000_000_000);
  const bus = createMemoryBus({ log });
  await using harness = await createHarness({
    clock,
    bus,
    log,
    modules: ({ eventLog }) => [createRoomModule({ eventLog })],
  });
  const { registry, streams, dispatch } = harness;
  const { ids } = harness.ports;
  const presence = new Presence({ nodeId: ids.uuid(), bus, clock, log });
  const protocol = phoenixProtocol({ registry, streams, presence });
  const authenticator = {
    authenticate: ({ bearer = "" }: { bearer?: string | undefined }) => JSON.parse(bearer),
    onRevoked: () => {},
  };
  const parts = {
    dispatch,
    authenticator,
    clock,
    ids,
    log,
    flushes: new FlushQueue(clock),
    onPushed: () => {},
    onEnded: () => {},
  };
  const dice = createDice(SEED);
  const connect = (version: number) => {
    const person = newPerson(ids, clock);
    const credentials = { bearer: JSON.stringify(person) };
    const caller = { transport: "phoenix", address: "127.0.0.1", userAgent: "", credentials };
    const peer = { ws: new QuietSocket(), socket: new Peer(), caller, person };
    const request = { url: `${ROOM_SOCKET}?vsn=${version}.0.0`, headers: {} } as IncomingMessage;
    return { ...peer, connection: protocol.connect(peer, request, parts), version };
  };

  let line = connect(2);
  let [connections, answers] = [1, 0];
  const replace = (version: number) => {
    answers += readFrames(Buffer.concat(line.socket.sent)).length;
    line.connection.ended();
    line = connect(version);
    connections += 1;
  };
  for (let sent = 0; sent < FRAMES; sent += 1) {
    if (line.ws.isClosed) replace(dice(5) === 0 ? 1 : 2);
    const { bytes, isBinary } = randomFrame(dice, line.version);
    clock.advance(20);
    line.connection.receive(bytes, isBinary);
    if (sent % FRAMES_AT_ONCE === 0) await idle(dispatch, line.connection);
  }
  await idle(dispatch, line.connection);
  replace(2);
  assert.deepEqual(failures, []);
  assert.ok(connections > 2 && answers > FRAMES / 4, `${connections} sockets, ${answers} answers`);

  line.connection.receive(Buffer.from('[null,"1","phoenix","heartbeat",{}]'), false);
  line.connection.receive(Buffer.from('["2","2","lobby:all","phx_join",{}]'), false);
  const replies = () => readFrames(Buffer.concat(line.socket.sent)).filter(isOk);
  await waitFor(() => replies().length === 2, { what: "it goes on as if nothing had been" });
  line.connection.ended();
  presence.close();
  await bus.close();
});

function isOk(text: string): boolean {
  return text.includes('"status":"ok"');
}

async function idle(dispatch: { running: number }, connection: Connection): Promise<void> {
  await waitFor(() => dispatch.running === 0, { what: "all calls have ended" });
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(connection.subscriptionCount <= 100);
}

/** A number below the given one. */
type Dice = (below: number) => number;

function createDice(seed: number): Dice {
  const random = createSeededRandom(seed);
  let pool = Buffer.alloc(0);
  return (below) => {
    if (pool.length < 4) pool = Buffer.from(random.bytes(4_096));
    const value = pool.readUInt32BE();
    pool = pool.subarray(4);
    return value % below;
  };
}

const TOPICS = ["room:1", "room:2", "room:", "lobby:all", "lobby:x", "phoenix", "", ":", "ü:ñ"];
const EVENTS = ["phx_join", "phx_leave", "heartbeat", "wave", "draw", "say", "hide", "none", ""];
const REFS = ["1", "2", "3", null, 4, 1.5, "", "x".repeat(300), {}];
const PAYLOADS = [
  {},
  { note: "hello" },
  { bytes: "AAAA" },
  { texts: {} },
  { hidden: true },
  { place: { epoch: "e", offset: 1 } },
  { place: 7 },
  { epoch: "e" },
  { room: "3" },
  [],
  null,
  "text",
];

function randomFrame(dice: Dice, version: number): { bytes: Buffer; isBinary: boolean } {
  const pick = <T>(from: readonly T[]): T | undefined => from[dice(from.length)];
  if (dice(4) === 0) {
    const names = [pick(REFS), pick(REFS), pick(TOPICS), pick(EVENTS)].map((name) =>
      Buffer.from(String(name ?? "")).subarray(0, 255),
    );
    const lengths = names.map(({ length }) => (dice(10) === 0 ? dice(256) : length));
    const payload = Buffer.from(String(pick(TOPICS)));
    const kind = dice(8) === 0 ? dice(256) : 0;
    const whole = Buffer.concat([Buffer.from([kind, ...lengths]), ...names, payload]);
    return { bytes: damaged(whole, dice), isBinary: true };
  }
  const [joinRef, ref, topic] = [pick(REFS), pick(REFS), pick(TOPICS)];
  const [event, payload] = [pick(EVENTS), pick(PAYLOADS)];
  const isObject = version === 1 || dice(20) === 0;
  const parts = isObject
    ? { topic, event, payload, ref, join_ref: joinRef }
    : [joinRef, ref, topic, event, payload];
  return { bytes: damaged(Buffer.from(JSON.stringify(parts)), dice), isBinary: false };
}

/** One in eight loses its end, another one in eight has some of its bytes changed. */
function damaged(frame: Buffer, dice: Dice): Buffer {
  const fate = dice(8);
  if (fate === 0) return frame.subarray(0, dice(frame.length + 1));
  if (fate === 1) {
    for (let changes = dice(4); changes >= 0; changes -= 1) {
      if (frame.length > 0) frame[dice(frame.length)] = dice(256);
    }
  }
  return frame;
}

/** The payloads of what a server sent; those that are text are JSON. */
function readFrames(bytes: Buffer): string[] {
  const found: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const short = bytes[at + 1] ?? 0;
    const header = short < 126 ? 2 : short === 126 ? 4 : 10;
    const length =
      header === 2
        ? short
        : header === 4
          ? bytes.readUInt16BE(at + 2)
          : Number(bytes.readBigUInt64BE(at + 2));
    const payload = bytes.toString("utf8", at + header, at + header + length);
    const isText = bytes[at] === 0x81;
    assert.ok(isText || bytes[at] === 0x82, "a whole frame of text or bytes");
    if (isText) JSON.parse(payload);
    found.push(payload);
    at += header + length;
  }
  return found;
}
