import type { Chore } from "../../../src/modules/wallet/orchestrator/chore.ts";
import type { TransferRecord } from "../../../src/modules/wallet/orchestrator/transfer.ts";
import type { ShardChanges, ShardStart } from "../../../src/modules/wallet/shard/records.ts";
import { MemoryChores } from "../../support/memory-chores.ts";
import { MemoryJournal } from "../../support/memory-journal.ts";
import { MemoryLedger } from "../../support/memory-ledger.ts";
import type { PlantedFault } from "./planted-faults.ts";

/** Told of every change of what is durable, right after it. */
export interface TablesWatch {
  onTaken(shard: number, epoch: bigint): void;
  onCommit(shard: number, changes: ShardChanges): void;
  onTransfer(before: TransferRecord | undefined, after: TransferRecord): void;
  onChore(chore: Chore): void;
}

export class WatchedLedger extends MemoryLedger {
  readonly #shard: number;
  readonly #watch: TablesWatch;
  readonly #written: NonNullable<PlantedFault["written"]>;

  constructor(shard: number, watch: TablesWatch, fault: PlantedFault | undefined) {
    super();
    this.#shard = shard;
    this.#watch = watch;
    this.#written = fault?.written ?? ((changes) => changes);
  }

  override begin(epoch: bigint): ShardStart | "fenced" {
    const start = super.begin(epoch);
    if (start !== "fenced") this.#watch.onTaken(this.#shard, epoch);
    return start;
  }

  override commit(changes: ShardChanges): "committed" | "fenced" {
    const outcome = super.commit(this.#written(changes, this));
    if (outcome === "committed") this.#watch.onCommit(this.#shard, changes);
    return outcome;
  }
}

export class WatchedChores extends MemoryChores {
  readonly #watch: TablesWatch;

  constructor(journal: MemoryJournal, watch: TablesWatch) {
    super(() => journal.drawId());
    this.#watch = watch;
  }

  protected override put(chore: Chore): void {
    super.put(chore);
    this.#watch.onChore(chore);
  }
}

export class WatchedJournal extends MemoryJournal {
  readonly #watch: TablesWatch;

  constructor(watch: TablesWatch) {
    super();
    this.#watch = watch;
  }

  protected override put(transfer: TransferRecord): void {
    const before = this.transfers.get(transfer.id);
    super.put(transfer);
    this.#watch.onTransfer(before, transfer);
  }
}
