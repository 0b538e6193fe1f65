/** A conversation key serves so long, in milliseconds: 30 days. */
export const KEY_AGE_MS_MAX = 30 * 24 * 60 * 60 * 1_000;
/** Messages that are encrypted to one key. */
export const KEY_MESSAGES_MAX = 1_000;

/** What is known about one's own newest key of a conversation. */
export interface KeyUse {
  readonly createdAtMs: number;
  /** Copies that were made for it. */
  readonly messages: number;
  /** Whether somebody has left or was removed since. */
  readonly memberLeft: boolean;
  /** Whether a device that had it was reported lost since. */
  readonly deviceLost: boolean;
}

export type RotationReason = "age" | "messages" | "leave" | "lost-device";

/** Why one's key of a conversation is to be replaced, or null while it is good. */
export function rotationReason(use: KeyUse, nowMs: number): RotationReason | null {
  if (use.deviceLost) return "lost-device";
  if (use.memberLeft) return "leave";
  if (use.messages >= KEY_MESSAGES_MAX) return "messages";
  return nowMs - use.createdAtMs >= KEY_AGE_MS_MAX ? "age" : null;
}
