import type { Clock } from "../../core/clock.ts";
import type { Module } from "../../core/module.ts";
import type { UnitOfWork } from "../../core/unit-of-work.ts";
import type { Vault } from "../../core/vault.ts";
import type { AuthMethods } from "../auth/index.ts";
import { accountMethods } from "./accounts/methods.ts";
import { chatChannels } from "./channels.ts";
import { disappearJob } from "./jobs/disappear.ts";
import { addMembers } from "./methods/addMembers.ts";
import { block } from "./methods/block.ts";
import { createConversation } from "./methods/createConversation.ts";
import { deleteAttachment } from "./methods/deleteAttachment.ts";
import { deleteMessage } from "./methods/deleteMessage.ts";
import { findPrivate } from "./methods/findPrivate.ts";
import { getAccountKeys } from "./methods/getAccountKeys.ts";
import { getAttachment } from "./methods/getAttachment.ts";
import { getKeys } from "./methods/getKeys.ts";
import { leave } from "./methods/leave.ts";
import { markRead } from "./methods/markRead.ts";
import { messages } from "./methods/messages.ts";
import { putAccountKeys } from "./methods/putAccountKeys.ts";
import { putAttachment } from "./methods/putAttachment.ts";
import { removeMember } from "./methods/removeMember.ts";
import { report } from "./methods/report.ts";
import { sendMessage } from "./methods/sendMessage.ts";
import { setAlias } from "./methods/setAlias.ts";
import { setDisappearing } from "./methods/setDisappearing.ts";
import { setKeys } from "./methods/setKeys.ts";
import { typing } from "./methods/typing.ts";
import { unblock } from "./methods/unblock.ts";
import { updateMessage } from "./methods/updateMessage.ts";
import { updateProfile } from "./methods/updateProfile.ts";
import { users } from "./methods/users.ts";
import { createPageTokens } from "./paging/page-tokens.ts";
import { people } from "./people/people.ts";
import { createPresence } from "./people/presence.ts";
import { rest } from "./rest.ts";
import { conversation } from "./subscriptions/conversation.ts";
import { me } from "./subscriptions/me.ts";
import { system } from "./subscriptions/system.ts";

export interface ChatParts {
  readonly clock: Clock;
  readonly vault: Vault;
  readonly work: () => UnitOfWork;
  /** Signs where pages begin. */
  readonly pageSecret: Uint8Array;
}

/** Conversations that only their members can read. */
export function createChat(
  { clock, vault, work, pageSecret }: ChatParts,
  auth: AuthMethods,
): Module {
  const tokens = createPageTokens(pageSecret);
  return {
    name: "chat",
    methods: {
      ...accountMethods({ auth, people }),
      createConversation,
      setKeys: setKeys({ vault }),
      getKeys: getKeys({ vault }),
      putAccountKeys: putAccountKeys({ vault }),
      getAccountKeys: getAccountKeys({ vault }),
      sendMessage,
      updateMessage,
      deleteMessage,
      markRead,
      typing,
      addMembers,
      removeMember,
      leave,
      setAlias,
      setDisappearing,
      report: report({ vault }),
      block,
      unblock,
      messages: messages({ tokens }),
      users: users({ tokens }),
      findPrivate,
      updateProfile,
      putAttachment,
      getAttachment,
      deleteAttachment,
    },
    subscriptions: { system, me, conversation },
    rest,
    channels: chatChannels(createPresence(work)),
    jobs: [disappearJob(clock)],
  };
}
