import { randomBytes, randomFillSync } from "node:crypto";
import type { Random } from "../../core/random.ts";

/** Asking the generator costs a system call: small draws come from a pool, each byte once. */
const POOL_BYTES = 4_096;
const POOLED_BYTES_MAX = 64;

const pool = new Uint8Array(POOL_BYTES);
let taken = POOL_BYTES;

/** The operating system's cryptographically secure generator. */
export const systemRandom: Random = {
  bytes(count) {
    if (count > POOLED_BYTES_MAX) return randomBytes(count);
    if (taken + count > POOL_BYTES) {
      randomFillSync(pool);
      taken = 0;
    }
    const bytes = pool.slice(taken, taken + count);
    // What was given away is not kept: a later look at the memory finds nothing.
    pool.fill(0, taken, taken + count);
    taken += count;
    return bytes;
  },
};
