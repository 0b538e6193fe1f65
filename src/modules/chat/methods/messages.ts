import { defineMethod } from "../../../core/method.ts";
import { readPage } from "../../../core/page.ts";
import { conversationNotFound, pageTokenInvalid } from "../errors.ts";
import { getConversation } from "../membership/entering.ts";
import type { PageTokens } from "../paging/page-tokens.ts";
import { listMessages } from "../store/messages.ts";
import { chatWire } from "../types.ts";

export const messages = ({ tokens }: { readonly tokens: PageTokens }) =>
  defineMethod({
    name: "chat.messages",
    ...chatWire.methods["chat.messages"],
    summary: "One's own copies of a conversation's messages, page by page, the newest first.",
    access: "person",
    errors: [conversationNotFound, pageTokenInvalid],
    transaction: "snapshot",
    async handle({ input, actor: { accountId }, tx, clock }) {
      const { conversation_id: conversationId, page_token: token, page_size: size } = input;
      const list = `messages/${accountId}/${conversationId}`;
      const before = token === undefined ? Number.MAX_SAFE_INTEGER : tokens.read(list, token);
      await getConversation(tx, conversationId, accountId);
      const reader = { conversationId, accountId, nowMs: clock.nowMs() };
      const { rows, last } = await readPage(size, (limit) =>
        listMessages(tx, reader, { before, limit }),
      );
      return {
        items: rows,
        page_token: last === undefined ? null : tokens.make(list, last.sequence),
      };
    },
  });
