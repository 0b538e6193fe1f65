/**
 * Clients of WebSockets that only count: raw connections whose frames are found and not read, so
 * that a thousand of them leave the machine to the server.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { answerCommands, nowMicros } from "../support/commands.ts";
import { CLOSE, clientFrame, FrameReader, PING, PONG, TEXT } from "../support/frames.ts";

export interface ListenersOptions {
  readonly group: string;
  /** Of the handshake: `ws://127.0.0.1:8080/socket`. */
  readonly url: string;
  readonly count: number;
  /** Sent when the socket is open. */
  readonly greeting?: string;
  /** Frames that come before the first push. */
  readonly welcomes: number;
}

const OPENING_AT_ONCE = 50;
const PATIENCE_MS = 20_000;
const KEY = Buffer.alloc(16, 7).toString("base64");
/** A ping of Engine.IO, which has pings of its own above those of WebSocket. */
const ENGINE_PING = "2".charCodeAt(0);
const ENGINE_PONG = clientFrame(TEXT, Buffer.from("3"));

/** Sockets that hear the same pushes. */
class Group {
  readonly listeners: Listener[] = [];
  /** How many listeners have so many frames; by the number of frames. */
  #reached: number[] = [];
  /** When the last listener had so many frames. */
  #doneAtMicros: number[] = [];
  #waiting: { readonly frames: number; readonly resolve: () => void } | undefined;
  bytes = 0;
  latest = "";
  /** Listeners that are waited for: those that do not stall. */
  expected = 0;

  onFrame(frames: number): void {
    const reached = (this.#reached[frames] ?? 0) + 1;
    this.#reached[frames] = reached;
    if (reached !== this.expected) return;
    this.#doneAtMicros[frames] = nowMicros();
    if (this.#waiting?.frames === frames) this.#waiting.resolve();
  }

  /** Forgets what was counted. */
  reset(): void {
    this.#reached = [];
    this.#doneAtMicros = [];
    this.bytes = 0;
    for (const listener of this.listeners) listener.frames = 0;
  }

  /** Resolves when all have so many frames: when that was, for each of the frames. */
  async done(frames: number): Promise<readonly number[]> {
    const allReached = new Promise<void>((resolve) => {
      this.#waiting = { frames, resolve };
      if (this.#doneAtMicros[frames] !== undefined) resolve();
    });
    const timer = setTimeout(() => {
      fail(`Of ${frames} frames these are missing: ${this.#missing(frames)}`);
    }, PATIENCE_MS);
    await allReached;
    clearTimeout(timer);
    const least = Math.max(...this.listeners.map((listener) => listener.frames));
    if (least > frames) fail(`A listener has ${least} frames instead of ${frames}.`);
    return this.#doneAtMicros.slice(1, frames + 1);
  }

  #missing(frames: number): string {
    const slow = this.listeners.filter((listener) => listener.frames < frames);
    return `${slow.length} of ${this.listeners.length} listeners lack some`;
  }
}

class Listener {
  readonly #group: Group;
  readonly #socket: Socket;
  readonly #reader = new FrameReader((opcode, bytes, piece) => this.#onFrame(opcode, bytes, piece));
  #head = "";
  #opened: (() => void) | undefined;
  frames = 0;

  constructor(group: Group, { url, greeting }: ListenersOptions, opened: () => void) {
    const { hostname, port, host, pathname, search } = new URL(url);
    this.#group = group;
    this.#opened = () => {
      if (greeting !== undefined) {
        this.#socket.write(clientFrame(TEXT, Buffer.from(greeting)));
      }
      opened();
    };
    this.#socket = connect({
      host: hostname,
      port: Number(port),
      onread: { buffer: SHARED, callback: (length) => this.#take(length) },
    });
    this.#socket.setNoDelay(true);
    this.#socket.on("error", () => {});
    const lines = [
      `GET ${pathname}${search} HTTP/1.1`,
      `Host: ${host}`,
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      `Sec-WebSocket-Key: ${KEY}`,
    ];
    this.#socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  }

  /** Reads nothing from here on. */
  stall(): void {
    this.#socket.pause();
  }

  async end(): Promise<void> {
    if (this.#socket.destroyed) return;
    const closed = once(this.#socket, "close");
    this.#socket.destroy();
    await closed;
  }

  #take(length: number): boolean {
    let bytes = SHARED.subarray(0, length);
    this.#group.bytes += length;
    if (this.#opened !== undefined) {
      this.#head += bytes.toString("latin1");
      const headBytes = this.#head.indexOf("\r\n\r\n") + 4;
      if (headBytes < 4) return true;
      if (!this.#head.startsWith("HTTP/1.1 101 ")) fail(this.#head);
      bytes = Buffer.from(this.#head.slice(headBytes), "latin1");
      this.#opened();
      this.#opened = undefined;
    }
    this.#reader.take(bytes);
    return true;
  }

  #onFrame(opcode: number, bytes: number, piece: Buffer): void {
    if (opcode === PING) {
      this.#socket.write(clientFrame(PONG, Buffer.from(piece)));
    } else if (opcode === TEXT && bytes === 1 && piece[0] === ENGINE_PING) {
      this.#socket.write(ENGINE_PONG);
    } else if (opcode === TEXT) {
      this.frames += 1;
      if (this.#group.listeners[0] === this) this.#group.latest = piece.toString();
      this.#group.onFrame(this.frames);
    } else if (opcode === CLOSE) {
      fail(`The server closed a socket: ${piece.subarray(2).toString()}`);
    }
  }
}

/** All sockets are read into it; what it holds is looked at before the next one is read. */
const SHARED = Buffer.allocUnsafeSlow(256 * 1024);

function fail(why: string): never {
  console.error(`listeners: ${why}`);
  process.exit(1);
}

const groups = new Map<string, Group>();

async function open(options: ListenersOptions): Promise<void> {
  const { group: name, count, welcomes } = options;
  const group = new Group();
  groups.set(name, group);
  while (group.listeners.length < count) {
    const batch = Math.min(OPENING_AT_ONCE, count - group.listeners.length);
    const opened = Array.from({ length: batch }, () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      group.listeners.push(new Listener(group, options, resolve));
      return promise;
    });
    await Promise.all(opened);
    group.expected = group.listeners.length;
    // The earlier ones have theirs already: only the last batch is waited for.
    if (welcomes > 0) await untilWelcomed(group, welcomes);
  }
  group.reset();
}

async function untilWelcomed(group: Group, welcomes: number): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (group.listeners.some(({ frames }) => frames < welcomes)) {
    if (performance.now() > deadlineMs) fail("A socket was not welcomed.");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function groupOf(name: string): Group {
  return groups.get(name) ?? fail(`There is no group ${name}.`);
}

async function end(): Promise<void> {
  for (const { listeners } of groups.values()) {
    await Promise.all(listeners.map((listener) => listener.end()));
  }
}

/**
 * From here on this process never sleeps. On one machine whoever writes to a sleeper pays for
 * waking it, which on a virtual one is dear, and the fewer bytes a server writes at a time, the
 * more often its listeners sleep.
 */
function stayAwake(): void {
  setImmediate(stayAwake);
}

answerCommands({
  open,
  stayAwake,
  reset: (name: string) => groupOf(name).reset(),
  done: ({ group, frames }: { group: string; frames: number }) => groupOf(group).done(frames),
  /** The last frame of the first listener. */
  latest: (name: string) => groupOf(name).latest,
  bytes: (name: string) => groupOf(name).bytes,
  /** The last listener stalls, and is not waited for. */
  stall(name: string) {
    const group = groupOf(name);
    group.listeners.at(-1)?.stall();
    group.expected = group.listeners.length - 1;
  },
  close: end,
  end,
});
