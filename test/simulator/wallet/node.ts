import type { Chore } from "../../../src/modules/wallet/orchestrator/chore.ts";
import { Chores } from "../../../src/modules/wallet/orchestrator/chores.ts";
import type { Acceptance, Order } from "../../../src/modules/wallet/orchestrator/journal.ts";
import { Leadership } from "../../../src/modules/wallet/orchestrator/leadership.ts";
import type { TransferRecord } from "../../../src/modules/wallet/orchestrator/transfer.ts";
import { Transfers } from "../../../src/modules/wallet/orchestrator/transfers.ts";
import type { Refusal, ShardLink } from "../../../src/modules/wallet/shard/protocol.ts";
import type { Verdict } from "../../support/memory-journal.ts";
import type { HostPorts } from "./host.ts";
import type { ChorePort, JournalPort } from "./store-line.ts";

/** How often a leader looks for what nobody told it of. */
const SWEEP_MS = 1_000;

export interface NodeParts extends HostPorts {
  readonly journal: JournalPort;
  readonly chores: ChorePort;
  readonly links: readonly ShardLink[];
  /** Tells other nodes that there is something new about these transfers. */
  readonly tellOthers: (ids: readonly bigint[]) => void;
  readonly tellOfChores: () => void;
  /** Asks for what a new wallet is given. */
  readonly grant: (wallet: string, amount: string) => Order;
}

/** What runs on a node: takes requests, and carries them through while it leads. */
export class WalletNode {
  readonly leadership: Leadership;
  readonly #parts: NodeParts;
  readonly #transfers: Transfers;
  readonly #chores: Chores;

  constructor(parts: NodeParts) {
    const { life, log, journal, links, tellOthers, tellOfChores } = parts;
    this.#parts = parts;
    const { clock, random, name: node } = life;
    this.leadership = new Leadership({ node, journal, links, clock, random, log });
    this.#transfers = new Transfers({
      journal,
      leadership: this.leadership,
      clock,
      tellOthers,
    });
    this.#chores = new Chores({
      store: parts.chores,
      leadership: this.leadership,
      clock,
      log,
      tellOthers: tellOfChores,
      onDone: (chore) => this.#giveGrant(chore),
    });
    void this.leadership.start();
    this.#sweepLater();
  }

  order(order: Order): Promise<Acceptance> {
    return this.#transfers.order(order);
  }

  /** @returns the hold when this was what decided it */
  async decide(id: bigint, verdict: Verdict): Promise<TransferRecord | null> {
    const transfer = await this.#parts.journal.decideHold(id, verdict);
    if (transfer !== null) this.#transfers.carry([transfer]);
    return transfer;
  }

  find(ids: readonly bigint[]): Promise<readonly TransferRecord[]> {
    return this.#parts.journal.find(ids);
  }

  /** What is not about transfers. @returns why it was not done, or null */
  async have(chore: Pick<Chore, "id" | "shard" | "operation">): Promise<Refusal | null> {
    await this.#parts.chores.insert(chore);
    this.#chores.kick(chore.id);
    return this.#chores.answered(chore.id);
  }

  /** Another node wants something of a shard. */
  noticedChores(): void {
    this.#try(() => this.#chores.sweep());
  }

  /** Another node knows something new about these. */
  noticed(ids: readonly bigint[]): void {
    this.#try(() => this.#transfers.noticed(ids));
  }

  #sweepLater(): void {
    this.#parts.life.clock.after(SWEEP_MS, () => {
      this.#try(() => this.#chores.sweep());
      this.#try(async () => this.leadership.orchestrator?.sweep());
      this.#sweepLater();
    });
  }

  async #giveGrant({ operation }: Chore): Promise<void> {
    if (operation.verb !== "open" || operation.grant === null) return;
    await this.order(this.#parts.grant(operation.wallet, operation.grant.amount));
  }

  #try(act: () => Promise<void>): void {
    act().catch((err: unknown) => this.#parts.log.warn({ err }, "it waits"));
  }
}
