import type { Remote } from "../../../src/core/remote.ts";
import { legKey } from "../../../src/modules/wallet/shard/changes.ts";
import type { ShardLink } from "../../../src/modules/wallet/shard/protocol.ts";
import type { ShardChanges, ShardStore } from "../../../src/modules/wallet/shard/records.ts";
import type { MemoryJournal } from "../../support/memory-journal.ts";
import type { MemoryLedger } from "../../support/memory-ledger.ts";
import type { ChorePort, JournalPort } from "./store-line.ts";

/** A mistake that is made on purpose, to see that it is found. */
export interface PlantedFault {
  readonly name: string;
  /** What of a commit reaches the tables. */
  readonly written?: (changes: ShardChanges, ledger: MemoryLedger) => ShardChanges;
  readonly shard?: (right: ShardLink, ledger: MemoryLedger, journal: MemoryJournal) => ShardLink;
  readonly store?: (right: ShardStore) => ShardStore;
  readonly journal?: (right: JournalPort, journal: MemoryJournal) => JournalPort;
  readonly chores?: (right: ChorePort) => ChorePort;
  /** How a node reaches a shard with texts. */
  readonly remote?: (right: Remote) => Remote;
}

/** A shard's store commits although the epoch has moved on. */
const skippedFence: PlantedFault = {
  name: "skipped-fence",
  written: (changes, { tables }) => ({ ...changes, epoch: tables.epoch, after: tables.batch }),
};

/** A void without a leg leaves no mark. */
const lostTombstone: PlantedFault = {
  name: "lost-tombstone",
  shard: (right, ledger) => ({
    take: (epoch, known) => right.take(epoch, known),
    async send(epoch, operations) {
      const isKept = operations.map(
        (operation) => operation.verb !== "void" || ledger.tables.legs.has(legKey(operation)),
      );
      const kept = operations.filter((_, at) => isKept[at]);
      const { outcomes, position } = await right.send(epoch, kept);
      const rest = [...outcomes];
      return {
        outcomes: isKept.map((is) => (is ? rest.shift() : undefined) ?? ({ ok: true } as const)),
        position,
      };
    },
  }),
};

/** Whoever takes a shard over voids what it finds reserved and no decision for. */
const inferredAbort: PlantedFault = {
  name: "inferred-abort",
  shard: (right, ledger, journal) => ({
    async take(epoch, known) {
      const position = await right.take(epoch, known);
      const undecided = [...ledger.tables.legs.values()].filter(
        ({ transfer, state }) =>
          state === "reserved" && (journal.transfers.get(transfer)?.decision ?? null) === null,
      );
      if (undecided.length === 0) return position;
      const voids = undecided.map(
        ({ transfer, side }) => ({ verb: "void", transfer, side }) as const,
      );
      return (await right.send(epoch, voids)).position;
    },
    send: (epoch, operations) => right.send(epoch, operations),
  }),
};

/** A decision is acted on before it is recorded. */
const earlyDecision: PlantedFault = {
  name: "early-decision",
  journal: (right) => ({
    ...right,
    async record(commit) {
      right.record(commit).catch(() => {});
      return [];
    },
  }),
};

/** Transfers that go through are finished with the decision, before both sides have them. */
const earlyFinish: PlantedFault = {
  name: "early-finish",
  journal: (right) => ({
    ...right,
    record(commit) {
      const entries = commit.entries.map((entry) =>
        entry.decision === "commit" ? { finishedMs: 1, ...entry } : entry,
      );
      return right.record({ ...commit, entries });
    },
  }),
};

/** A shard answers before its commit is made. */
const earlyAnswer: PlantedFault = {
  name: "early-answer",
  store: (right) => ({
    ...right,
    async commit(changes) {
      right.commit(changes).catch(() => {});
      return "committed";
    },
  }),
};

/** Who begins to lead does not go on with what there is. */
const lostRecovery: PlantedFault = {
  name: "lost-recovery",
  journal: (right) => ({ ...right, unfinished: async () => [] }),
};

/** The second verdict about a hold overrules the first. */
const doubleCapture: PlantedFault = {
  name: "double-capture",
  journal: (right, journal) => ({
    ...right,
    async decideHold(id, verdict) {
      const decided = await right.decideHold(id, verdict);
      const hold = journal.transfers.get(id);
      // It is told that this was what decided it.
      return decided ?? (hold?.heldMs === null ? null : (hold ?? null));
    },
  }),
};

/** Keys of requests are not looked at: what comes again is done again. */
const forgottenKeys: PlantedFault = {
  name: "forgotten-keys",
  journal: (right) => ({
    ...right,
    accept: (orders) =>
      right.accept(
        orders.map(({ transfers }) => ({
          transfers: transfers.map((terms) => ({ ...terms, repeat: null })),
        })),
      ),
  }),
};

/** A chore is answered when it is begun, before its shard has it. */
const earlyChore: PlantedFault = {
  name: "early-chore",
  chores: (right) => ({
    ...right,
    async open(countMax) {
      const chores = await right.open(countMax);
      for (const chore of chores) right.end(chore, null).catch(() => {});
      return chores;
    },
  }),
};

/** What is missing in a shard's answer is taken as done. */
const lenientAnswer: PlantedFault = {
  name: "lenient-answer",
  remote(right) {
    let position: unknown = { batch: "0", head: "" };
    return {
      async ask(question) {
        const answer = await right.ask(question);
        if (!question.path.endsWith("/send") || answer.status !== 200) return answer;
        const { operations } = JSON.parse(question.body) as { operations: unknown[] };
        const given = parseAnyhow(answer.body);
        position = given.position ?? position;
        const outcomes = operations.map((_, at) => given.outcomes?.[at] ?? { ok: true });
        return { status: 200, body: JSON.stringify({ outcomes, position }) };
      },
      close: () => right.close(),
    };
  },
};

function parseAnyhow(body: string): { outcomes?: unknown[]; position?: unknown } {
  try {
    return JSON.parse(body) ?? {};
  } catch {
    return {};
  }
}

export const PLANTED_FAULTS: readonly PlantedFault[] = [
  skippedFence,
  lostTombstone,
  inferredAbort,
  earlyDecision,
  earlyFinish,
  earlyAnswer,
  lostRecovery,
  doubleCapture,
  forgottenKeys,
  earlyChore,
  lenientAnswer,
];
