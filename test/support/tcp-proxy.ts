import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

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
  /** Resets the open connections and every further one, until `up`. */
  down(): void;
  up(): void;
  close(): Promise<void>;
}

export interface ProxyTarget {
  readonly host: string;
  readonly port: number;
}

export async function createTcpProxy(target: ProxyTarget): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let paused = false;
  let refusing = false;

  const carry = (from: Socket, to: Socket) => {
    from.on("data", (chunk) => {
      if (!to.write(chunk)) from.pause();
    });
    to.on("drain", () => {
      if (!paused) from.resume();
    });
    from.on("end", () => to.end());
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
    carry(near, far);
    carry(far, near);
    if (paused) for (const socket of pair) socket.pause();
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
      paused = true;
      for (const socket of [...pairs].flat()) socket.pause();
    },
    resume() {
      paused = false;
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
