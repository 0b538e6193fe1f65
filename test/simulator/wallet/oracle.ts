import type { Chore } from "../../../src/modules/wallet/orchestrator/chore.ts";
import {
  dueMs,
  isWithinShard,
  type Status,
  statusOf,
  type TransferRecord,
} from "../../../src/modules/wallet/orchestrator/transfer.ts";
import { legKey } from "../../../src/modules/wallet/shard/changes.ts";
import {
  type ShardLink,
  ShardRefused,
  type Side,
} from "../../../src/modules/wallet/shard/protocol.ts";
import type { LegRecord, ShardChanges } from "../../../src/modules/wallet/shard/records.ts";
import type { ShardPlace } from "../../../src/modules/wallet/shard/remote-protocol.ts";
import { headAfter } from "../../../src/modules/wallet/shard/shard.ts";
import { ChoreRules } from "./chore-rules.ts";
import { wrongIn } from "./ledger-rules.ts";
import type { PlantedFault } from "./planted-faults.ts";
import { type TablesWatch, WatchedChores, WatchedJournal, WatchedLedger } from "./tables.ts";
import type { WalletWorld } from "./world.ts";

const RANK: Readonly<Record<Status, number>> = {
  PENDING: 0,
  PROCESSING: 1,
  INVALID: 2,
  FAILED: 2,
  SUCCESSFUL: 2,
};

/** Where a shard stood after its last commit. */
interface Standing {
  epoch: bigint;
  batch: bigint;
  head: string;
}

/**
 * Has the journal and the ledgers of all shards, and looks at every change of them at the moment it
 * becomes durable: whether it may be made, and whether everything still fits together.
 */
export class Oracle implements TablesWatch {
  readonly journal: WatchedJournal;
  readonly chores: WatchedChores;
  readonly ledgers: readonly WatchedLedger[];
  /** Which shard of how many the database of each keeps. */
  readonly places: ReadonlyArray<{ place: ShardPlace | null }>;
  readonly #world: WalletWorld;
  readonly #standings: Standing[];
  readonly #choreRules = new ChoreRules();
  commits = 0;
  /** What has happened, by which one sees that much does. */
  readonly sights = new Set<string>();

  constructor(world: WalletWorld, shards: number, fault: PlantedFault | undefined) {
    this.#world = world;
    this.journal = new WatchedJournal(this);
    this.chores = new WatchedChores(this.journal, this);
    const each = Array.from({ length: shards }, (_, shard) => shard);
    this.ledgers = each.map((shard) => new WatchedLedger(shard, this, fault));
    this.places = each.map(() => ({ place: null }));
    this.#standings = each.map(() => ({ epoch: 0n, batch: 0n, head: "" }));
  }

  onTaken(shard: number, epoch: bigint): void {
    const standing = this.#standings[shard];
    if (standing === undefined) return;
    if (epoch > standing.epoch && standing.epoch > 0n) this.sights.add("another one takes over");
    standing.epoch = epoch;
  }

  onCommit(shard: number, changes: ShardChanges): void {
    this.commits += 1;
    const { epoch, after, position, entries } = changes;
    const [standing, ledger] = [this.#standings[shard], this.ledgers[shard]];
    if (standing === undefined || ledger === undefined) throw new Error(`No shard ${shard}.`);
    const fail = (what: string) => this.#world.fail(`Shard ${shard}: ${what}.`);
    if (epoch !== standing.epoch) {
      fail(`a commit of epoch ${epoch} while it serves ${standing.epoch}`);
    }
    if (after !== standing.batch) fail(`batch ${position.batch} follows ${standing.batch}`);
    if (position.head !== headAfter(standing.head, entries)) fail("the chain is broken");
    Object.assign(standing, position);
    const wrong = wrongIn(ledger) ?? this.#choreRules.onCommit(changes);
    if (wrong !== undefined) fail(wrong);
    for (const leg of [...changes.newLegs, ...changes.changedLegs]) {
      this.#world.trace.add(`transfer ${leg.transfer} ${leg.side} is ${leg.state} by ${epoch}`);
      // A chore leaves a mark, by which it is known.
      if (leg.amount === 0n && this.#choreRules.knows(leg.transfer)) continue;
      const objection = this.#objection(leg, changes.newLegs.includes(leg));
      if (objection !== undefined) fail(`transfer ${leg.transfer} ${leg.side} ${objection}`);
    }
  }

  onTransfer(before: TransferRecord | undefined, after: TransferRecord): void {
    this.commits += 1;
    const { id, decision, finishedMs } = after;
    const fail = (what: string) => this.#world.fail(`Transfer ${id}: ${what}.`);
    this.#world.trace.add(`transfer ${id} is ${statusOf(after)} ${after.code ?? ""}`);
    if (before === undefined) return;
    if (before.decision !== null && before.decision !== decision) fail("another decision");
    if (before.finishedMs !== null && statusOf(before) !== statusOf(after)) fail("another end");
    if (RANK[statusOf(after)] < RANK[statusOf(before)]) {
      fail(`it goes back from ${statusOf(before)} to ${statusOf(after)}`);
    }
    if (before.decision === null && decision === "abort") {
      this.#checkDue(before, after);
      const { bundle, code } = after;
      if (code === "bundle_refused" ? bundle === null : !this.#isReason(after)) {
        fail(`it is given up for no reason, ${code}`);
      }
    }
    if (before.decision === null && decision === "commit") this.#checkBundle(after);
    if (before.finishedMs === null && finishedMs !== null) {
      this.sights.add(`${after.kind} ${statusOf(after)} ${after.code ?? ""}`.trimEnd());
      if (after.captured !== null) this.sights.add("a part is captured");
      const objection = this.#objectionToEnd(after);
      if (objection !== undefined) fail(`it ends and ${objection}`);
    }
  }

  onChore(chore: Chore): void {
    this.commits += 1;
    const { number, operation, isDone, refusal } = chore;
    const { verb, wallet } = operation;
    this.#world.trace.add(`chore ${number} to ${verb} ${wallet}: ${isDone} ${refusal ?? ""}`);
    if (isDone) this.sights.add(`chore ${verb} ${refusal ?? "done"}`);
    const wrong = this.#choreRules.onChore(chore);
    if (wrong !== undefined) this.#world.fail(`${wrong}.`);
  }

  leg({ id, fromShard, toShard }: TransferRecord, side: Side): LegRecord | undefined {
    const shard = side === "debit" ? fromShard : toShard;
    return this.ledgers[shard]?.tables.legs.get(legKey({ transfer: id, side }));
  }

  /** Sees to it that whoever leads is served, and what is answered. */
  watchAnswers(shard: number, link: ShardLink): ShardLink {
    const rules = this.#choreRules;
    const watched = async <T>(epoch: bigint, act: () => Promise<T>): Promise<T> => {
      try {
        return await act();
      } catch (error) {
        const leads =
          epoch === this.journal.epoch && epoch >= (this.#standings[shard]?.epoch ?? 0n);
        if (leads && error instanceof ShardRefused) {
          this.#world.fail(`Shard ${shard} refuses who leads, by epoch ${epoch}.`);
        }
        throw error;
      }
    };
    return {
      take: (epoch, known) => watched(epoch, () => link.take(epoch, known)),
      async send(epoch, operations) {
        const reply = await watched(epoch, () => link.send(epoch, operations));
        rules.onAnswered(shard, operations, reply.outcomes);
        return reply;
      },
    };
  }

  /** Holds what somebody is shown against what the same one was shown before, and what is there. */
  observe(who: string, seen: Map<bigint, Status>, transfer: TransferRecord): void {
    const { id } = transfer;
    const status = statusOf(transfer);
    const before = seen.get(id);
    seen.set(id, status);
    const goesBack = before !== undefined && RANK[status] < RANK[before];
    const changes = before !== undefined && RANK[before] === 2 && status !== before;
    if (goesBack || changes) this.#world.fail(`${who} sees ${id} ${status} after ${before}.`);
    const kept = this.journal.transfers.get(id);
    if (kept === undefined) this.#world.fail(`${who} sees ${id}, which is not there.`);
    else if (RANK[status] === 2 && statusOf(kept) !== status) {
      this.#world.fail(`${who} sees ${id} ${status}, and it is ${statusOf(kept)}.`);
    }
    if (status !== "SUCCESSFUL") return;
    const objection = this.#objectionToEnd(transfer);
    if (objection !== undefined) this.#world.fail(`${who} sees ${id} SUCCESSFUL: ${objection}.`);
  }

  /** Why a leg must not have become this. */
  #objection({ transfer: id, side, state }: LegRecord, isNew: boolean): string | undefined {
    const transfer = this.journal.transfers.get(id);
    if (transfer === undefined) return "of no transfer";
    const { decision, finishedMs } = transfer;
    const isAtOnce = isWithinShard(transfer);
    if (state === "reserved") {
      if (isAtOnce) return "is reserved, and its shard alone decides";
      if (finishedMs !== null) return "is reserved after its end";
    }
    if (state === "posted") {
      if (decision === "abort") return "is posted, and was given up";
      if (decision === null && !isAtOnce) return "is posted before that was decided";
      if (decision !== null && isNew && !isAtOnce) return "is posted and was never reserved";
    }
    if (state === "voided") {
      if (isNew) this.sights.add("a mark is left");
      if (decision === "commit") return "is voided, and goes through";
      if (decision === null && !isAtOnce) return "is voided before that was decided";
      if (isAtOnce && side === "credit") return "is voided on the wrong side";
    }
    return undefined;
  }

  #objectionToEnd(transfer: TransferRecord): string | undefined {
    for (const side of ["debit", "credit"] as const) {
      const leg = this.leg(transfer, side);
      if (transfer.decision === "commit") {
        if (leg?.state !== "posted") return `its ${side} is ${leg?.state ?? "missing"}`;
        if (leg.postedAmount !== (transfer.captured ?? transfer.amount)) {
          return `its ${side} posted ${leg.postedAmount}`;
        }
      } else if (leg?.state === "posted" || leg?.state === "reserved") {
        return `its ${side} is ${leg.state}`;
      }
    }
    return undefined;
  }

  /** Nothing is given up before its time, by any clock. */
  #checkDue(before: TransferRecord, { id, code }: TransferRecord): void {
    if (code !== "deadline" && code !== "hold_expired") return;
    // What held it may not have been told of it yet.
    const due = code === "deadline" ? dueMs({ ...before, heldMs: null }) : before.deadlineMs;
    if (this.#world.wall.latestMs() >= due) return;
    this.#world.fail(`Transfer ${id} is given up before its time.`);
  }

  /** Whether a shard has said so. */
  #isReason(transfer: TransferRecord): boolean {
    const { code } = transfer;
    if (code === "deadline" || code === "hold_expired" || code === "released") return true;
    const legs = [this.leg(transfer, "debit"), this.leg(transfer, "credit")];
    if (code === "leg_voided") return legs.some((leg) => leg?.state === "voided");
    return legs.some((leg) => leg?.state === "refused" && leg.refusal === code);
  }

  /** All or none. The others are decided in the same commit, so this is looked at later. */
  #checkBundle({ id, bundle }: TransferRecord): void {
    if (bundle === null) return;
    this.#world.scheduler.after(0, `bundle ${bundle}`, () => {
      for (const other of this.journal.transfers.values()) {
        if (other.bundle !== bundle || other.decision === "commit") continue;
        this.#world.fail(`Of bundle ${bundle}, ${id} goes through and ${other.id} does not.`);
      }
    });
  }
}
