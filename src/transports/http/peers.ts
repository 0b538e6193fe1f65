import { setMaxListeners } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { BlockList, isIP } from "node:net";
import type { FastifyRequest } from "fastify";
import type { Ids } from "../../core/ids.ts";

const REQUEST_ID = /^[A-Za-z0-9._-]{8,64}$/;

/** Tells the configured proxies from everybody else. */
export function trustOnly(proxies: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const proxy of proxies) {
    const [address = "", bits] = proxy.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (text) => {
    const address = plainAddress(text);
    const family = isIP(address);
    return family !== 0 && list.check(address, family === 6 ? "ipv6" : "ipv4");
  };
}

/** An IPv4 address that arrived on an IPv6 socket, as IPv4. */
function plainAddress(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}

/**
 * Where a request comes from, past the trusted proxies. What a proxy forwards may be no address
 * at all, and a connection that is gone has none.
 */
export function addressOf({ ip, raw }: Pick<FastifyRequest, "ip" | "raw">): string {
  const { remoteAddress = "" } = raw.socket;
  const claimed = plainAddress(ip ?? "");
  if (ip === remoteAddress) return claimed;
  return isIP(claimed) === 0 ? plainAddress(remoteAddress) : claimed;
}

/**
 * Names each request. A trusted proxy may name it with `X-Request-Id`; from anybody else the
 * header is ignored, because the id also tells repeats of anonymous calls apart.
 */
export function requestIds(ids: Ids, trusts: (address: string) => boolean) {
  return (request: IncomingMessage): string => {
    const given = request.headers["x-request-id"];
    if (typeof given !== "string" || !REQUEST_ID.test(given)) return ids.uuid();
    return trusts(request.socket.remoteAddress ?? "") ? given : ids.uuid();
  };
}

const HOST_CHARS = "host".length;

/** Servers disagree on which of two counts, so such a request has none (RFC 9112 §3.2). */
export function hasTwoHosts({ rawHeaders }: IncomingMessage): boolean {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === HOST_CHARS && name.toLowerCase() === "host") hosts += 1;
  }
  return hosts > 1;
}

const signals = new WeakMap<Socket, AbortSignal>();

/** Aborts when the client's connection is gone; one signal for all requests of a connection. */
export function signalOf(socket: Socket): AbortSignal {
  const known = signals.get(socket);
  if (known !== undefined) return known;
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  socket.once("close", () => controller.abort());
  signals.set(socket, controller.signal);
  return controller.signal;
}
