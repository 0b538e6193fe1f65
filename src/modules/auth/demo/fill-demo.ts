import type { Clock } from "../../../core/clock.ts";
import type { Ids } from "../../../core/ids.ts";
import type { JobContext } from "../../../core/module.ts";
import { hasAccounts, insertAccount, setOperator } from "../store/accounts.ts";
import { DEMO_PASSWORD, DEMO_PEOPLE } from "../types.ts";
import type { AuthKit } from "../wiring/parts.ts";

/** Makes the people of the README's first steps, in an installation that has nobody yet. */
export async function fillDemo(
  { passwords }: AuthKit,
  { clock, ids }: { readonly clock: Clock; readonly ids: Ids },
  { work }: JobContext,
): Promise<void> {
  if (await hasAccounts(work.database.single())) return;
  const hashes = await Promise.all(DEMO_PEOPLE.map(() => passwords.hash(DEMO_PASSWORD)));
  await work.write(async ({ tx }) => {
    for (const [index, { username, displayName, operator }] of DEMO_PEOPLE.entries()) {
      const id = ids.uuid();
      const passwordHash = hashes[index] ?? "";
      await insertAccount(tx, {
        id,
        username,
        displayName,
        passwordHash,
        createdAtMs: clock.nowMs(),
      });
      if (operator) await setOperator(tx, id);
    }
  });
}
