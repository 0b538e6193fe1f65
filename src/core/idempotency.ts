import type { Tx } from "./database.ts";

/**
 * Remembers the answer of a writing call in the transaction of its effect, so that a repeat gets
 * the same answer and has no second effect, and an unknown commit can be looked up.
 */
export interface RepeatClaim {
  /** HMAC-SHA-256, hex, of person, method and the client's key. */
  readonly key: string;
  /** HMAC-SHA-256, hex, of the input; the same key with another input is the client's mistake. */
  readonly fingerprint: string;
  readonly nowMs: number;
  /** Until when a repeat is recognised. */
  readonly expiresAtMs: number;
}

export type Claimed = { readonly first: true } | ({ readonly first: false } & Settled);

/** An answer that was settled. */
export interface Settled {
  readonly fingerprint: string;
  readonly answer: string;
}

/** The answer of a call, to be kept. */
export interface RepeatRecord extends Settled {
  readonly key: string;
}

export interface RepeatStore {
  /** The unexpired answers by key, without claiming anything; a key without one is left out. */
  find(tx: Tx, keys: readonly string[], nowMs: number): Promise<Map<string, Settled>>;
  /** Lets one transaction at a time go on with this name; the others wait for its end. */
  takeTurn(tx: Tx, name: string): Promise<void>;
  /**
   * Keeps answers of keys that were not claimed.
   *
   * @throws TransactionConflict when one of the keys has got an answer meanwhile
   */
  record(
    tx: Tx,
    records: readonly RepeatRecord[],
    times: Pick<RepeatClaim, "nowMs" | "expiresAtMs">,
  ): Promise<void>;
  /**
   * Claims the key until the transaction ends; a concurrent claim of the same key waits for it.
   * Not `first` when an unexpired claim was settled before.
   */
  claim(tx: Tx, claim: RepeatClaim): Promise<Claimed>;
  /** Stores the (sealed) answer of a claimed key. */
  settle(tx: Tx, key: string, answer: string): Promise<void>;
  /** Deletes expired claims, at most `rowsMax`; answers how many. */
  trim(tx: Tx, nowMs: number, rowsMax: number): Promise<number>;
}
