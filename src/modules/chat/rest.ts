import type { RestRoute } from "../../core/rest.ts";
import { accountsRest } from "./accounts/rest.ts";
import { keysStale } from "./errors.ts";
import { documentProfile } from "./people/views.ts";
import { type Profile, RestProfile } from "./types.ts";

/** What was encrypted for a key that is gone. */
const errorStatus = { [keysStale.code]: 410 };

/** The requests of document 002, and one for every other method. */
export const rest: readonly RestRoute[] = [
  ...accountsRest,
  {
    verb: "PATCH",
    path: "/api/profile",
    method: "chat.updateProfile",
    answer: (profile: Profile) => ({ body: documentProfile(profile) }),
    output: RestProfile,
  },
  { verb: "GET", path: "/api/messages", method: "chat.messages" },
  { verb: "GET", path: "/api/users", method: "chat.users" },
  { verb: "GET", path: "/api/conversations/private/:user_id", method: "chat.findPrivate" },

  // Beside the document: the same with what it knows nothing of.
  { verb: "PATCH", path: "/api/choices", method: "chat.updateProfile" },

  // What the document has on its socket only, and the files.
  { verb: "POST", path: "/api/conversations", method: "chat.createConversation" },
  ...inConversation([
    { verb: "GET", path: "/keys", method: "chat.getKeys" },
    { verb: "POST", path: "/keys", method: "chat.setKeys" },
    { verb: "POST", path: "/messages", method: "chat.sendMessage", status: 201, errorStatus },
    { verb: "PUT", path: "/messages/:message_group", method: "chat.updateMessage", errorStatus },
    { verb: "DELETE", path: "/messages/:message_group", method: "chat.deleteMessage" },
    { verb: "POST", path: "/messages/:message_group/read", method: "chat.markRead" },
    { verb: "POST", path: "/messages/:message_group/report", method: "chat.report", status: 201 },
    { verb: "POST", path: "/typing", method: "chat.typing", status: 204 },
    { verb: "POST", path: "/members", method: "chat.addMembers" },
    { verb: "DELETE", path: "/members/:user_id", method: "chat.removeMember" },
    { verb: "POST", path: "/leave", method: "chat.leave", status: 204 },
    { verb: "PUT", path: "/alias", method: "chat.setAlias" },
    { verb: "PUT", path: "/disappearing", method: "chat.setDisappearing" },
  ]),
  { verb: "GET", path: "/api/account_keys", method: "chat.getAccountKeys" },
  { verb: "PUT", path: "/api/account_keys", method: "chat.putAccountKeys" },
  { verb: "PUT", path: "/api/blocks/:user_id", method: "chat.block", status: 204 },
  { verb: "DELETE", path: "/api/blocks/:user_id", method: "chat.unblock", status: 204 },
  { verb: "POST", path: "/api/attachments", method: "chat.putAttachment", status: 201 },
  { verb: "GET", path: "/api/attachments/:attachment_id", method: "chat.getAttachment" },
  {
    verb: "DELETE",
    path: "/api/attachments/:attachment_id",
    method: "chat.deleteAttachment",
    status: 204,
  },
];

function inConversation(routes: readonly RestRoute[]): RestRoute[] {
  return routes.map((route) => ({
    ...route,
    path: `/api/conversations/:conversation_id${route.path}`,
  }));
}
