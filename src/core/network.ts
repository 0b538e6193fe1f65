const IPV4_IN_IPV6 = /^(?:0{0,4}:){2,6}ffff:(\d+\.\d+\.\d+\.\d+)$/i;
const IPV6_GROUPS = 8;
const NETWORK_GROUPS = 4;
const NETWORK_CHARS_MAX = 64;

/**
 * What counts as one place on the net, for whatever is bounded by where it comes from: an IPv4
 * address, or the first 64 bits of an IPv6 address, of which every customer has 2^64. Other texts
 * stand for themselves.
 */
export function networkOf(address: string): string {
  if (!address.includes(":")) return address.slice(0, NETWORK_CHARS_MAX);
  const plain = address.replace(/%.*/s, "");
  const mapped = IPV4_IN_IPV6.exec(plain)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = "", tail] = plain.split("::", 2);
  const groupsOf = (text: string | undefined) => (text ? text.split(":") : []);
  const before = groupsOf(head);
  const after = groupsOf(tail);
  const gap = tail === undefined ? 0 : Math.max(0, IPV6_GROUPS - before.length - after.length);
  const groups = [...before, ...Array<string>(gap).fill("0"), ...after].slice(0, NETWORK_GROUPS);
  const short = groups.map((group) => group.replace(/^0+(?=.)/, "").toLowerCase());
  return `${short.join(":")}::/64`.slice(0, NETWORK_CHARS_MAX);
}
