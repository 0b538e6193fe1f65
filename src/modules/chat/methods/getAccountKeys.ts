import { defineMethod } from "../../../core/method.ts";
import type { Vault } from "../../../core/vault.ts";
import { places } from "../keys/places.ts";
import { findAccountKeys } from "../store/keys.ts";
import { chatWire } from "../types.ts";

interface Wrap {
  readonly kind: string;
  readonly blob: string;
}

export const getAccountKeys = ({ vault }: { readonly vault: Vault }) =>
  defineMethod({
    name: "chat.getAccountKeys",
    ...chatWire.methods["chat.getAccountKeys"],
    summary: "One's own identity key and root key, as one's client wrapped them.",
    access: "person",
    errors: [],
    transaction: "single",
    async handle({ actor: { accountId }, tx }) {
      const keys = await findAccountKeys(tx, accountId);
      if (keys === null) return { account_keys: null };
      const { version, identityPublicKey, wrapsSealed } = keys;
      const wraps = JSON.parse(vault.open(wrapsSealed, places.wraps(accountId))) as Wrap[];
      return { account_keys: { version, identity_public_key: identityPublicKey, wraps } };
    },
  });
