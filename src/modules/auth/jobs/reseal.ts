import type { Tx } from "../../../core/database.ts";
import type { Job } from "../../../core/module.ts";
import type { Vault } from "../../../core/vault.ts";
import { places } from "../credentials/tokens.ts";
import { NOBODY } from "../rules/names.ts";
import { lockAccount } from "../store/accounts.ts";
import { listOtherwiseSealed, setTotpSecret } from "../store/credentials.ts";
import type { AuthKit } from "../wiring/parts.ts";

const INTERVAL_MS = 60 * 60_000;
const ACCOUNTS_MAX = 100;

/**
 * Seals anew what an earlier key of the vault has sealed, so that the key can be taken away: the
 * secrets of apps, which live as long as their accounts. All else that is sealed ends with its
 * session, within two weeks.
 */
export const resealJob = ({ vault }: AuthKit): Job => ({
  name: "auth.reseal",
  intervalMs: INTERVAL_MS,
  async run({ work, log, signal }) {
    let after = NOBODY;
    for (let found = ACCOUNTS_MAX; found === ACCOUNTS_MAX && !signal.aborted; ) {
      const ids = await work.single((tx) =>
        listOtherwiseSealed(tx, { beginning: vault.beginning, after, rowsMax: ACCOUNTS_MAX }),
      );
      for (const id of ids) {
        try {
          await work.write(({ tx }) => reseal(vault, tx, id), { repeatable: true });
        } catch (err) {
          // One whose key is gone must not hold up the others.
          log.warn({ err, accountId: id }, "the secret of an app could not be sealed anew");
        }
      }
      found = ids.length;
      after = ids.at(-1) ?? NOBODY;
    }
  },
});

async function reseal(vault: Vault, tx: Tx, accountId: string): Promise<void> {
  const { totpSecret } = await lockAccount(tx, accountId);
  if (totpSecret === null || totpSecret.startsWith(vault.beginning)) return;
  const place = places.totpSecret(accountId);
  await setTotpSecret(tx, accountId, vault.seal(vault.open(totpSecret, place), place));
}
