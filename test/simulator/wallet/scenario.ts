import { isDeepStrictEqual } from "node:util";
import type { TransferRecord } from "../../../src/modules/wallet/orchestrator/transfer.ts";
import type { Operation, Outcome } from "../../../src/modules/wallet/shard/protocol.ts";
import type { SeedResult } from "../engine/run-seeds.ts";
import { Violation } from "../engine/world.ts";
import { Bank } from "./bank.ts";
import { Client, type Stage } from "./client.ts";
import { Cluster } from "./cluster.ts";
import { Operator } from "./operator.ts";
import { Oracle } from "./oracle.ts";
import type { PlantedFault } from "./planted-faults.ts";
import { reckon } from "./reckoning.ts";
import { shake } from "./shaker.ts";
import { WalletWorld } from "./world.ts";

export interface WalletRun {
  readonly seed: number;
  readonly fault?: PlantedFault | undefined;
  readonly show?: ((line: string) => void) | undefined;
}

/** How long everything may take to come to its end, once nothing goes wrong any more. */
const SETTLE_MS_MAX = 30_000;

/** Longer than the orchestrator remembers what may still come. */
const QUIET_MS = 70_000;
/** How often, and how long after each other, what differs is looked at. */
const LOOKS_MAX = 5;
const LOOK_AGAIN_MS = 2_000;

/** What a run came to, and what was seen in it. */
export interface WalletResult extends SeedResult {
  readonly sights: ReadonlySet<string>;
}

/** A busy while among wallets, with everything that can go wrong in it. */
export async function runWallet({ seed, fault, show }: WalletRun): Promise<WalletResult> {
  const world = new WalletWorld(seed, show);
  const { dice } = world;
  const shards = 2 + dice.below(2);
  const oracle = new Oracle(world, shards, fault);
  const shardsAre = dice.pick(["inside", "apart", "remote"] as const);
  const bank = new Bank(dice, shards);
  const cluster = new Cluster({ world, oracle, bank, fault, shards: shardsAre });
  let violation: string | undefined;
  try {
    await play({ world, cluster, oracle, bank });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    violation = error instanceof Violation ? error.message : (error.stack ?? error.message);
  } finally {
    cluster.stop();
  }
  const { steps, elapsedMs } = world.scheduler;
  const { commits, sights } = oracle;
  const digest = world.trace.digest();
  return { seed, digest, violation, steps, commits, simulatedMs: elapsedMs, sights };
}

/** Plays it to its end. @throws Violation */
async function play(stage: Stage): Promise<void> {
  const { world, cluster, oracle } = stage;
  const { dice } = world;
  const operator = new Operator(stage);
  const clients = Array.from({ length: 2 + dice.below(4) }, (_, at) => {
    return new Client(stage, `client${at + 1}`);
  });
  await world.phase("the opening", async () => {
    cluster.start();
    await operator.open();
    if (dice.chance(0.5)) await operator.issue();
  });
  await doBusiness(stage, operator, clients);
  // Holds may wait for their owners.
  const mayWait = ({ heldMs, decision }: TransferRecord) => heldMs !== null && decision === null;
  await settle(stage, mayWait);
  if (dice.chance(0.05)) {
    await world.phase("a quiet while", () => world.scheduler.sleep(QUIET_MS, "nothing happens"));
    await doBusiness(stage, operator, clients);
    await settle(stage, mayWait);
  }
  const deadlines = [...oracle.journal.transfers.values()].map(({ deadlineMs }) => deadlineMs);
  world.wall.jump(Math.max(0, ...deadlines) - world.wall.earliestMs());
  await settle(stage, () => false);
  reckon(oracle, [operator.client, ...clients]);
  await world.phase("the comparison", () => compareMemory(stage));
}

/** Everybody does what they like, and everything goes wrong. @throws Violation */
async function doBusiness(
  { world, cluster }: Stage,
  operator: Operator,
  clients: readonly Client[],
): Promise<void> {
  const { dice } = world;
  world.unleash();
  let isOver = false;
  const shaking = shake(world, cluster, () => isOver);
  const restMs = dice.between(5, 400);
  await world.phase("business", async () => {
    const isIssued = operator.client.wishes.length > 0;
    await Promise.all([
      isIssued ? undefined : operator.issue(),
      operator.work(dice.below(12), restMs * 2),
      ...clients.map((client) => client.live(4 + dice.below(10), restMs)),
    ]);
    isOver = true;
    await shaking;
    world.calm();
    cluster.heal();
  });
}

/**
 * What shards have in memory is what is written. A node that was held up may wake and carry out
 * what it had been asked for long ago, so what differs is looked at again.
 *
 * @throws Violation
 */
async function compareMemory(stage: Stage): Promise<void> {
  const { scheduler } = stage.world;
  for (const { wallet, shard } of stage.bank.accounts) {
    for (let look = 1; ; look += 1) {
      const told = await askLeader(stage, shard, { verb: "look", wallet });
      const kept = stage.oracle.ledgers[shard]?.tables.wallets.get(wallet);
      if (told.ok && isDeepStrictEqual({ ...told.wallet }, { ...kept })) break;
      if (look === LOOKS_MAX) {
        throw new Violation(`Shard ${shard} has wallet ${wallet} otherwise in memory.`);
      }
      await scheduler.sleep(LOOK_AGAIN_MS, "somebody looks again");
    }
  }
}

/** Asks a shard by way of whoever leads, which may change. */
async function askLeader(stage: Stage, shard: number, operation: Operation): Promise<Outcome> {
  const { world, cluster, oracle } = stage;
  for (;;) {
    const { epoch } = oracle.journal;
    for (const { running } of cluster.nodes) {
      const { orchestrator } = running?.program.leadership ?? {};
      if (orchestrator?.epoch !== epoch) continue;
      const outcome = await orchestrator.ask(shard, operation);
      if (outcome !== undefined) return outcome;
    }
    await world.scheduler.sleep(100, "somebody looks for a leader");
  }
}

/** Left in peace, every transfer comes to its end, but for those that may wait. */
async function settle(stage: Stage, mayWait: (transfer: TransferRecord) => boolean): Promise<void> {
  const { world, oracle, cluster } = stage;
  const { scheduler } = world;
  const startedMs = scheduler.elapsedMs;
  const late = () =>
    [...oracle.journal.transfers.values()].filter(
      (transfer) => transfer.finishedMs === null && !mayWait(transfer),
    );
  const waiting = () =>
    [...oracle.journal.transfers.values()].filter(
      ({ heldMs, decision, finishedMs }) =>
        finishedMs === null && (heldMs === null || decision !== null),
    ).length;
  // Whoever leads knows of no others.
  const isKnown = () =>
    cluster.nodes.some(({ running }) => {
      const leader = running?.program.leadership.orchestrator;
      return leader?.epoch === oracle.journal.epoch && leader.inFlight === waiting();
    });
  const chores = () => [...oracle.chores.chores.values()].filter(({ isDone }) => !isDone);
  const isAtRest = () => late().length === 0 && chores().length === 0 && isKnown();
  const isLate = () => scheduler.elapsedMs > startedMs + SETTLE_MS_MAX;
  await world.runUntil(() => isLate() || isAtRest());
  if (isAtRest()) return;
  if (chores().length > 0) {
    const numbers = chores().map(({ number }) => number);
    throw new Violation(`Chores do not come to their end: ${numbers.join(", ")}.`);
  }
  const ids = late().map(({ id, kind, decision }) => `${id} (${kind}, ${decision})`);
  const leaders = cluster.nodes.map(({ running }) => running?.program.leadership.orchestrator);
  const flights = leaders.map((leader) => leader?.inFlight ?? "none");
  throw new Violation(
    `Transfers do not come to their end: ${ids.join(", ")}; in flight are ${flights.join(", ")}.`,
  );
}
