import type { Clock } from "../../../core/clock.ts";
import { StoaError } from "../../../core/errors.ts";
import type { Ids } from "../../../core/ids.ts";
import type { JobContext } from "../../../core/module.ts";
import type { Scope, UnitOfWork } from "../../../core/unit-of-work.ts";
import { usernameTaken } from "../errors.ts";
import { findAccountByLogin, hasAccounts, insertAccount, setOperator } from "../store/accounts.ts";
import { DEMO_PASSWORD, DEMO_PEOPLE } from "../types.ts";
import type { AuthKit } from "../wiring/parts.ts";

/**
 * Makes the people of the README's first steps, in an installation that has nobody yet. When two
 * nodes start at once, one of them finds the names taken, and leaves it at that.
 */
export async function fillDemo(
  { passwords }: AuthKit,
  { clock, ids }: { readonly clock: Clock; readonly ids: Ids },
  { work }: JobContext,
): Promise<void> {
  if (await work.single(hasAccounts)) return;
  const people = await Promise.all(
    DEMO_PEOPLE.map(async (person) => ({
      ...person,
      passwordHash: await passwords.hash(DEMO_PASSWORD),
    })),
  );
  const make = async ({ tx }: Scope) => {
    for (const { username, displayName, operator, passwordHash } of people) {
      const id = ids.uuid();
      const createdAtMs = clock.nowMs();
      await insertAccount(tx, { id, username, displayName, passwordHash, createdAtMs });
      if (operator) await setOperator(tx, id);
    }
  };
  try {
    await work.write(make);
  } catch (cause) {
    if (!(cause instanceof StoaError) || cause.code !== usernameTaken.code) throw cause;
  }
}

/** Who of the demo's people is here, by username: other modules give them something to try. */
export async function demoAccounts(work: UnitOfWork): Promise<ReadonlyMap<string, string>> {
  return work.single(async (tx) => {
    const found = new Map<string, string>();
    for (const { username } of DEMO_PEOPLE) {
      const account = await findAccountByLogin(tx, username);
      if (account !== null) found.set(username, account.id);
    }
    return found;
  });
}
