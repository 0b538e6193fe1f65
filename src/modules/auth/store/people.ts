import { sql } from "kysely";
import type { Tx } from "../../../core/database.ts";
import { auth } from "./tables.ts";

/** What other modules are told of an account. Whom they show the address to is theirs to decide. */
export interface PersonRecord {
  readonly id: string;
  /** Counts accounts in the order in which they were made. */
  readonly number: number;
  readonly username: string | null;
  readonly email: string | null;
  readonly displayName: string;
}

/** Those of the ids that somebody has, in any order. */
export async function findPeople(tx: Tx, ids: readonly string[]): Promise<PersonRecord[]> {
  if (ids.length === 0) return [];
  return people(tx).where("id", "=", sql<string>`any(${ids}::uuid[])`).execute();
}

/** A page of everybody, the oldest accounts first. */
export async function listPeople(
  tx: Tx,
  afterNumber: number,
  limit: number,
): Promise<PersonRecord[]> {
  return people(tx).where("number", ">", afterNumber).orderBy("number").limit(limit).execute();
}

function people(tx: Tx) {
  return auth(tx)
    .selectFrom("auth_accounts")
    .select(["id", "number", "username", "email", "display_name as displayName"]);
}
