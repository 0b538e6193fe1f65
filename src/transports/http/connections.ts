import type { Server } from "node:http";
import type { Socket } from "node:net";
import { networkOf } from "../../core/network.ts";

/**
 * Cuts off what one network opens beyond its share of connections, before a byte is read: it could
 * otherwise hold all there are by opening them and saying nothing. Those of a trusted proxy are
 * many people's, and the proxy bounds them.
 */
export function boundConnections(
  server: Server,
  perNetworkMax: number,
  trusts: (address: string) => boolean,
): void {
  const open = new Map<string, number>();
  server.prependListener("connection", (socket: Socket) => {
    const { remoteAddress = "" } = socket;
    if (trusts(remoteAddress)) return;
    const network = networkOf(remoteAddress);
    const count = (open.get(network) ?? 0) + 1;
    open.set(network, count);
    socket.once("close", () => {
      const left = (open.get(network) ?? 1) - 1;
      if (left > 0) open.set(network, left);
      else open.delete(network);
    });
    if (count > perNetworkMax) socket.destroy();
  });
}
