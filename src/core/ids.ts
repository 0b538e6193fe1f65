import type { Clock } from "./clock.ts";
import type { Random } from "./random.ts";

export interface Ids {
  /** A UUIDv7 (RFC 9562 §5.7), greater than every earlier one of this process. */
  uuid(): string;
}

const COUNTER_MAX = 0xfff;
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/**
 * The 12 bits of `rand_a` count within a millisecond (RFC 9562 §6.2, method 1), and the
 * timestamp never goes back, so ids stay monotonic when the wall clock is set back.
 */
export function createIds(clock: Clock, random: Random): Ids {
  let lastMs = 0;
  let counter = 0;
  let time = "";
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
      const tail = random.bytes(8);
      tail[0] = ((tail[0] ?? 0) & 0x3f) | 0x80;
      let id = `${time}${sequence}-`;
      for (let at = 0; at < tail.length; at += 1) {
        if (at === 2) id += "-";
        id += HEX[tail[at] ?? 0];
      }
      return id;
    },
  };
}
