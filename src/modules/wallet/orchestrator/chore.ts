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
  readonly shard: number;
  readonly operation: ChoreOperation;
  /** Whether the shard has answered. */
  readonly isDone: boolean;
  /** Why it was not done. */
  readonly refusal: Refusal | null;
}
