import type { Refusal } from "../shard/protocol.ts";

/** What a shard shall do beside transfers, as it is kept: amounts are texts. */
export type ChoreOperation =
  | {
      readonly verb: "open";
      readonly wallet: string;
      readonly asset: string;
      readonly minBalance: string;
      /** Put into the new wallet, so that there is something to try; null for nothing. */
      readonly grant: { readonly owner: string; readonly amount: string } | null;
    }
  | {
      readonly verb: "configure";
      readonly wallet: string;
      readonly state: "open" | "frozen" | "closed" | null;
      readonly minBalance: string | null;
    };

export interface Chore {
  readonly id: string;
  /** Grows from one to the next, and is that of no transfer. */
  readonly number: bigint;
  readonly shard: number;
  readonly operation: ChoreOperation;
  /** Whether the shard has answered. */
  readonly isDone: boolean;
  /** Why it was not done. */
  readonly refusal: Refusal | null;
}

/** Where chores outlive the process. */
export interface ChoreStore {
  /** Those that wait, in their order; of each shard at most so many. */
  open(countMax: number): Promise<readonly Chore[]>;
  find(id: string): Promise<Chore | null>;
  /** The shard has answered. The first answer stays. */
  end(chore: Chore, refusal: Refusal | null): Promise<void>;
}
