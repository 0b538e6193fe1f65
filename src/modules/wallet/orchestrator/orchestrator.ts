import type { Clock, Timer } from "../../../core/clock.ts";
import type { Log } from "../../../core/log.ts";
import type { Random } from "../../../core/random.ts";
import type { Operation, Outcome, ShardLink, ShardPosition, Side } from "../shard/protocol.ts";
import { Flight } from "./flight.ts";
import type { JournalEntry, JournalStore, Lead } from "./journal.ts";
import { Recorder } from "./recorder.ts";
import { ShardSender } from "./shard-sender.ts";
import { Sweeper } from "./sweeper.ts";
import { type Code, type Decision, dueMs, type TransferRecord } from "./transfer.ts";

/** How often deadlines are looked at. */
const TICK_MS = 200;
export interface OrchestratorParts {
  readonly journal: JournalStore;
  readonly links: readonly ShardLink[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Another orchestrator leads. */
  readonly onFenced: () => void;
}

/** Transfers that are decided together; most are alone. */
interface Deal {
  readonly flights: readonly Flight[];
  /** Whether a decision is on its way to the journal or recorded there. */
  isDecided: boolean;
}

/**
 * Carries transfers through, while it leads: reserve, decide, settle, finish.
 *
 * A transfer is **reserved** on both shards at once. When both have it, `commit` is **decided**,
 * when one refuses or the time is over, `abort`: the journal's record of it is the point from which
 * there is no way back. It is then **settled**: both shards post, or both void. When both have
 * answered, it is **finished**. Transfers within a shard are reserved and posted in one commit
 * there, and the shard's answer is recorded as decision and end in one. Transfers of a bundle are
 * decided together. A hold, once it is reserved, waits for its owner's decision, which the journal
 * takes by itself; until then it is not in memory here.
 *
 * What got no answer is sent again: before the decision until the deadline, after it for ever.
 * After a crash, the next one to lead begins with what the journal has unfinished and does the same
 * again; the shards know which legs they have.
 */
export class Orchestrator {
  readonly #parts: OrchestratorParts;
  readonly #epoch: bigint;
  readonly #senders: readonly ShardSender[];
  readonly #recorder: Recorder;
  readonly #deals = new Map<bigint, Deal>();
  readonly #positions = new Map<number, ShardPosition>();
  readonly #stopped = new AbortController();
  readonly #sweeper: Sweeper;
  #waiters: Array<{ readonly inFlight: number; readonly resolve: () => void }> = [];
  #tick: Timer | undefined;

  constructor(parts: OrchestratorParts, lead: Lead) {
    const { journal, links, clock, random, log } = parts;
    const signal = this.#stopped.signal;
    this.#parts = parts;
    this.#epoch = lead.epoch;
    const inFlight = () => this.inFlight;
    this.#sweeper = new Sweeper({ journal, clock, epoch: lead.epoch, inFlight });
    this.#recorder = new Recorder({
      journal,
      epoch: lead.epoch,
      clock,
      random,
      log,
      signal,
      takePositions: () => this.#takePositions(),
      onFenced: () => this.#leave(),
    });
    this.#senders = links.map(
      (link, shard) =>
        new ShardSender({
          link,
          epoch: lead.epoch,
          known: lead.positions.get(shard),
          clock,
          random,
          log,
          signal,
          onRefused: (cause) => {
            log.error({ err: cause, shard }, "a shard refuses this orchestrator");
            this.#leave();
          },
          onPosition: (position) => this.#positions.set(shard, position),
        }),
    );
  }

  get epoch(): bigint {
    return this.#epoch;
  }

  /** Transfers on their way. A hold that waits for its owner is not. */
  get inFlight(): number {
    return this.#deals.size;
  }

  /**
   * Resolves once fewer than so many are on their way, or when this orchestrator has ended.
   *
   * @param signal aborted when nobody waits any more
   */
  room(inFlight: number, signal: AbortSignal): Promise<void> {
    if (this.#deals.size < inFlight || this.#stopped.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiters.push({ inFlight, resolve });
      signal.addEventListener("abort", () => {
        this.#waiters = this.#waiters.filter((waiter) => waiter.resolve !== resolve);
      });
    });
  }

  /** Shards that do not answer. */
  get away(): readonly number[] {
    return this.#senders.flatMap(({ isAway }, shard) => (isAway ? [shard] : []));
  }

  /** Goes on with everything the journal has unfinished. */
  async resume(): Promise<void> {
    this.carry(await this.#sweeper.all());
    this.#schedule();
  }

  /** Takes on transfers of the journal: new ones, or such that somebody else has decided. */
  carry(transfers: readonly TransferRecord[]): void {
    const bundles = new Map<bigint, Flight[]>();
    for (const transfer of transfers) {
      const known = this.#deals.get(transfer.id);
      if (known !== undefined) this.#meet(known, transfer);
      else if (transfer.finishedMs === null) {
        const { id, bundle } = transfer;
        const flights = bundles.get(bundle ?? id) ?? [];
        flights.push(new Flight(transfer));
        bundles.set(bundle ?? id, flights);
      }
    }
    for (const flights of bundles.values()) this.#begin(flights);
  }

  /**
   * Something else for a shard. It is sent until it is answered.
   *
   * @returns undefined when this orchestrator was stopped before
   */
  ask(shard: number, operation: Operation): Promise<Outcome | undefined> {
    const { signal } = this.#stopped;
    return new Promise((resolve) => {
      const gone = () => resolve(undefined);
      if (signal.aborted) return gone();
      signal.addEventListener("abort", gone, { once: true });
      this.#senders[shard]?.push({
        operation,
        isWanted: () => true,
        done(outcome) {
          signal.removeEventListener("abort", gone);
          resolve(outcome);
        },
      });
    });
  }

  /** Looks for what nobody has told it of. */
  async sweep(): Promise<void> {
    // Whatever comes of the rest, holds whose time has come are not held up by it.
    this.carry(await this.#sweeper.dueHolds());
    this.carry(await this.#sweeper.recent());
  }

  /** Ends without finishing anything; another one goes on. */
  stop(): void {
    this.#stopped.abort();
    this.#tick?.cancel();
    this.#deals.clear();
    this.#tellWaiters();
  }

  #forget(id: bigint): void {
    this.#deals.delete(id);
    if (this.#waiters.length > 0) this.#tellWaiters();
  }

  #tellWaiters(): void {
    const { size } = this.#deals;
    for (const { inFlight, resolve } of this.#waiters) if (size < inFlight) resolve();
    this.#waiters = this.#waiters.filter(({ inFlight }) => size >= inFlight);
  }

  #leave(): void {
    if (this.#stopped.signal.aborted) return;
    this.stop();
    this.#parts.onFenced();
  }

  #begin(flights: readonly Flight[]): void {
    const decision = flights[0]?.transfer.decision ?? null;
    const deal: Deal = { flights, isDecided: decision !== null };
    for (const { transfer } of flights) this.#deals.set(transfer.id, deal);
    if (decision !== null) {
      this.#settle(deal);
      return;
    }
    const [first] = flights;
    if (first === undefined || first.transfer.heldMs === null) this.#reserve(deal);
    else if (dueMs(first.transfer) <= this.#parts.clock.nowMs()) {
      this.#decide(deal, "abort", "hold_expired");
    } else {
      // Its owner has time to decide; until then the journal alone has it.
      this.#forget(first.transfer.id);
    }
  }

  /** The owner of a hold has decided, or another node that leads now, and then all of a bundle. */
  #meet(deal: Deal, transfer: TransferRecord): void {
    if (deal.isDecided || transfer.decision === null) return;
    for (const flight of deal.flights) {
      if (flight.transfer.id === transfer.id) flight.transfer = transfer;
    }
    if (deal.flights.some((flight) => flight.transfer.decision === null)) return;
    deal.isDecided = true;
    this.#settle(deal);
  }

  #reserve(deal: Deal): void {
    for (const flight of deal.flights) {
      const sides: readonly Side[] = flight.isWithinShard ? ["debit"] : flight.sides;
      for (const side of sides) {
        this.#senders[flight.shardOf(side)]?.push({
          operation: flight.reservation(side),
          isWanted: () => !deal.isDecided,
          done: (outcome) => this.#onReserved(deal, flight, side, outcome),
        });
      }
    }
  }

  #onReserved(deal: Deal, flight: Flight, side: Side, outcome: Outcome): void {
    // What comes late says nothing about a leg that was settled meanwhile.
    if (deal.isDecided) return;
    flight.reserved(side, outcome);
    if (!deal.flights.every(({ isAnswered }) => isAnswered)) return;
    const isRefused = deal.flights.some(({ refusal }) => refusal !== null);
    if (isRefused) this.#decide(deal, "abort", null);
    else if (flight.transfer.kind === "hold") this.#keep(deal);
    else this.#decide(deal, "commit", null);
  }

  /** The money of a hold is held: from here on its owner decides. */
  #keep(deal: Deal): void {
    const heldMs = this.#parts.clock.nowMs();
    const entries = deal.flights.map(({ transfer: { id } }) => ({ id, heldMs }));
    void this.#record(deal, entries);
  }

  #decide(deal: Deal, decision: Decision, code: Code | null): void {
    deal.isDecided = true;
    const finishedMs = this.#parts.clock.nowMs();
    const entries = deal.flights.map((flight) => {
      const own = flight.refusal ?? code;
      flight.decide(decision, decision === "abort" && own === null ? "bundle_refused" : own);
      const { id, code: recorded } = flight.transfer;
      const entry = { id, decision, code: recorded };
      // Nothing is left to do where the shard has done it, or has refused it.
      return flight.isWithinShard ? { ...entry, finishedMs } : entry;
    });
    void this.#record(deal, entries).then((isOurs) => {
      if (isOurs) this.#settle(deal);
    });
  }

  #settle(deal: Deal): void {
    for (const flight of deal.flights) {
      if (flight.transfer.finishedMs !== null) {
        this.#forget(flight.transfer.id);
        continue;
      }
      for (const side of flight.sides) {
        if (!flight.needsSettling(side)) {
          flight.settled(side);
          continue;
        }
        this.#senders[flight.shardOf(side)]?.push({
          operation: flight.settlement(side),
          isWanted: () => true,
          done: (outcome) => this.#onSettled(deal, flight, side, outcome),
        });
      }
      if (flight.isSettled) this.#finish(deal, flight);
    }
  }

  #onSettled(deal: Deal, flight: Flight, side: Side, outcome: Outcome): void {
    if (!outcome.ok) {
      // The journal and the shard contradict each other: this is for people, not for guesses.
      const { id, decision } = flight.transfer;
      const { refusal } = outcome;
      this.#parts.log.error({ transfer: String(id), side, decision, refusal }, "a leg is at odds");
      return;
    }
    flight.settled(side);
    if (flight.isSettled) this.#finish(deal, flight);
  }

  #finish(deal: Deal, flight: Flight): void {
    const { id } = flight.transfer;
    void this.#record(deal, [{ id, finishedMs: this.#parts.clock.nowMs() }]);
  }

  /** @returns whether it is recorded, and nobody else has decided otherwise before */
  async #record(deal: Deal, entries: readonly JournalEntry[]): Promise<boolean> {
    const decidedElsewhere = await this.#recorder.record(entries);
    if (decidedElsewhere === undefined) return false;
    const others = new Set(decidedElsewhere.map(({ id }) => id));
    for (const entry of entries) if (!others.has(entry.id)) this.#note(deal, entry);
    if (decidedElsewhere.length === 0) return true;
    for (const flight of deal.flights) {
      const decided = decidedElsewhere.find(({ id }) => id === flight.transfer.id);
      if (decided !== undefined) flight.transfer = decided;
    }
    deal.isDecided = true;
    this.#settle(deal);
    return false;
  }

  #note(deal: Deal, { id, heldMs, finishedMs }: JournalEntry): void {
    const flight = deal.flights.find(({ transfer }) => transfer.id === id);
    if (flight === undefined) return;
    if (heldMs !== undefined) {
      flight.transfer = { ...flight.transfer, heldMs };
      // From here on the journal alone has it.
      if (!deal.isDecided) this.#forget(id);
    }
    if (finishedMs !== undefined) {
      flight.transfer = { ...flight.transfer, finishedMs };
      this.#forget(id);
    }
  }

  #schedule(): void {
    if (this.#stopped.signal.aborted) return;
    this.#tick = this.#parts.clock.after(TICK_MS, () => {
      this.#giveUpLate();
      this.#schedule();
    });
  }

  /** Deadlines: what has not been decided in time is not going to happen. */
  #giveUpLate(): void {
    const nowMs = this.#parts.clock.nowMs();
    for (const deal of new Set(this.#deals.values())) {
      if (deal.isDecided) continue;
      const [first] = deal.flights;
      if (first === undefined || dueMs(first.transfer) > nowMs) continue;
      if (first.isWithinShard) this.#giveUpWithinShard(deal, first);
      else this.#decide(deal, "abort", "deadline");
    }
  }

  /** The shard decides, so it is asked to give up; it may already have gone through there. */
  #giveUpWithinShard(deal: Deal, flight: Flight): void {
    deal.isDecided = true;
    const { id: transfer } = flight.transfer;
    this.#senders[flight.shardOf("debit")]?.push({
      operation: { verb: "void", transfer, side: "debit" },
      isWanted: () => true,
      done: (outcome) => {
        const hasHappened = !outcome.ok && outcome.refusal === "leg_posted";
        this.#decide(deal, hasHappened ? "commit" : "abort", hasHappened ? null : "deadline");
      },
    });
  }

  /** Where shards stand, as far as it was not asked for before. */
  #takePositions(): ReadonlyMap<number, ShardPosition> {
    const positions = new Map(this.#positions);
    this.#positions.clear();
    return positions;
  }
}
