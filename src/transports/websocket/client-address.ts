import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";

/** Who is at the other end, seen through the proxies that the operator trusts. */
export class TrustedProxies {
  readonly #trusted = new BlockList();

  /** @param ranges addresses and CIDR ranges, as `10.0.0.0/8` */
  constructor(ranges: readonly string[]) {
    for (const range of ranges) {
      const [address = "", bits] = range.split("/");
      const family = isIP(address) === 6 ? "ipv6" : "ipv4";
      if (bits === undefined) this.#trusted.addAddress(address, family);
      else this.#trusted.addSubnet(address, Number(bits), family);
    }
  }

  /**
   * The client's address: the last one of X-Forwarded-For that no trusted proxy has. What stands
   * before it was written by the client.
   */
  addressOf(request: IncomingMessage): string {
    let address = plain(request.socket.remoteAddress ?? "");
    const hops = lastValue(request.headers["x-forwarded-for"])?.split(",") ?? [];
    while (hops.length > 0 && this.#trusts(address)) {
      const before = plain(hops.pop()?.trim() ?? "");
      if (isIP(before) === 0) break;
      address = before;
    }
    return address;
  }

  #trusts(address: string): boolean {
    const family = isIP(address);
    return family !== 0 && this.#trusted.check(address, family === 6 ? "ipv6" : "ipv4");
  }
}

/** An IPv4 address that a dual-stack listener shows as IPv6, in its own form. */
function plain(address: string): string {
  return address.startsWith("::ffff:") && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
}

function lastValue(header: string | string[] | undefined): string | undefined {
  return typeof header === "string" ? header : header?.at(-1);
}
