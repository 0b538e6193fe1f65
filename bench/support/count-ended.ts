import type { Measured } from "./measured.ts";

/** How long transfers are sent. */
export const SLICE_MS = 250;
/** From the beginning of a slice: the first transfers are on their way, and none has ended. */
const LEAD_IN_MS = 60;

export type Speed = { readonly perSecond: number };

/** Transfers that end a second while they are sent, once the first ones have come through. */
export async function countEnded(stoa: Measured, send: () => Promise<unknown>): Promise<Speed> {
  const startedMs = Date.now();
  await send();
  await stoa.ask("settled");
  const [fromMs, toMs] = [startedMs + LEAD_IN_MS, startedMs + SLICE_MS];
  const ended = await stoa.ask<number>("endedBetween", { fromMs, toMs });
  return { perSecond: (ended / (toMs - fromMs)) * 1_000 };
}
