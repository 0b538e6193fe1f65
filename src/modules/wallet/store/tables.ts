import type { Generated, GeneratedAlways } from "kysely";
import type { ChoreOperation } from "../orchestrator/chore.ts";
import type { Code, Kind } from "../orchestrator/transfer.ts";
import type { Refusal, WalletState } from "../shard/protocol.ts";
import type { LegState } from "../shard/records.ts";

/** The tables of the module; `*_wallet.sql` among the migrations has their constraints. */
export interface WalletTables {
  readonly wallet_shards: {
    shard: number;
    epoch: bigint;
    batch: bigint;
    head: string;
    at_ms: bigint;
    reserved_from: bigint;
    wallets: Generated<bigint>;
    entries: Generated<bigint>;
  };
  readonly wallet_accounts: {
    wallet: string;
    shard: number;
    asset: string;
    state: WalletState;
    posted: bigint;
    held: bigint;
    min_balance: bigint;
    version: number;
  };
  readonly wallet_legs: {
    transfer: bigint;
    is_credit: boolean;
    shard: number;
    peer: number | null;
    state: LegState;
    wallet: string | null;
    asset: string | null;
    amount: bigint;
    posted_amount: bigint | null;
    refusal: Refusal | null;
  };
  readonly wallet_entries: {
    wallet: string;
    version: number;
    shard: number;
    batch: bigint;
    place: number;
    transfer: bigint;
    amount: bigint;
    balance_after: bigint;
    at_ms: bigint;
  };
  readonly wallet_batches: {
    shard: number;
    batch: bigint;
    epoch: bigint;
    head: string;
    entries: number;
    at_ms: bigint;
  };
  readonly wallet_clearing: {
    shard: number;
    peer: number;
    asset: string;
    balance: bigint;
  };
  readonly wallet_cluster: {
    only_row: Generated<boolean>;
    shards: number;
    epoch: bigint;
    leader: string | null;
    lease_until_ms: bigint;
    unfinished_from: bigint;
    interest: bigint;
  };
  readonly wallet_known_positions: {
    shard: number;
    batch: bigint;
    head: string;
  };
  readonly wallet_assets: {
    code: string;
    name: string;
    scale: number;
  };
  readonly wallet_directory: {
    wallet: string;
    owner: string;
    asset: string;
    shard: number;
    name: Generated<string>;
    created_at: Date;
  };
  readonly wallet_chores: {
    id: string;
    number: Generated<bigint>;
    shard: number;
    operation: ChoreOperation;
    created_at: Date;
    done_at: Date | null;
    refusal: Refusal | null;
  };
  readonly wallet_interest: {
    wallet: string;
    until_ms: bigint;
  };
  readonly wallet_transfers: {
    id: bigint;
    kind: Kind;
    owner: string;
    repeat_key: string | null;
    request_hash: string | null;
    bundle: bigint | null;
    from_wallet: string;
    to_wallet: string;
    from_shard: number;
    to_shard: number;
    asset: string;
    amount: bigint;
    memo: string | null;
    reverses: bigint | null;
    deadline_ms: bigint;
    initiated_ms: bigint;
    held_ms: bigint | null;
    decision: "commit" | "abort" | null;
    code: Code | null;
    captured: bigint | null;
    finished_ms: bigint | null;
  };
  readonly wallet_open_holds: {
    transfer: bigint;
    due_ms: bigint;
  };
  readonly wallet_outbox: {
    place: GeneratedAlways<bigint>;
    transfer: bigint;
  };
  readonly wallet_turns: {
    only_row: Generated<boolean>;
    newest: bigint;
  };
  readonly wallet_reversals: {
    original: bigint;
    reversal: bigint;
  };
}
