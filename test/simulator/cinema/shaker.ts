import type { Dice } from "../engine/dice.ts";
import type { Watcher } from "./watcher.ts";
import type { World } from "./world.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Shakes the world until it is told to stop: crashes, pauses, broken networks, clocks set anew. */
export async function shake(
  world: World,
  watchers: readonly Watcher[],
  isOver: () => boolean,
): Promise<void> {
  const { simulation } = world;
  const dice = simulation.dice.fork("shaker");
  while (!isOver()) {
    await simulation.scheduler.sleep(dice.between(60, 600), "shaker");
    if (isOver()) return;
    const { rates, alive } = simulation;
    if (alive.length > 0) {
      const { life } = dice.pick(alive);
      if (dice.chance(rates.crash)) simulation.crash(life.node, dice.between(20, 2_500));
      else if (dice.chance(rates.pause)) life.pause(dice.between(10, pauseMsMax(dice)));
      if (dice.chance(rates.cutOff)) simulation.bus.cutOff(life.node, dice.between(50, 4_000));
    }
    if (dice.chance(rates.wallJump)) jump(world, dice);
    if (dice.chance(0.3) && watchers.length > 0) dice.pick(watchers).hangUp();
  }
}

function pauseMsMax(dice: Dice): number {
  return dice.chance(0.2) ? 7_000 : 400;
}

/**
 * Sets all clocks: mostly to about the end of some hold, where the interesting things happen; at
 * times by a little, by an hour or by a day, forward or back.
 */
function jump({ simulation, oracle, forwardMsMax }: World, dice: Dice): void {
  const { wall } = simulation;
  const nowMs = wall.earliestMs();
  const ends = oracle.tables.seats.flatMap(({ untilMs }) =>
    untilMs !== null && untilMs > nowMs ? [untilMs] : [],
  );
  const chance = dice.fraction();
  let byMs: number;
  if (chance < 0.6 && ends.length > 0) byMs = dice.pick(ends) - nowMs - dice.between(-300, 2_500);
  else if (chance < 0.75) byMs = dice.between(0, 12) * MINUTE_MS;
  else if (chance < 0.85) byMs = dice.between(-3_000, 3_000);
  else if (chance < 0.93) byMs = dice.pick([-1, 1]) * HOUR_MS;
  else byMs = dice.pick([-24, 24]) * HOUR_MS;
  if (wall.forwardMs + byMs > forwardMsMax) return;
  simulation.trace.add(`all clocks are set by ${Math.round(byMs)} ms`);
  wall.jump(Math.round(byMs));
}
