import type { CloseInfo, Environment, SocketLike } from "../../client/environment.ts";
import { createManualClock, type ManualClock } from "./manual-clock.ts";

/** A frame as the client sent it. */
export interface SentFrame {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly eid: string;
  readonly ts: number;
}

/** The far end of one connection, played by a test. */
export interface FakeSocket {
  readonly url: string;
  /** As text, as it was sent. */
  readonly texts: readonly string[];
  readonly sent: readonly SentFrame[];
  /** Whether the client has closed it. */
  readonly isClosed: boolean;
  open(): void;
  /** Sends a frame to the client; `to` lends its type, eid and ts. */
  answer(to: SentFrame, data: object, error?: string): void;
  push(to: SentFrame, type: string, data: object): void;
  end(why?: Partial<CloseInfo>): void;
}

/** A world in which the client lives: sockets that a test plays, and a clock it turns. */
export interface FakeWorld {
  readonly environment: Environment;
  readonly clock: ManualClock;
  readonly sockets: readonly FakeSocket[];
  /** The newest connection. */
  readonly socket: FakeSocket;
  /** The machine wakes up. */
  wake(): void;
}

type Listener = (event: { data: unknown; code: number; reason: string }) => void;

export function createFakeWorld(): FakeWorld {
  const clock = createManualClock(1_700_000_000_000);
  const sockets: FakeSocket[] = [];
  const wakeListeners = new Set<() => void>();
  return {
    clock,
    sockets,
    get socket() {
      const newest = sockets.at(-1);
      if (newest === undefined) throw new Error("Nothing was dialled yet.");
      return newest;
    },
    wake() {
      for (const listener of wakeListeners) listener();
    },
    environment: {
      createSocket(url) {
        const { near, far } = createPair(url);
        sockets.push(far);
        return near;
      },
      nowMs: clock.nowMs,
      random: () => 0.5,
      after(delayMs, run) {
        const timer = clock.after(delayMs, run);
        return () => timer.cancel();
      },
      onWake(listener) {
        wakeListeners.add(listener);
        return () => void wakeListeners.delete(listener);
      },
    },
  };
}

function createPair(url: string): { near: SocketLike; far: FakeSocket } {
  const listeners = new Map<string, Listener>();
  const texts: string[] = [];
  const state = { isClosed: false };
  const tell = (type: string, event: Partial<Parameters<Listener>[0]> = {}) =>
    listeners.get(type)?.({ data: undefined, code: 1006, reason: "", ...event });
  const say = (frame: object) => tell("message", { data: JSON.stringify(frame) });
  return {
    near: {
      send: (text) => void texts.push(text),
      close: () => {
        state.isClosed = true;
      },
      addEventListener: (type: string, listener: Listener) => void listeners.set(type, listener),
    },
    far: {
      url,
      texts,
      get sent() {
        return texts.map((text): SentFrame => JSON.parse(text));
      },
      get isClosed() {
        return state.isClosed;
      },
      open: () => tell("open"),
      answer: ({ type, eid, ts }, data, error) => say({ type, data, eid, ts, error }),
      push: ({ eid }, type, data) => say({ type, data, eid, ts: 1 }),
      end: (why) => tell("close", why ?? {}),
    },
  };
}
