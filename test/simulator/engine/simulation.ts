import type { Bus } from "../../../src/core/bus.ts";
import type { Database } from "../../../src/core/database.ts";
import type { Log } from "../../../src/core/log.ts";
import { SimulatedBus } from "./bus.ts";
import { Connection } from "./connection.ts";
import { createDatabasePort } from "./database-port.ts";
import { DatabaseServer } from "./database-server.ts";
import { Dice } from "./dice.ts";
import { calm, drawRates, type FaultRates } from "./faults.ts";
import { createListeningLog, type LogEntry } from "./log.ts";
import { NodeLife } from "./node.ts";
import { Scheduler } from "./scheduler.ts";
import type { SqlSession } from "./sql-session.ts";
import { Trace } from "./trace.ts";
import { Wall } from "./wall.ts";

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

/** Events that one run may take; a run that takes more does not end. */
const STEPS_MAX = 400_000;
/** 14 November 2023, a Tuesday without meaning. */
const WALL_START_MS = 1_700_000_000_000;
/** By how much the clocks of two nodes differ at the most. */
const SKEW_MS_MAX = 100;

/** A broken promise of the program: the reason why a seed fails. */
export class Violation extends Error {
  override readonly name = "Violation";
}

/**
 * A small world with nodes, a database, a bus, clocks and faults, all of them decided by a seed.
 * It knows nothing of what runs on the nodes: a scenario brings the program, the clients and what
 * must hold.
 */
export class Simulation<Program> {
  readonly dice: Dice;
  readonly trace: Trace;
  readonly scheduler: Scheduler;
  readonly wall: Wall;
  readonly server: DatabaseServer;
  readonly bus: SimulatedBus;
  /** Nothing goes wrong until `unleash`. */
  readonly rates: FaultRates;
  readonly #options: SimulationOptions<Program>;
  readonly #faultDice: Dice;
  readonly #running = new Map<string, RunningNode<Program>>();
  readonly #generations = new Map<string, number>();
  #violation: Violation | undefined;

  constructor(options: SimulationOptions<Program>) {
    const { seed, session, nodes, show } = options;
    this.#options = options;
    this.dice = new Dice(seed);
    this.#faultDice = this.dice.fork("faults");
    this.trace = new Trace(show);
    this.scheduler = new Scheduler((atMs, label) => {
      this.trace.add(`${atMs.toFixed(3)} ${label}`);
    });
    this.wall = new Wall(this.scheduler, WALL_START_MS);
    this.rates = drawRates(this.#faultDice);
    calm(this.rates);
    const shared = { scheduler: this.scheduler, rates: this.rates, trace: this.trace };
    this.server = new DatabaseServer({ ...shared, session, dice: this.dice.fork("database") });
    this.bus = new SimulatedBus(this.scheduler, this.dice.fork("bus"), this.rates);
    for (const node of nodes) this.wall.skew(node, this.dice.below(SKEW_MS_MAX));
  }

  /** The nodes that run at the moment. */
  get alive(): RunningNode<Program>[] {
    return [...this.#running.values()];
  }

  get violation(): Violation | undefined {
    return this.#violation;
  }

  /** From here on things go wrong, as the seed has it. */
  unleash(): void {
    Object.assign(this.rates, drawRates(this.#faultDice));
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

  /** Something that has to happen, as part of the world and not of a node. */
  begin(what: string, run: () => Promise<void>): void {
    run().catch((error: unknown) => {
      this.fail(`${what}: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
    });
  }

  /** The first reason counts; the run ends after the present event. */
  fail(reason: string): void {
    if (this.#violation !== undefined) return;
    this.trace.add(`✖ ${reason}`);
    this.#violation = new Violation(reason);
  }

  /**
   * Lets things happen until the condition holds.
   *
   * @throws Violation
   */
  async runUntil(isDone: () => boolean): Promise<void> {
    const isOver = () => this.#violation !== undefined || isDone();
    await this.scheduler.runUntil(isOver, STEPS_MAX);
    if (this.#violation !== undefined) throw this.#violation;
  }

  /** The end: nothing of this run goes on. */
  stop(): void {
    for (const { life } of this.#running.values()) life.kill();
    this.#running.clear();
  }
}
