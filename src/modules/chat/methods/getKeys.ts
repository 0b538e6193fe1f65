import { defineMethod } from "../../../core/method.ts";
import type { Vault } from "../../../core/vault.ts";
import { conversationNotFound } from "../errors.ts";
import { places } from "../keys/places.ts";
import { getConversation } from "../membership/entering.ts";
import { listKeys } from "../store/keys.ts";
import { listMembers } from "../store/members.ts";
import { KEY_VERSION_MAX } from "../types/limits.ts";
import { chatWire } from "../types.ts";

export const getKeys = ({ vault }: { readonly vault: Vault }) =>
  defineMethod({
    name: "chat.getKeys",
    ...chatWire.methods["chat.getKeys"],
    summary: "One's own wrapped key pairs of a conversation, and the members' public keys.",
    access: "person",
    errors: [conversationNotFound],
    transaction: "snapshot",
    async handle({ input: { conversation_id: conversationId }, actor: { accountId }, tx }) {
      const { epoch, ready } = await getConversation(tx, conversationId, accountId);
      const keys = await listKeys(tx, { conversationId, accountId }, KEY_VERSION_MAX);
      return {
        epoch,
        ready,
        keys: keys.map(({ version, publicKey, privateKeySealed, signature, insertedAt }) => ({
          key_version: version,
          public_key: publicKey,
          private_key: vault.open(
            privateKeySealed,
            places.privateKey(conversationId, accountId, version),
          ),
          signature,
          inserted_at: insertedAt.toISOString(),
        })),
        members: await listMembers(tx, conversationId),
      };
    },
  });
