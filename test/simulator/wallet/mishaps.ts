import type { Order } from "../../../src/modules/wallet/orchestrator/journal.ts";
import { type Status, statusOf } from "../../../src/modules/wallet/orchestrator/transfer.ts";
import { Violation } from "../engine/world.ts";
import { Bank } from "./bank.ts";
import { Client, type Stage, type Wish } from "./client.ts";
import { Cluster, type ShardsAre } from "./cluster.ts";
import type { WalletRates } from "./faults.ts";
import { Operator } from "./operator.ts";
import { Oracle } from "./oracle.ts";
import { reckon } from "./reckoning.ts";
import { WalletWorld } from "./world.ts";

const SHARDS = 2;
const SEED = 1;
/** No transfer is given up for want of time. */
const DEADLINE_MS = 120_000;
const END_MS_MAX = 30_000;

/** One thing that goes wrong, right at one event; they are counted from the first transfer. */
export type Mishap = { readonly event: number } & (
  | {
      readonly kind: "crash";
      /** Which machine, counted over nodes and shards. */
      readonly host: number;
      readonly downMs: number;
    }
  /** Happens to everything that is sent while the event runs. */
  | { readonly kind: keyof WalletRates }
);

export interface MishapRun {
  readonly shards: ShardsAre;
  readonly mishap?: Mishap;
}

export interface MishapResult {
  readonly hosts: number;
  /** From the first of the transfers to the end of the last. */
  readonly events: number;
  readonly statuses: readonly Status[];
}

/**
 * A transfer between shards, one within a shard, a bundle and a hold that is captured in part, all
 * at once, and one thing that goes wrong at a given moment of it. @throws Violation
 */
export async function runMishap({ shards, mishap }: MishapRun): Promise<MishapResult> {
  const world = new WalletWorld(SEED, undefined);
  const oracle = new Oracle(world, SHARDS, undefined);
  const bank = new Bank(world.dice, SHARDS);
  const cluster = new Cluster({ world, oracle, bank, fault: undefined, shards });
  const stage: Stage = { world, cluster, oracle, bank };
  const operator = new Operator(stage);
  const client = new Client(stage, "client");
  await world.phase("the opening", async () => {
    cluster.start();
    await operator.open();
    await operator.issue();
  });
  const { scheduler } = world;
  const transfers = () => [...oracle.journal.transfers.values()];
  const isAtRest = () => transfers().every(({ finishedMs }) => finishedMs !== null);
  await world.runUntil(isAtRest);
  const [first, startedMs] = [scheduler.steps, scheduler.elapsedMs];
  let isAsked = false;
  world.begin("business", async () => {
    await doBusiness(stage, client);
    isAsked = true;
  });
  const goWrong = mishap === undefined ? () => {} : createMishap(stage, mishap);
  await world.runUntil(() => {
    goWrong(scheduler.steps - first);
    return (isAsked && isAtRest()) || scheduler.elapsedMs > startedMs + END_MS_MAX;
  });
  if (!isAsked || !isAtRest()) throw new Violation("It does not come to its end.");
  const events = scheduler.steps - first;
  reckon(oracle, [operator.client, client]);
  cluster.stop();
  return { hosts: cluster.hosts.length, events, statuses: transfers().map(statusOf) };
}

/** To be told, before each event, how many there were. */
function createMishap({ world, cluster }: Stage, mishap: Mishap): (event: number) => void {
  let isOver = false;
  return (event) => {
    if (isOver || event < mishap.event) return;
    if (mishap.kind === "crash") {
      cluster.hosts[mishap.host]?.crash(mishap.downMs);
      isOver = true;
    } else {
      isOver = event > mishap.event;
      world.rates[mishap.kind] = isOver ? 0 : 1;
    }
  };
}

async function doBusiness({ bank, world }: Stage, client: Client): Promise<void> {
  const nowMs = world.wall.latestMs();
  const times = { nowMs, deadlineMs: nowMs + DEADLINE_MS };
  const repeat = (key: string) => ({ key, hash: key });
  const want = async (order: Order) => {
    const wish: Wish = { order, told: undefined };
    client.wishes.push(wish);
    while (wish.told === undefined) await client.send(wish);
  };
  await Promise.all([
    want(bank.order("transfer", repeat("between"), times, [["1", "2", 1n]])),
    want(bank.order("transfer", repeat("within"), times, [["1", "3", 1n]])),
    want(
      bank.order("transfer", repeat("bundle"), times, [
        ["1", "2", 1n],
        ["2", "4", 1n],
      ]),
    ),
    holdAndCapture(client, () => want(bank.order("hold", repeat("hold"), times, [["3", "2", 3n]]))),
  ]);
}

/** Asks until it is so, whatever was answered before. */
async function holdAndCapture(client: Client, hold: () => Promise<void>): Promise<void> {
  await hold();
  for (;;) {
    const [id] = client.wishes.find(({ order }) => order.transfers[0]?.kind === "hold")?.told ?? [];
    if (id === undefined) throw new Violation("A hold was never answered.");
    await client.ask((node) => node.decide(id, { decision: "commit", captured: 2n }));
    const [found] = (await client.ask((node) => node.find([id]))) ?? [];
    if (found?.decision === "commit") return;
  }
}
