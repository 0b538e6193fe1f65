import type { Channel, ChannelPresence } from "../../core/channel.ts";

/** The channels of document 002, which has their names and leaves the rest open. */
export function chatChannels(presence: ChannelPresence): readonly Channel[] {
  return [
    {
      topic: "system:general",
      subscription: "chat.system",
      pushes: {
        "chat.user_registered": "user_registered",
        "chat.user_updated": "user_updated",
      },
      presence,
    },
    {
      topic: "user:user_id",
      subscription: "chat.me",
      requests: {
        create_conversation: "chat.createConversation",
        put_account_keys: "chat.putAccountKeys",
        get_account_keys: "chat.getAccountKeys",
        block: "chat.block",
        unblock: "chat.unblock",
        update_profile: "chat.updateProfile",
      },
      pushes: {
        "chat.conversation_created": "conversation_created",
        "chat.conversation_updated": "conversation_updated",
        "chat.conversation_removed": "conversation_removed",
        "chat.keys_needed": "keys_needed",
        "chat.account_keys_changed": "account_keys_changed",
        "chat.profile_updated": "profile_updated",
        "chat.blocked": "blocked",
        "chat.session_revoked": "session_revoked",
      },
    },
    {
      topic: "conversation:conversation_id",
      subscription: "chat.conversation",
      requests: {
        set_keys: "chat.setKeys",
        get_keys: "chat.getKeys",
        send_message: "chat.sendMessage",
        update_message: "chat.updateMessage",
        delete_message: "chat.deleteMessage",
        mark_read: "chat.markRead",
        typing: "chat.typing",
        add_members: "chat.addMembers",
        remove_member: "chat.removeMember",
        leave: "chat.leave",
        set_alias: "chat.setAlias",
        set_disappearing: "chat.setDisappearing",
        report: "chat.report",
      },
      pushes: {
        "chat.new_message": "new_message",
        "chat.message_updated": "message_updated",
        "chat.message_deleted": "message_deleted",
        "chat.read": "read",
        "chat.user_typing": "typing",
        "chat.keys_set": "keys_set",
        "chat.ready": "ready",
        "chat.member_added": "member_added",
        "chat.member_removed": "member_removed",
        "chat.conversation_updated": "conversation_updated",
      },
    },
  ];
}
