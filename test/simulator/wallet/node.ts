import { GroupCommit } from "../../../src/modules/wallet/orchestrator/group-commit.ts";
import type { Acceptance, Order } from "../../../src/modules/wallet/orchestrator/journal.ts";
import { Leadership } from "../../../src/modules/wallet/orchestrator/leadership.ts";
import type { Status, TransferRecord } from "../../../src/modules/wallet/orchestrator/transfer.ts";
import type { Operation, Outcome, ShardLink } from "../../../src/modules/wallet/shard/protocol.ts";
import type { Verdict } from "../../support/memory-journal.ts";
import type { HostPorts } from "./host.ts";
import type { Oracle } from "./oracle.ts";
import type { JournalPort } from "./store-line.ts";

/** How often a leader looks for what nobody told it of. */
const LOOK_MS = 1_000;
const LOOKED_AT_MAX = 1_000;

export interface NodeParts extends HostPorts {
  readonly journal: JournalPort;
  readonly links: readonly ShardLink[];
  readonly oracle: Oracle;
  /** Tells other nodes that there is something new about these transfers. */
  readonly tellOthers: (ids: readonly bigint[]) => void;
}

/** What runs on a node: takes requests, and carries them through while it leads. */
export class WalletNode {
  readonly leadership: Leadership;
  readonly links: readonly ShardLink[];
  readonly #parts: NodeParts;
  readonly #accepting: GroupCommit<Order, Acceptance>;

  constructor(parts: NodeParts) {
    const { life, log, journal, links, oracle } = parts;
    const seen = new Map<bigint, Status>();
    this.#parts = parts;
    this.links = links;
    this.#accepting = new GroupCommit((orders) => journal.accept(orders), {
      weightOf: ({ transfers }) => transfers.length,
      weightMax: 64,
      waitingMax: 1_000,
    });
    this.leadership = new Leadership({
      node: life.node,
      journal,
      links,
      clock: life.clock,
      random: life.random,
      log,
      onRecorded: (transfers) => {
        for (const transfer of transfers) oracle.observe(life.name, seen, transfer);
      },
    });
    void this.leadership.start();
    this.#lookLater();
  }

  async accept(order: Order): Promise<Acceptance> {
    const acceptance = await this.#accepting.submit(order);
    if ("transfers" in acceptance) this.#hear(acceptance.transfers);
    return acceptance;
  }

  /** @returns the hold when this was what decided it */
  async decide(id: bigint, verdict: Verdict): Promise<TransferRecord | null> {
    const transfer = await this.#parts.journal.decideHold(id, verdict);
    if (transfer !== null) this.#hear([transfer]);
    return transfer;
  }

  find(ids: readonly bigint[]): Promise<readonly TransferRecord[]> {
    return this.#parts.journal.find(ids);
  }

  /** What is not about transfers. @throws unless it leads and the shard answers */
  async order(shard: number, operations: readonly Operation[]): Promise<readonly Outcome[]> {
    const { orchestrator } = this.leadership;
    const link = this.links[shard];
    if (orchestrator === undefined || link === undefined) throw new Error("Another node leads.");
    await link.take(orchestrator.epoch, undefined);
    return (await link.send(orchestrator.epoch, operations)).outcomes;
  }

  /** Another node knows something new about these. */
  async look(ids: readonly bigint[]): Promise<void> {
    if (this.leadership.orchestrator === undefined) return;
    const transfers = await this.#parts.journal.find(ids).catch(() => []);
    this.leadership.orchestrator?.carry(transfers);
  }

  #hear(transfers: readonly TransferRecord[]): void {
    const { orchestrator } = this.leadership;
    if (orchestrator !== undefined) orchestrator.carry(transfers);
    else this.#parts.tellOthers(transfers.map(({ id }) => id));
  }

  #lookLater(): void {
    this.#parts.life.clock.after(LOOK_MS, () => {
      void this.#lookForUnfinished();
      this.#lookLater();
    });
  }

  async #lookForUnfinished(): Promise<void> {
    if (this.leadership.orchestrator === undefined) return;
    const found = await this.#parts.journal.unfinished(0n, LOOKED_AT_MAX).catch(() => []);
    this.leadership.orchestrator?.carry(found);
  }
}
