import type { ConfigProblem } from "./problem.ts";

/** What the variables with the shards' addresses begin with; their number follows. */
export const SHARD_ADDRESS = "SHARD_ADDRESS_";
/** Shards of one ledger. */
export const SHARDS_MAX = 64;

/**
 * Reads `SHARD_ADDRESS_0` and so on. Where a wallet lives follows from how many there are, so one
 * that is left out, named twice or not understood stops the start.
 *
 * @returns their URLs in the order of their numbers
 */
export function readShardAddresses(environment: Readonly<Record<string, string | undefined>>): {
  urls: readonly string[];
  problems: ConfigProblem[];
} {
  const problems: ConfigProblem[] = [];
  const urls: string[] = [];
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith(SHARD_ADDRESS) || text === undefined || text === "") continue;
    const number = name.slice(SHARD_ADDRESS.length);
    const url = urlOf(text);
    if (!/^(0|[1-9]\d?)$/.test(number) || Number(number) >= SHARDS_MAX) {
      problems.push({ name, message: `does not end in a number from 0 to ${SHARDS_MAX - 1}` });
    } else if (url === undefined) {
      problems.push({ name, message: "expected host:port, or http(s)://host:port" });
    } else if (urls.includes(url)) {
      problems.push({ name, message: "is the address of another shard as well" });
    } else {
      urls[Number(number)] = url;
    }
  }
  if (problems.length > 0) return { urls: [], problems };
  for (let shard = 0; shard < urls.length; shard += 1) {
    if (urls[shard] !== undefined) continue;
    const last = `${SHARD_ADDRESS}${urls.length - 1}`;
    const message = `is missing: there is a ${last}, and no number is left out`;
    problems.push({ name: `${SHARD_ADDRESS}${shard}`, message });
  }
  return { urls, problems };
}

/** The address as a URL without a path; undefined when it is none. */
function urlOf(text: string): string | undefined {
  const isUrl = /^https?:\/\//.test(text);
  if (!isUrl && !/^[^/?#@]+:\d{1,5}$/.test(text)) return undefined;
  const url = isUrl ? text : `http://${text}`;
  if (!URL.canParse(url)) return undefined;
  const { origin, href } = new URL(url);
  return href === `${origin}/` ? origin : undefined;
}
