import type { Tx } from "../../../core/database.ts";
import type { Events } from "../../../core/events.ts";
import { conversationTopic } from "../rules/topics.ts";
import { retireKeys } from "../store/keys.ts";
import { listStays } from "../store/members.ts";
import { lockConversations } from "../store/sending.ts";

/** All keys that an earlier identity has signed: their conversations wait for new ones. */
export async function retireAll(
  tx: Tx,
  events: Events,
  accountId: string,
  identityPublicKey: string,
): Promise<void> {
  await lockConversations(tx, [...(await listStays(tx, accountId)).keys()]);
  // Read again: what was committed while the locks were waited for counts.
  const stays = await listStays(tx, accountId);
  for (const conversationId of await retireKeys(tx, accountId)) {
    const stay = stays.get(conversationId);
    if (stay === undefined) continue;
    events.emit(conversationTopic(conversationId), "chat.keys_set", {
      conversation_id: conversationId,
      ready: false,
      member: {
        user_id: accountId,
        owner: stay.owner,
        joined_epoch: stay.epochJoined,
        identity_public_key: identityPublicKey,
        public_key: null,
        key_version: null,
        signature: null,
        read_sequence: 0,
      },
    });
  }
}
