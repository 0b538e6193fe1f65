import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** Towards the one who connects, or the one who is connected to. */
export type Way = "toClient" | "toServer";

/** Stands between a client and a server of a test and behaves as badly as a network can. */
export interface TcpProxy {
  readonly port: number;
  /** How many connections are open. */
  connections(): number;
  /** Resets the open connections; a new one succeeds. */
  cut(): void;
  /** Carries nothing in either direction and tells nobody, until `resume`. */
  pause(): void;
  resume(): void;
  /** Carries nothing that way and tells nobody, until `resume`; the other way goes on. */
  mute(way: Way): void;
  /** Resets the open connections once one has carried so many bytes more, in whatever they fall. */
  cutAfter(way: Way, bytes: number): void;
  /** Resets the open connections and every further one, until `up`. */
  down(): void;
  up(): void;
  close(): Promise<void>;
}

/** Where connections lead; looked at for each, since a server that restarts may have moved. */
export interface ProxyTarget {
  readonly host: string;
  readonly port: number;
}

export async function createTcpProxy(target: ProxyTarget): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const muted = new Set<Way>();
  const left: Record<Way, number> = { toClient: Infinity, toServer: Infinity };
  let refusing = false;

  const carry = (from: Socket, to: Socket, way: Way) => {
    from.on("data", (chunk) => {
      left[way] -= chunk.length;
      if (left[way] <= 0) {
        // What comes before the cut arrives, since a reset takes along what was not sent yet.
        const carried = chunk.subarray(0, chunk.length + left[way]);
        left[way] = Infinity;
        to.write(carried, () => proxy.cut());
      } else if (!to.write(chunk)) from.pause();
    });
    to.on("drain", () => {
      if (!muted.has(way)) from.resume();
    });
    from.on("end", () => to.end());
    if (muted.has(way)) from.pause();
  };
  const mute = (way: Way) => {
    muted.add(way);
    for (const [near, far] of pairs) (way === "toClient" ? far : near).pause();
  };

  const server = createServer({ allowHalfOpen: true }, (near) => {
    if (refusing) {
      near.resetAndDestroy();
      return;
    }
    const far = connect({ ...target, allowHalfOpen: true });
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on("error", () => {});
      socket.on("close", () => {
        pairs.delete(pair);
        near.destroy();
        far.destroy();
      });
    }
    carry(near, far, "toServer");
    carry(far, near, "toClient");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  const proxy: TcpProxy = {
    port: (server.address() as AddressInfo).port,
    connections: () => pairs.size,
    cut() {
      for (const [near, far] of pairs) {
        near.resetAndDestroy();
        far.resetAndDestroy();
      }
    },
    pause() {
      mute("toClient");
      mute("toServer");
    },
    mute,
    cutAfter(way, bytes) {
      left[way] = bytes;
    },
    resume() {
      muted.clear();
      for (const socket of [...pairs].flat()) socket.resume();
    },
    down() {
      refusing = true;
      proxy.cut();
    },
    up() {
      refusing = false;
    },
    async close() {
      proxy.cut();
      server.close();
      await once(server, "close");
    },
  };
  return proxy;
}
