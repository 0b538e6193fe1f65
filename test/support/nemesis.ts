import { fraction, type Random } from "../../src/core/random.ts";
import { lasting } from "./lasting.ts";
import { createSeededRandom } from "./seeded-random.ts";

/** What does harm, on a schedule that its seed alone gives. */

/** Somebody it happens to. */
export interface Victim {
  readonly name: string;
  kill(): Promise<void>;
  /** As somebody does who updates it: told to end, or ended in a hurry. */
  stop(): Promise<void>;
  start(): Promise<void>;
  pause(): void;
  resume(): void;
}

export const HARMS = ["killed", "paused", "restarted"] as const;
export type Harm = (typeof HARMS)[number];

export interface Fault {
  readonly victim: Victim;
  readonly harm: Harm;
  readonly awayMs: number;
}

/** How long a victim is away; one a round for long, from the second round on. */
export interface Away {
  readonly leastMs: number;
  readonly mostMs: number;
  readonly longMs: number;
}

/** Every harm to every victim once a round, in another order each time. */
export function planFaults(
  victims: readonly Victim[],
  { seed, rounds, away }: { readonly seed: string; readonly rounds: number; readonly away: Away },
): Fault[] {
  const random = createSeededRandom(seed);
  const { leastMs, mostMs, longMs } = away;
  return Array.from({ length: rounds }, (_, round) => {
    const all = victims.flatMap((victim) => HARMS.map((harm) => ({ victim, harm })));
    const long = round === 0 ? -1 : Math.floor(fraction(random) * all.length);
    return shuffled(all, random).map((one, at) => ({
      ...one,
      awayMs: at === long ? longMs : leastMs + Math.floor(fraction(random) * (mostMs - leastMs)),
    }));
  }).flat();
}

/** Does it, and undoes it after its time. */
export async function inflict({ victim, harm, awayMs }: Fault): Promise<void> {
  if (harm === "paused") {
    victim.pause();
    await lasting(awayMs);
    victim.resume();
    return;
  }
  await (harm === "killed" ? victim.kill() : victim.stop());
  await lasting(awayMs);
  await victim.start();
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const left = [...items];
  return items.flatMap(() => left.splice(Math.floor(fraction(random) * left.length), 1));
}
