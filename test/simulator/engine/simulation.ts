import type { Bus } from "../../../src/core/bus.ts";
import type { Database } from "../../../src/core/database.ts";
import type { Log } from "../../../src/core/log.ts";
import { SimulatedBus } from "./bus.ts";
import { Connection } from "./connection.ts";
import { createDatabasePort } from "./database-port.ts";
import { DatabaseServer } from "./database-server.ts";
import type { Dice } from "./dice.ts";
import { calm, drawRates, type FaultRates, HIGHEST_RATES } from "./faults.ts";
import { createListeningLog, type LogEntry } from "./log.ts";
import { NodeLife } from "./node.ts";
import type { SqlSession } from "./sql-session.ts";
import { World } from "./world.ts";

/** The ports of one life of a node. */
export interface NodePorts {
  readonly life: NodeLife;
  readonly database: Database;
  readonly bus: Bus;
  readonly log: Log;
}

export interface SimulationOptions<Program> {
  readonly seed: number;
  readonly session: SqlSession;
  readonly nodes: readonly string[];
  /** Starts the program on a node; again after each crash. */
  readonly boot: (ports: NodePorts) => Promise<Program>;
  /** What a node says of trouble. */
  readonly heard: (entry: LogEntry) => void;
  /** Shown each line of the trace. */
  readonly show?: ((line: string) => void) | undefined;
}

interface RunningNode<Program> {
  readonly life: NodeLife;
  readonly program: Program;
}

/**
 * A world of nodes with a database and a bus. It knows nothing of what runs on the nodes: a
 * scenario brings the program, the clients and what must hold.
 */
export class Simulation<Program> extends World {
  readonly server: DatabaseServer;
  readonly bus: SimulatedBus;
  /** Nothing goes wrong until `unleash`. */
  readonly rates: FaultRates;
  readonly #options: SimulationOptions<Program>;
  readonly #faultDice: Dice;
  readonly #running = new Map<string, RunningNode<Program>>();
  readonly #generations = new Map<string, number>();

  constructor(options: SimulationOptions<Program>) {
    const { seed, session, nodes, show } = options;
    super(seed, show);
    this.#options = options;
    this.#faultDice = this.dice.fork("faults");
    this.rates = drawRates(this.#faultDice, HIGHEST_RATES);
    calm(this.rates);
    const shared = { scheduler: this.scheduler, rates: this.rates, trace: this.trace };
    this.server = new DatabaseServer({ ...shared, session, dice: this.dice.fork("database") });
    this.bus = new SimulatedBus(this.scheduler, this.dice.fork("bus"), this.rates);
    this.skewClocks(nodes);
  }

  /** The nodes that run at the moment. */
  get alive(): RunningNode<Program>[] {
    return [...this.#running.values()];
  }

  /** From here on things go wrong, as the seed has it. */
  unleash(): void {
    Object.assign(this.rates, drawRates(this.#faultDice, HIGHEST_RATES));
  }

  /** Nothing goes wrong any more, and whatever was down comes up again. */
  async calm(): Promise<void> {
    calm(this.rates);
    for (const node of this.#options.nodes) {
      this.bus.cutOff(node, 0);
      if (!this.#running.has(node)) await this.start(node);
    }
  }

  async start(node: string): Promise<void> {
    const generation = (this.#generations.get(node) ?? 0) + 1;
    this.#generations.set(node, generation);
    const { scheduler, wall, rates, dice, server } = this;
    const life = new NodeLife({ node, generation, scheduler, wall, rates, dice });
    const log = createListeningLog((entry) => {
      this.trace.add(`${life.name} ${entry.level}: ${entry.message} (${String(entry.cause)})`);
      this.#options.heard(entry);
    });
    const databaseDice = dice.fork(`${life.name} database`);
    const database = createDatabasePort({ life, server, dice: databaseDice, rates, log });
    const bus = this.bus.portOf(life);
    const program = await this.#options.boot({ life, database, bus, log });
    this.#running.set(node, { life, program });
  }

  /** The process of the node is gone, and starts again after a while. */
  crash(node: string, downMs: number): void {
    this.trace.add(`${node} crashes`);
    this.#running.get(node)?.life.kill();
    this.#running.delete(node);
    this.scheduler.after(downMs, `${node} starts`, async () => {
      if (!this.#running.has(node)) await this.start(node);
    });
  }

  connect({ life }: RunningNode<Program>): Connection {
    const { scheduler, rates } = this;
    const dice = this.dice.fork("connection");
    const onDefect = (error: unknown) => this.fail(`A call ended with ${String(error)}`);
    return new Connection({ life, scheduler, dice, rates, onDefect });
  }

  /** The end: nothing of this run goes on. */
  stop(): void {
    for (const { life } of this.#running.values()) life.kill();
    this.#running.clear();
  }
}
