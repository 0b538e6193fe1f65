import { type Clock, sleep } from "../../../core/clock.ts";
import type { Log } from "../../../core/log.ts";
import type { JournalStore } from "./journal.ts";
import { Orchestrator, type OrchestratorParts } from "./orchestrator.ts";

/** A leader that is not heard of for so long has gone. */
const LEASE_MS = 3_000;
/** How often a leader says that it is there, and others look whether it still is. */
const RENEWAL_MS = 500;

export interface LeadershipParts extends Omit<OrchestratorParts, "onFenced"> {
  readonly journal: JournalStore;
  /** Names this node. */
  readonly node: string;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Sees to it that one node carries transfers through: this one, when no other does. The lease keeps
 * nodes from taking turns all the time; what keeps two of them from doing harm is the epoch, which
 * grows with every leader and without which nothing is recorded.
 */
export class Leadership {
  readonly #parts: LeadershipParts;
  readonly #stopped = new AbortController();
  #orchestrator: Orchestrator | undefined;
  #loop: Promise<void> | undefined;

  constructor(parts: LeadershipParts) {
    this.#parts = parts;
  }

  /** The orchestrator, while this node leads. */
  get orchestrator(): Orchestrator | undefined {
    return this.#orchestrator;
  }

  /** Resolves when it has tried for the first time. */
  async start(): Promise<void> {
    await this.#turn();
    this.#loop = this.#run();
  }

  /** Lets another node lead at once. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#loop;
    const orchestrator = this.#orchestrator;
    this.#dismiss();
    if (orchestrator === undefined) return;
    await this.#parts.journal.resign(orchestrator.epoch).catch((err: unknown) => {
      this.#parts.log.warn({ err }, "the lead could not be handed over and runs out by itself");
    });
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      await sleep(this.#parts.clock, RENEWAL_MS, signal);
      if (!signal.aborted) await this.#turn();
    }
  }

  async #turn(): Promise<void> {
    try {
      if (this.#orchestrator === undefined) await this.#tryToLead();
      else if (!(await this.#parts.journal.renew(this.#orchestrator.epoch, LEASE_MS))) {
        this.#dismiss();
      }
    } catch (err) {
      // It goes on: without the journal it can record nothing, so it can do no harm either.
      this.#parts.log.warn({ err }, "the journal does not answer who leads");
    }
  }

  async #tryToLead(): Promise<void> {
    const { journal, node, log } = this.#parts;
    const lead = await journal.lead(node, LEASE_MS);
    if (lead === null || this.#stopped.signal.aborted) return;
    const orchestrator = new Orchestrator(
      {
        ...this.#parts,
        onFenced: () => {
          if (this.#orchestrator === orchestrator) this.#orchestrator = undefined;
        },
      },
      lead,
    );
    this.#orchestrator = orchestrator;
    try {
      await orchestrator.resume();
      log.info({ epoch: String(lead.epoch) }, "this node carries transfers through");
    } catch (cause) {
      this.#dismiss();
      throw cause;
    }
  }

  #dismiss(): void {
    this.#orchestrator?.stop();
    this.#orchestrator = undefined;
  }
}
