import type { Clock } from "./clock.ts";
import type { Random } from "./random.ts";

export interface Ids {
  /** A UUIDv7 (RFC 9562 §5.7), greater than every earlier one of this process. */
  uuid(): string;
}

const COUNTER_MAX = 0xfff;
const TAIL_CHARS = 16;
/** The random parts of so many ids are drawn at once: an id names a thing and is no secret. */
const TAILS_DRAWN = 64;
/** The variant's two bits with two of chance (RFC 9562 §4.1). */
const VARIANTS = "89ab";

/**
 * The 12 bits of `rand_a` count within a millisecond (RFC 9562 §6.2, method 1), and the
 * timestamp never goes back, so ids stay monotonic when the wall clock is set back.
 */
export function createIds(clock: Clock, random: Random): Ids {
  let lastMs = 0;
  let counter = 0;
  let time = "";
  let drawn = "";
  let drawnAt = 0;
  const tail = () => {
    if (drawnAt === drawn.length) {
      drawn = Buffer.from(random.bytes((TAILS_DRAWN * TAIL_CHARS) / 2)).toString("hex");
      drawnAt = 0;
    }
    drawnAt += TAIL_CHARS;
    return drawn.slice(drawnAt - TAIL_CHARS, drawnAt);
  };
  const setTime = (ms: number) => {
    lastMs = ms;
    counter = 0;
    const hex = ms.toString(16).padStart(12, "0");
    time = `${hex.slice(0, 8)}-${hex.slice(8)}-7`;
  };
  return {
    uuid() {
      const nowMs = clock.nowMs();
      if (nowMs > lastMs) setTime(nowMs);
      else if (counter === COUNTER_MAX) setTime(lastMs + 1);
      else counter += 1;
      const sequence = counter.toString(16).padStart(3, "0");
      const rest = tail();
      const variant = VARIANTS[Number.parseInt(rest.charAt(0), 16) & 3];
      return `${time}${sequence}-${variant}${rest.slice(1, 4)}-${rest.slice(4)}`;
    },
  };
}
