import { defineMethod } from "../../../core/method.ts";
import { readPage } from "../../../core/page.ts";
import { listPeople } from "../../auth/index.ts";
import { pageTokenInvalid } from "../errors.ts";
import type { PageTokens } from "../paging/page-tokens.ts";
import { showPeople } from "../people/views.ts";
import { chatWire } from "../types.ts";

export const users = ({ tokens }: { readonly tokens: PageTokens }) =>
  defineMethod({
    name: "chat.users",
    ...chatWire.methods["chat.users"],
    summary: "Everybody, page by page; with the addresses of those one shares a conversation with.",
    access: "person",
    errors: [pageTokenInvalid],
    transaction: "snapshot",
    async handle({ input, actor: { accountId }, tx }) {
      const { page_token: token, page_size: size } = input;
      const list = `users/${accountId}`;
      const after = token === undefined ? 0 : tokens.read(list, token);
      const { rows, last } = await readPage(size, (limit) => listPeople(tx, after, limit));
      return {
        items: await showPeople(tx, accountId, rows),
        page_token: last === undefined ? null : tokens.make(list, last.number),
      };
    },
  });
