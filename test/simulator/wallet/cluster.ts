import type { ShardLink } from "../../../src/modules/wallet/shard/protocol.ts";
import { Shard } from "../../../src/modules/wallet/shard/shard.ts";
import type { NodeLife } from "../engine/node.ts";
import { Host, type HostPorts } from "./host.ts";
import { Network } from "./network.ts";
import { WalletNode } from "./node.ts";
import type { Oracle } from "./oracle.ts";
import type { PlantedFault } from "./planted-faults.ts";
import { createJournalPort, createLedgerPort, type Outage, StoreLine } from "./store-line.ts";
import type { WalletWorld } from "./world.ts";

const NODES = ["a", "b"];

export interface ClusterOptions {
  readonly world: WalletWorld;
  readonly oracle: Oracle;
  readonly fault: PlantedFault | undefined;
  /** Shards are processes of their own, or each node has all of them inside. */
  readonly apart: boolean;
}

/** Two nodes over shards and a journal. */
export class Cluster {
  readonly nodes: readonly Host<WalletNode>[];
  /** Empty when shards are inside of the nodes. */
  readonly shards: readonly Host<ShardLink>[];
  readonly network: Network;
  readonly #options: ClusterOptions;
  readonly #journalOutage: Outage = { untilMs: 0 };
  readonly #outages: readonly Outage[];

  constructor(options: ClusterOptions) {
    const { world, oracle, apart } = options;
    this.#options = options;
    this.network = new Network(world);
    this.#outages = oracle.ledgers.map(() => ({ untilMs: 0 }));
    this.nodes = NODES.map((name) => new Host(world, name, (ports) => this.#bootNode(ports)));
    this.shards = apart
      ? oracle.ledgers.map((_, shard) => {
          return new Host<ShardLink>(world, `s${shard}`, (ports) => this.#bootShard(ports, shard));
        })
      : [];
    world.skew(this.hosts.map(({ name }) => name));
  }

  get hosts(): readonly Host<unknown>[] {
    return [...this.nodes, ...this.shards];
  }

  /** Databases: the journal's first, then those of the shards. */
  get outages(): readonly Outage[] {
    return [this.#journalOutage, ...this.#outages];
  }

  start(): void {
    for (const host of this.hosts) host.start();
  }

  /** Whatever is away comes back. */
  heal(): void {
    this.start();
    for (const host of this.hosts) {
      host.dismissOthers();
      this.network.cutOff(host.name, 0);
    }
    for (const outage of this.outages) outage.untilMs = 0;
  }

  stop(): void {
    for (const host of this.hosts) host.stop();
  }

  #bootNode({ life, log }: HostPorts): WalletNode {
    const { world, oracle, fault } = this.#options;
    const line = new StoreLine(world, life, this.#journalOutage);
    const right = createJournalPort(line, oracle.journal, life.clock.nowMs);
    const links = oracle.ledgers.map((_, shard) => {
      const apart = this.shards[shard];
      return apart === undefined
        ? this.#bootShard({ life, log }, shard)
        : this.network.link(life, apart);
    });
    return new WalletNode({
      life,
      log,
      journal: fault?.journal?.(right, oracle.journal) ?? right,
      links,
      tellOthers: (ids) => this.#tellOthers(life, ids),
    });
  }

  #bootShard({ life, log }: HostPorts, shard: number): ShardLink {
    const { world, oracle, fault } = this.#options;
    const [ledger, outage] = [oracle.ledgers[shard], this.#outages[shard]];
    if (ledger === undefined || outage === undefined) throw new Error(`No shard ${shard}.`);
    const port = createLedgerPort(new StoreLine(world, life, outage), ledger, shard);
    const store = fault?.store?.(port) ?? port;
    const right = oracle.watchRefusals(shard, new Shard({ store, clock: life.clock, log }));
    return fault?.shard?.(right, ledger, oracle.journal) ?? right;
  }

  #tellOthers(from: NodeLife, ids: readonly bigint[]): void {
    const { world } = this.#options;
    for (const node of this.nodes) {
      if (node.name === from.node || world.dice.chance(world.rates.newsLost)) continue;
      world.scheduler.after(world.dice.between(0.5, 20), `news to ${node.name}`, () => {
        const { running } = node;
        running?.life.enter(() => running.program.noticed(ids));
      });
    }
  }
}
