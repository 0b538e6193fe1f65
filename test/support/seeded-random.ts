import { createHash } from "node:crypto";
import type { Random } from "../../src/core/random.ts";

/** The same seed gives the same bytes for ever: SHA-256 over the seed and a counter. */
export function createSeededRandom(seed: number | string): Random {
  let counter = 0;
  let rest = Buffer.alloc(0);
  return {
    bytes(count) {
      const parts = [rest];
      for (let have = rest.length; have < count; have += 32) {
        parts.push(createHash("sha256").update(`${seed}:${counter}`).digest());
        counter += 1;
      }
      const pool = Buffer.concat(parts);
      rest = pool.subarray(count);
      return new Uint8Array(pool.subarray(0, count));
    },
  };
}
