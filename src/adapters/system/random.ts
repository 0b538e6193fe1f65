import { randomBytes } from "node:crypto";
import type { Random } from "../../core/random.ts";

/** The operating system's cryptographically secure generator. */
export const systemRandom: Random = { bytes: (count) => randomBytes(count) };
