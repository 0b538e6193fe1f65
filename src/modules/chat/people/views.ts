import type { Tx } from "../../../core/database.ts";
import { findPeople, type PersonRecord } from "../../auth/index.ts";
import { findAcquainted } from "../store/members.ts";
import type { Profile, PublicUser } from "../types.ts";

/** A person as somebody sees him who may see the address too. */
export function acquaintance({ id, email, displayName, username }: PersonRecord): PublicUser {
  return { id, email: email ?? "", display_name: displayName || (username ?? "") };
}

/**
 * A person as everybody else sees him. The document lets a name begin as the address: then it is no
 * more for strangers than the address is.
 */
export function stranger(person: PersonRecord): PublicUser {
  const { email, displayName, username } = person;
  const isAddress = email !== null && displayName.toLowerCase() === email.toLowerCase();
  const name = isAddress ? (username ?? "") : displayName || (username ?? "");
  return { id: person.id, email: "", display_name: name };
}

/** People as the person sees them. */
export async function showPeople(
  tx: Tx,
  accountId: string,
  people: readonly PersonRecord[],
): Promise<PublicUser[]> {
  const ids = people.map(({ id }) => id);
  const acquainted = await findAcquainted(tx, accountId, ids);
  return people.map((person) =>
    acquainted.has(person.id) ? acquaintance(person) : stranger(person),
  );
}

/** People whom the person shares conversations with, in the order of their ids. */
export async function showAcquaintances(tx: Tx, ids: readonly string[]): Promise<PublicUser[]> {
  const people = await findPeople(tx, ids);
  return people.map(acquaintance).toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** As much of a profile as document 002 has. */
export function documentProfile({ hidden, theme, magnification, recents }: Profile) {
  return { hidden, theme, magnification, recents };
}
