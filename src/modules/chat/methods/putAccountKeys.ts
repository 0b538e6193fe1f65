import { defineMethod } from "../../../core/method.ts";
import type { Vault } from "../../../core/vault.ts";
import { accountKeysDiffer } from "../errors.ts";
import { places } from "../keys/places.ts";
import { retireAll } from "../keys/retire.ts";
import { userTopic } from "../rules/topics.ts";
import { findAccountKeys, saveAccountKeys } from "../store/keys.ts";
import { chatWire } from "../types.ts";

export const putAccountKeys = ({ vault }: { readonly vault: Vault }) =>
  defineMethod({
    name: "chat.putAccountKeys",
    ...chatWire.methods["chat.putAccountKeys"],
    summary: "Sets one's identity key and wrapped root key; another identity needs all keys anew.",
    access: "person",
    errors: [accountKeysDiffer],
    transaction: "write",
    async handle({ input, actor: { accountId }, tx, events }) {
      const { version, identity_public_key: identityPublicKey } = input;
      const place = places.wraps(accountId);
      const wraps = JSON.stringify(input.wraps.map(({ kind, blob }) => ({ kind, blob })));
      const before = await findAccountKeys(tx, accountId);
      const isRepeat =
        before?.version === version &&
        before.identityPublicKey === identityPublicKey &&
        vault.open(before.wrapsSealed, place) === wraps;
      if (isRepeat) return { version };

      const wrapsSealed = vault.seal(wraps, place);
      const saved = await saveAccountKeys(tx, accountId, {
        version,
        identityPublicKey,
        wrapsSealed,
      });
      if (!saved) {
        const now = await findAccountKeys(tx, accountId);
        throw accountKeysDiffer({ version: (now?.version ?? 0) + 1 });
      }
      if (before !== null && before.identityPublicKey !== identityPublicKey) {
        await retireAll(tx, events, accountId, identityPublicKey);
      }
      events.emit(userTopic(accountId), "chat.account_keys_changed", { version });
      return { version };
    },
  });
