import { defineMethod } from "../../../core/method.ts";
import type { Vault } from "../../../core/vault.ts";
import { accountKeysNeeded, conversationNotFound, keyVersionDiffers } from "../errors.ts";
import { keyPrefixOf } from "../keys/key-prefix.ts";
import { places } from "../keys/places.ts";
import { enterConversation } from "../membership/entering.ts";
import { conversationTopic } from "../rules/topics.ts";
import { changeConversation } from "../store/conversations.ts";
import { findAccountKeys, findLastKey, insertKey } from "../store/keys.ts";
import { listMembers } from "../store/members.ts";
import { chatWire } from "../types.ts";

export const setKeys = ({ vault }: { readonly vault: Vault }) =>
  defineMethod({
    name: "chat.setKeys",
    ...chatWire.methods["chat.setKeys"],
    summary: "Sets one's next key pair in a conversation; what is sent from now on is for it.",
    access: "person",
    errors: [conversationNotFound, accountKeysNeeded, keyVersionDiffers],
    transaction: "write",
    async handle({ input, actor: { accountId }, tx, events, clock }) {
      const { conversation_id: conversationId, key_version: version, public_key } = input;
      const before = await enterConversation(tx, conversationId, accountId);
      if ((await findAccountKeys(tx, accountId)) === null) throw accountKeysNeeded();
      const place = { conversationId, accountId };
      const last = await findLastKey(tx, place);
      if (last?.inUse && last.version === version && last.publicKey === public_key) {
        return { epoch: before.epoch, ready: before.ready, key_version: version };
      }
      const next = (last?.version ?? 0) + 1;
      if (version !== next) throw keyVersionDiffers({ key_version: next });

      const sealedPlace = places.privateKey(conversationId, accountId, version);
      const keys = {
        version,
        publicKey: public_key,
        privateKeySealed: vault.seal(input.private_key, sealedPlace),
        signature: input.signature,
        insertedAt: new Date(clock.nowMs()),
      };
      await insertKey(tx, place, keys, keyPrefixOf(public_key));
      const { epoch, ready } = await changeConversation(tx, conversationId, {});
      const topic = conversationTopic(conversationId);
      const members = await listMembers(tx, conversationId);
      const member = members.find(({ user_id: id }) => id === accountId);
      events.emit(topic, "chat.keys_set", { conversation_id: conversationId, member, ready });
      if (ready && !before.ready) {
        events.emit(topic, "chat.ready", { conversation_id: conversationId, epoch, ready });
      }
      return { epoch, ready, key_version: version };
    },
  });
