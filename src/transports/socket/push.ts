import type { Clock } from "../../core/clock.ts";
import { textFrame } from "../websocket/frame.ts";
import { PushEncoder } from "../websocket/push-run.ts";
import { SUBSCRIPTION_EID_BYTES_MAX } from "./limits.ts";

/** A push leaves this much room for the eid: JSON with its quotes, and spaces behind it. */
const SLOT_BYTES = SUBSCRIPTION_EID_BYTES_MAX + 2;
const EMPTY_SLOT = " ".repeat(SLOT_BYTES);

/**
 * The eid as it fills a slot, one character a byte; undefined when it is too long. JSON allows
 * spaces behind a value, so the padding is valid.
 */
export function eidSlot(eid: string): string | undefined {
  const bytes = Buffer.from(JSON.stringify(eid));
  return bytes.length > SLOT_BYTES ? undefined : bytes.toString("latin1").padEnd(SLOT_BYTES);
}

/** Encodes events as frames whose eid is still empty. */
export function createPushEncoder(clock: Clock): PushEncoder {
  return new PushEncoder((event) => {
    const data = JSON.stringify({ offset: event.offset, ...event.data });
    const tail = `${EMPTY_SLOT},"ts":${clock.nowMs()}}`;
    const frame = textFrame(`{"type":${JSON.stringify(event.type)},"data":${data},"eid":${tail}`);
    return { frame, slotAt: frame.length - tail.length };
  });
}
