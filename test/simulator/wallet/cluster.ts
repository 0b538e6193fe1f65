import type { AnswerRemote } from "../../../src/core/remote.ts";
import type { ShardLink } from "../../../src/modules/wallet/shard/protocol.ts";
import type { LedgerReader } from "../../../src/modules/wallet/shard/reader.ts";
import { RemoteShard } from "../../../src/modules/wallet/shard/remote-shard.ts";
import { Shard } from "../../../src/modules/wallet/shard/shard.ts";
import type { NodeLife } from "../engine/node.ts";
import type { Bank } from "./bank.ts";
import { Host, type HostPorts } from "./host.ts";
import { Network } from "./network.ts";
import { WalletNode } from "./node.ts";
import type { Oracle } from "./oracle.ts";
import type { PlantedFault } from "./planted-faults.ts";
import {
  createChorePort,
  createJournalPort,
  createLedgerPort,
  createPlacePort,
  type Outage,
  StoreLine,
} from "./store-line.ts";
import { answerTexts, createWire } from "./wire.ts";
import type { WalletWorld } from "./world.ts";

const NODES = ["a", "b"];

/** Nobody reads statements here. */
const unread = async (): Promise<never> => {
  throw new Error("Nobody reads here.");
};
const reader: LedgerReader = {
  wallets: unread,
  entries: unread,
  legs: unread,
  balanceAt: unread,
  summary: unread,
  audit: unread,
};

export interface ClusterOptions {
  readonly world: WalletWorld;
  readonly oracle: Oracle;
  readonly bank: Bank;
  readonly fault: PlantedFault | undefined;
  readonly shards: ShardsAre;
}

/**
 * Where shards are: inside of each node, or processes of their own, which are asked as they are or
 * with texts, as over HTTP.
 */
export type ShardsAre = "inside" | "apart" | "remote";

/** What runs where a shard is a process of its own. */
interface ShardProgram {
  readonly link: ShardLink;
  readonly answer: AnswerRemote;
}

/** Two nodes over shards and a journal. */
export class Cluster {
  readonly nodes: readonly Host<WalletNode>[];
  /** Empty when shards are inside of the nodes. */
  readonly shards: readonly Host<ShardProgram>[];
  readonly network: Network;
  readonly #options: ClusterOptions;
  readonly #journalOutage: Outage = { untilMs: 0 };
  readonly #outages: readonly Outage[];

  constructor(options: ClusterOptions) {
    const { world, oracle, shards } = options;
    this.#options = options;
    this.network = new Network(world);
    this.#outages = oracle.ledgers.map(() => ({ untilMs: 0 }));
    this.nodes = NODES.map((name) => new Host(world, name, (ports) => this.#bootNode(ports)));
    const apart = shards === "inside" ? [] : oracle.ledgers;
    this.shards = apart.map((_, shard) => {
      return new Host(world, `s${shard}`, (ports) => this.#bootProcess(ports, shard));
    });
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
    const { world, oracle, fault, bank } = this.#options;
    const line = new StoreLine(world, life, this.#journalOutage);
    const right = createJournalPort(line, oracle.journal, life.clock.nowMs);
    const links = oracle.ledgers.map((_, shard) => {
      const apart = this.shards[shard];
      return apart === undefined
        ? this.#bootShard({ life, log }, shard)
        : this.#reach(life, apart, shard);
    });
    const chores = createChorePort(line, oracle.chores);
    return new WalletNode({
      life,
      log,
      journal: fault?.journal?.(right, oracle.journal) ?? right,
      chores: fault?.chores?.(chores) ?? chores,
      links,
      grant: (wallet, amount) => bank.grant(wallet, amount, life.clock.nowMs()),
      tellOthers: (ids) => this.#tellOthers(life, (node) => node.noticed(ids)),
      tellOfChores: () => this.#tellOthers(life, (node) => node.noticedChores()),
    });
  }

  /** How a node asks a shard that is a process of its own. */
  #reach(life: NodeLife, host: Host<ShardProgram>, shard: number): ShardLink {
    const { world, oracle, fault, shards } = this.#options;
    if (shards === "apart") return this.network.link(life, host);
    const wire = createWire({ world, network: this.network }, life, host);
    const place = { shard, shards: oracle.ledgers.length };
    return new RemoteShard(fault?.remote?.(wire) ?? wire, place);
  }

  #bootProcess(ports: HostPorts, shard: number): ShardProgram {
    const { world, oracle } = this.#options;
    const { life, log } = ports;
    const link = this.#bootShard(ports, shard);
    const [kept, outage] = [oracle.places[shard], this.#outages[shard]];
    if (kept === undefined || outage === undefined) throw new Error(`No shard ${shard}.`);
    const place = createPlacePort(new StoreLine(world, life, outage), kept);
    return { link, answer: answerTexts(life, { place, open: () => ({ link, reader }), log }) };
  }

  #bootShard({ life, log }: HostPorts, shard: number): ShardLink {
    const { world, oracle, fault } = this.#options;
    const [ledger, outage] = [oracle.ledgers[shard], this.#outages[shard]];
    if (ledger === undefined || outage === undefined) throw new Error(`No shard ${shard}.`);
    const port = createLedgerPort(new StoreLine(world, life, outage), ledger, shard);
    const store = fault?.store?.(port) ?? port;
    const right = oracle.watchAnswers(shard, new Shard({ store, clock: life.clock, log }));
    return fault?.shard?.(right, ledger, oracle.journal) ?? right;
  }

  #tellOthers(from: NodeLife, tell: (node: WalletNode) => void): void {
    const { world } = this.#options;
    for (const node of this.nodes) {
      if (node.name === from.node || world.dice.chance(world.rates.newsLost)) continue;
      world.scheduler.after(world.dice.between(0.5, 20), `news to ${node.name}`, () => {
        const { running } = node;
        running?.life.enter(() => tell(running.program));
      });
    }
  }
}
