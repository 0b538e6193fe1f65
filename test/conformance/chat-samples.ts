import { contentFor } from "../support/chat-fixture.ts";
import type { Sample } from "./samples.ts";
import type { World } from "./world.ts";

const kept = (world: World, name: string) => world.kept.get(name);
/** 32 and 64 bytes of nothing. */
export const KEY = "A".repeat(43);
const SIGNATURE = "A".repeat(86);
/** Always the same, so that a second time is a repeat. */
export const ACCOUNT_KEYS = {
  identity_public_key: KEY,
  wraps: [{ kind: "passphrase", blob: "AAAA" }],
  version: 1,
};
/** Alike in every run. */
const CONTENT = contentFor(KEY).slice(0, 12).padEnd(400, "A");
const GROUP = "01890000-0000-7000-8000-0000000000aa";

export const conversation =
  (more: object = {}) =>
  (world: World) => ({ conversation_id: kept(world, "conversation"), ...more });
export const withBen = (world: World) => ({ private: false, user_ids: [kept(world, "benId")] });
export const newKeys = conversation({
  public_key: KEY,
  private_key: "AAAA",
  key_version: 1,
  signature: SIGNATURE,
});
export const copies = (world: World) =>
  ["adaId", "benId"].map((name) => ({ recipient: kept(world, name), content: CONTENT }));
export const message =
  (more: object = {}) =>
  (world: World) => ({
    ...conversation({ message_group: GROUP, epoch: 1, commitment: KEY })(world),
    messages: copies(world),
    ...more,
  });
export const sent = conversation({ message_group: GROUP });
const nothing = () => ({});

const PEOPLE: NonNullable<Sample["after"]> = [
  { as: "ada", operation: "auth.me", input: nothing, keep: ["adaId", "account.id"] },
  { as: "ben", operation: "auth.me", input: nothing, keep: ["benId", "account.id"] },
  { as: "ada", operation: "chat.putAccountKeys", input: () => ACCOUNT_KEYS },
  { as: "ben", operation: "chat.putAccountKeys", input: () => ACCOUNT_KEYS },
];
const BEGUN: Sample["after"] = [
  ...PEOPLE,
  {
    as: "ada",
    operation: "chat.createConversation",
    input: withBen,
    keep: ["conversation", "conversation.id"],
  },
];
const READY: Sample["after"] = [
  ...BEGUN,
  { as: "ada", operation: "chat.setKeys", input: newKeys },
  { as: "ben", operation: "chat.setKeys", input: newKeys },
];
const SENT: Sample["after"] = [
  ...READY,
  { as: "ada", operation: "chat.sendMessage", input: message() },
];
const FILED: Sample["after"] = [
  ...BEGUN,
  {
    as: "ada",
    operation: "chat.putAttachment",
    input: conversation({ content: "AAAA" }),
    keep: ["file", "id"],
  },
];

/** Ben is a member too; an operator is not, and is told what strangers are told. */
const members = (ben = "OK", ada = "OK") => ({ ada, ben, operator: "CONVERSATION_NOT_FOUND" });
const everyPerson = { ada: "OK", ben: "OK", operator: "OK" };
const file = (world: World) => ({ attachment_id: kept(world, "file") });

/** One sample of every operation of conversations; the owner of what is made is ada. */
export const CHAT_SAMPLES: Readonly<Record<string, Sample>> = {
  "chat.createConversation": { after: PEOPLE, input: withBen, codes: everyPerson },
  "chat.setKeys": { after: BEGUN, input: newKeys, codes: members() },
  "chat.getKeys": { after: READY, input: conversation(), codes: members() },
  "chat.putAccountKeys": { input: () => ACCOUNT_KEYS, codes: everyPerson },
  "chat.getAccountKeys": { input: nothing, codes: everyPerson },
  "chat.sendMessage": { after: READY, input: message(), codes: members() },
  "chat.updateMessage": {
    after: SENT,
    input: message({ edit: 1, epoch: 1, commitment: `${KEY.slice(0, -1)}Q` }),
    codes: members("NOT_SENDER"),
  },
  "chat.deleteMessage": { after: SENT, input: sent, codes: members("NOT_SENDER") },
  "chat.markRead": { after: SENT, input: sent, codes: members() },
  "chat.typing": { after: BEGUN, input: conversation(), codes: members() },
  "chat.addMembers": {
    after: BEGUN,
    input: (world) => conversation({ user_ids: [kept(world, "benId")] })(world),
    codes: members(),
  },
  "chat.removeMember": {
    after: BEGUN,
    input: (world) => conversation({ user_id: kept(world, "adaId") })(world),
    codes: members("NOT_OWNER"),
  },
  "chat.leave": { after: BEGUN, input: conversation(), codes: members() },
  "chat.setAlias": { after: BEGUN, input: conversation({ alias: "Crew" }), codes: members() },
  "chat.setDisappearing": {
    after: BEGUN,
    input: conversation({ seconds: 60 }),
    codes: members(),
  },
  "chat.report": {
    after: SENT,
    input: conversation({ message_group: GROUP, body: "AAAA", k_f: KEY }),
    codes: members("COMMITMENT_DIFFERS", "COMMITMENT_DIFFERS"),
  },
  "chat.block": {
    after: PEOPLE,
    input: (world) => ({ user_id: kept(world, "benId") }),
    codes: { ada: "OK", ben: "USER_UNREACHABLE", operator: "OK" },
  },
  "chat.unblock": {
    after: PEOPLE,
    input: (world) => ({ user_id: kept(world, "benId") }),
    codes: everyPerson,
  },
  "chat.messages": { after: SENT, input: conversation(), codes: members() },
  "chat.users": { input: nothing, codes: everyPerson },
  "chat.findPrivate": {
    after: PEOPLE,
    input: (world) => ({ user_id: kept(world, "benId") }),
    codes: everyPerson,
  },
  "chat.updateProfile": { input: () => ({ theme: "night" }), codes: everyPerson },
  "chat.putAttachment": {
    after: BEGUN,
    input: conversation({ content: "AAAA" }),
    codes: members(),
  },
  "chat.getAttachment": {
    after: FILED,
    input: file,
    codes: { ada: "OK", ben: "OK", operator: "ATTACHMENT_NOT_FOUND" },
  },
  "chat.deleteAttachment": {
    after: FILED,
    input: file,
    codes: { ada: "OK", ben: "ATTACHMENT_NOT_FOUND", operator: "ATTACHMENT_NOT_FOUND" },
  },
  "chat.system": { input: nothing, codes: everyPerson },
  "chat.me": { input: nothing, codes: everyPerson },
  "chat.conversation": { after: BEGUN, input: conversation(), codes: members() },
};
