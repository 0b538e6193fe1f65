import { createHmac } from "node:crypto";
import type { Person } from "../../../src/core/actor.ts";
import type { Tables } from "./snapshot.ts";

/** What one transaction did, seen from outside. */
export interface Commit {
  /** Its first statement and its COMMIT, in simulated time. */
  readonly beganAtMs: number;
  readonly atMs: number;
  readonly before: Tables;
  readonly after: Tables;
}

export type Outcome =
  | { readonly kind: "answer"; readonly answer: unknown; readonly attemptAtMs: number }
  | { readonly kind: "error"; readonly code: string; readonly attemptAtMs: number }
  /** The person has given up, and does not know. */
  | { readonly kind: "unknown" };

/** Something a person wants once, however often they have to ask. */
export interface Intent {
  readonly who: string;
  readonly person: Person;
  /** Without the namespace. */
  readonly method: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly key: string;
  /** When it was first asked for, in simulated time. */
  readonly firstAtMs: number;
  /** Transactions that stored an answer under the key. */
  readonly commits: Commit[];
  outcome: Outcome | undefined;
}

/** The secret of `createHarness`. */
const SECRET = new Uint8Array(32).fill(3);

/** The key under which the product keeps the answer; see `core/repeats.ts`. */
export function repeatKeyOf({ person, method, key }: Intent): string {
  return createHmac("sha256", SECRET)
    .update(`key\n${person.accountId}\ncinema.${method}\n${key}`)
    .digest("hex");
}
