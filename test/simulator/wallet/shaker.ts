import type { Dice } from "../engine/dice.ts";
import type { Cluster } from "./cluster.ts";
import type { WalletWorld } from "./world.ts";

const HOUR_MS = 3_600_000;

/** Shakes the world until it is told to stop: crashes, pauses, outages, clocks set anew. */
export async function shake(
  world: WalletWorld,
  cluster: Cluster,
  isOver: () => boolean,
): Promise<void> {
  const dice = world.dice.fork("shaker");
  const { rates, scheduler } = world;
  while (!isOver()) {
    await scheduler.sleep(dice.between(30, 600), "shaker");
    if (isOver()) return;
    const node = dice.pick(cluster.nodes);
    if (dice.chance(rates.nodeCrash)) node.crash(dice.between(20, 4_000));
    if (dice.chance(rates.nodePause)) node.pause(pauseMs(dice));
    if (dice.chance(rates.nodeStop)) {
      const { running } = node;
      running?.life.enter(() => void running.program.leadership.stop());
      await scheduler.sleep(dice.between(1, 50), "shaker");
      node.crash(dice.between(20, 2_000));
    }
    if (dice.chance(rates.replaced)) dice.pick(cluster.hosts).replace(pauseMs(dice));
    if (dice.chance(rates.cutOff)) {
      cluster.network.cutOff(dice.pick(cluster.hosts).name, dice.between(50, 6_000));
    }
    if (dice.chance(rates.storeOutage)) {
      dice.pick(cluster.outages).untilMs = scheduler.elapsedMs + dice.between(20, 5_000);
    }
    if (dice.chance(rates.wallJump)) jump(world, dice);
    if (cluster.shards.length === 0) continue;
    const shard = dice.pick(cluster.shards);
    if (dice.chance(rates.shardCrash)) shard.crash(dice.between(5, 3_000));
    if (dice.chance(rates.shardPause)) shard.pause(pauseMs(dice));
  }
}

/** Now and then longer than a lease. */
function pauseMs(dice: Dice): number {
  return dice.chance(0.4) ? dice.between(2_500, 7_000) : dice.between(5, 500);
}

/** Sets all clocks: by a little, about a deadline, an hour or a day, forward or back. */
function jump({ wall, trace }: WalletWorld, dice: Dice): void {
  const chance = dice.fraction();
  let byMs: number;
  if (chance < 0.4) byMs = dice.between(-3_000, 3_000);
  else if (chance < 0.8) byMs = dice.between(1_000, 15_000);
  else if (chance < 0.9) byMs = dice.pick([-1, 1]) * HOUR_MS;
  else byMs = dice.pick([-24, 24]) * HOUR_MS;
  trace.add(`all clocks are set by ${Math.round(byMs)} ms`);
  wall.jump(Math.round(byMs));
}
