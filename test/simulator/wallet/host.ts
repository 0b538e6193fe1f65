import type { Log } from "../../../src/core/log.ts";
import { createListeningLog } from "../engine/log.ts";
import { NodeLife } from "../engine/node.ts";
import type { WalletWorld } from "./world.ts";

/** What a program finds where it runs, for one life. */
export interface HostPorts {
  readonly life: NodeLife;
  readonly log: Log;
}

/** A machine with a program on it, which crashes and starts again. */
export class Host<Program> {
  readonly name: string;
  readonly #world: WalletWorld;
  readonly #boot: (ports: HostPorts) => Program;
  #running: { readonly life: NodeLife; readonly program: Program } | undefined;
  /** Processes that hang, and whose place another one has taken. */
  readonly #left: NodeLife[] = [];
  #generation = 0;

  constructor(world: WalletWorld, name: string, boot: (ports: HostPorts) => Program) {
    this.name = name;
    this.#world = world;
    this.#boot = boot;
  }

  /** What runs at the moment. */
  get running(): { readonly life: NodeLife; readonly program: Program } | undefined {
    return this.#running;
  }

  /** Unless it runs. */
  start(): void {
    if (this.#running !== undefined) return;
    const { scheduler, wall, rates, dice } = this.#world;
    this.#generation += 1;
    const { name: node } = this;
    const generation = this.#generation;
    const life = new NodeLife({ node, generation, scheduler, wall, rates, dice });
    const log = createListeningLog((entry) => this.#world.hear(life.name, entry));
    this.#running = { life, program: this.#boot({ life, log }) };
  }

  /** The process is gone, and starts again after a while. */
  crash(downMs: number): void {
    if (this.#running === undefined) return;
    this.#world.trace.add(`${this.name} crashes`);
    this.#running.life.kill();
    this.#running = undefined;
    this.#world.scheduler.after(downMs, `${this.name} starts`, () => this.start());
  }

  /** The process hangs, and another one is started in its place; then it goes on, too. */
  replace(afterMs: number): void {
    if (this.#running === undefined) return;
    this.#world.trace.add(`${this.name} is replaced`);
    this.#running.life.pause(afterMs);
    this.#left.push(this.#running.life);
    this.#running = undefined;
    this.start();
  }

  pause(forMs: number): void {
    this.#world.trace.add(`${this.name} stands still`);
    this.#running?.life.pause(forMs);
  }

  /** Whose place was taken is gone for good. */
  dismissOthers(): void {
    for (const life of this.#left) life.kill();
  }

  stop(): void {
    this.dismissOthers();
    this.#running?.life.kill();
    this.#running = undefined;
  }
}
