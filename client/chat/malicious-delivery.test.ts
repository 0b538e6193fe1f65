import { describe } from "node:test";
import { type Attack, testAttacks } from "../../test/support/chat/betrayal.ts";
import { forge } from "../../test/support/chat/forged-message.ts";
import { fromBase64Url, toBase64Url } from "./bytes.ts";
import { Identity } from "./identity.ts";

const OTHER = "11111111-1111-4111-8111-111111111111";
const text = (words: string) => ({ kind: "text", text: words }) as const;

const ON_COPIES: readonly Attack[] = [
  [
    "drops a copy",
    "COPY_MISSING",
    async ({ alice, say, open }) => {
      await say(alice, "dropped");
      await open(await say(alice, "next"));
    },
  ],
  [
    "reorders copies",
    "COPY_MISSING",
    async ({ alice, say, open }) => {
      const second = await say(alice, "second");
      await open(await say(alice, "third"));
      await open(second);
    },
  ],
  ["replays a copy", "COPY_REPLAYED", ({ known, open }) => open(known)],
  [
    "replays a copy as another message",
    "CANNOT_OPEN",
    ({ known, open }) => open(known, { message_group: OTHER }),
  ],
  [
    "exchanges two recipients' contents",
    "NOT_ADDRESSED",
    async ({ room, alice, carol, say, open }) => {
      const copy = await say(alice, "exchanged");
      await open(copy, { content: room.copyFor(carol, copy.message_group).content });
    },
  ],
  [
    "exchanges contents and writes the reader's key id into it",
    "CANNOT_OPEN",
    async ({ room, alice, carol, say, open }) => {
      const copy = await say(alice, "exchanged");
      const content = fromBase64Url(room.copyFor(carol, copy.message_group).content);
      content.set(fromBase64Url(copy.content).slice(1, 9), 1);
      await open(copy, { content: toBase64Url(content) });
    },
  ],
  [
    "exchanges the contents of two messages",
    "CANNOT_OPEN",
    async ({ alice, say, open }) => {
      const copy = await say(alice, "second");
      const { content } = await say(alice, "third");
      await open(copy, { content });
    },
  ],
  [
    "names another member as the sender",
    "CANNOT_OPEN",
    async ({ alice, carol, say, open }) => open(await say(alice, "mine"), { sender: carol.user }),
  ],
  [
    "writes in a member's name",
    "SENDER_FORGED",
    ({ alice, openForged }) =>
      openForged({ identity: Identity.create(), sender: alice.user, body: text("forged") }),
  ],
  [
    "lets a member write in another's name",
    "SENDER_FORGED",
    ({ alice, carol, openForged }) =>
      openForged({ identity: carol.identity, sender: alice.user, body: text("forged") }),
  ],
  [
    "writes in the name of nobody known",
    "MEMBER_NOT_PINNED",
    ({ openForged }) =>
      openForged({ identity: Identity.create(), sender: OTHER, body: text("forged") }),
  ],
  [
    "delivers another conversation's message",
    "CONVERSATION_WRONG",
    ({ known, open }) => open(known, { conversation: OTHER }),
  ],
  [
    "delivers another conversation's message as one of this",
    "CANNOT_OPEN",
    ({ alice, openForged }) =>
      openForged({
        identity: alice.identity,
        sender: alice.user,
        body: text("x"),
        conversation: OTHER,
      }),
  ],
  [
    "moves a message into another epoch",
    "SENDER_FORGED",
    async ({ room, alice, say, open }) => {
      const copy = await say(alice, "before");
      await room.add();
      await open(copy, { epoch: 2 });
    },
  ],
  [
    "moves an edit into another epoch than its message's",
    "SENDER_FORGED",
    async ({ room, alice, bob, known, open }) => {
      await alice.session.edit(known.message_group, "edited");
      await room.add();
      await open(room.copyFor(bob, known.message_group), { epoch: 2 });
    },
  ],
  [
    "delivers a message of an epoch to come",
    "EPOCH_WRONG",
    async ({ alice, say, open }) => open(await say(alice, "early"), { epoch: 2 }),
  ],
  [
    "holds a message back until after another epoch's",
    "EPOCH_WRONG",
    async ({ room, alice, say, open }) => {
      const held = await say(alice, "held");
      await room.add();
      const later = await say(alice, "later");
      await room.people[1]!.session.open(later, true);
      await open(held);
    },
  ],
  [
    "names another version of the reader's key",
    "KEY_VERSION_WRONG",
    async ({ alice, say, open }) => open(await say(alice, "x"), { key_version: 2 }),
  ],
];

const ON_WORDS: readonly Attack[] = [
  [
    "changes the commitment",
    "COMMITMENT_WRONG",
    async ({ alice, known, say, open }) =>
      open(await say(alice, "x"), { commitment: known.commitment }),
  ],
  [
    "tells one reader two things under one name",
    "TOLD_DIFFERENTLY",
    ({ alice, known, openForged }) => {
      const group = known.message_group;
      return openForged({ identity: alice.identity, sender: alice.user, body: text("y"), group });
    },
  ],
  [
    "tells two readers different things, and one of them replies",
    "TOLD_DIFFERENTLY",
    async ({ alice, carol, known, openForged, room }) => {
      const group = known.message_group;
      const told = { identity: alice.identity, sender: alice.user, group };
      const { opened } = await forge(room, { ...told, to: carol, body: text("for Carol") });
      const relatesTo = { messageGroup: group, link: opened.link };
      const body = { kind: "reply", text: "I agree", relatesTo } as const;
      await openForged({ identity: carol.identity, sender: carol.user, body });
    },
  ],
  [
    "lets somebody else edit",
    "EDIT_BY_ANOTHER",
    async ({ bob, carol, known, openForged }) => {
      const group = known.message_group;
      const { origin } = new Map(bob.session.export().course.messages).get(group)!;
      const relatesTo = { messageGroup: group, link: fromBase64Url(origin) };
      const body = { kind: "edit", text: "edited", relatesTo } as const;
      await openForged({ identity: carol.identity, sender: carol.user, body, group, edit: 1 });
    },
  ],
  [
    "presents an old edit as the newest",
    "EDIT_OLDER",
    async ({ room, alice, bob, known, open }) => {
      await alice.session.edit(known.message_group, "once");
      const once = room.copyFor(bob, known.message_group);
      await alice.session.edit(known.message_group, "twice");
      await open(room.copyFor(bob, known.message_group));
      await open(once);
    },
  ],
  [
    "presents what was edited as it was",
    "EDIT_OLDER",
    async ({ room, alice, bob, known, open }) => {
      await alice.session.edit(known.message_group, "once");
      await open(room.copyFor(bob, known.message_group));
      await open(known);
    },
  ],
  [
    "renumbers an edit",
    "CANNOT_OPEN",
    async ({ room, alice, bob, known, open }) => {
      await alice.session.edit(known.message_group, "once");
      await open(room.copyFor(bob, known.message_group), { edit: 2 });
    },
  ],
  [
    "presents as an edit what is none",
    "BODY_INVALID",
    ({ alice, known, openForged }) => {
      const group = known.message_group;
      const place = { sender: alice.user, group, edit: 1 };
      return openForged({ ...place, identity: alice.identity, body: text("no edit") });
    },
  ],
  [
    "lets somebody else delete",
    "DELETION_BY_ANOTHER",
    async ({ bob, carol, known, openForged }) => {
      const messageGroup = known.message_group;
      const { origin } = new Map(bob.session.export().course.messages).get(messageGroup)!;
      const relatesTo = { messageGroup, link: fromBase64Url(origin) };
      const body = { kind: "deletion", relatesTo } as const;
      await openForged({ identity: carol.identity, sender: carol.user, body });
    },
  ],
  [
    "removes a message on its own",
    "DELETION_UNPROVEN",
    async ({ alice, bob, known }) => bob.session.confirmDeletion(known.message_group, alice.user),
  ],
];

const ON_FORM: readonly Attack[] = [
  [
    "delivers what is too large",
    "CONTENT_TOO_LARGE",
    ({ known, open }) => open(known, { content: "A".repeat(8_193) }),
  ],
  [
    "delivers padded base64",
    "BASE64_INVALID",
    ({ known, open }) => open(known, { content: `${known.content}=` }),
  ],
  [
    "delivers base64 of the other alphabet",
    "BASE64_INVALID",
    ({ known, open }) => open(known, { content: "AQ+/" }),
  ],
  [
    "delivers base64 with bits that stand for nothing",
    "BASE64_INVALID",
    ({ known, open }) => open(known, { content: "AR" }),
  ],
  [
    "delivers an unknown version",
    "VERSION_UNKNOWN",
    ({ known, open }) => open(known, { content: `Ag${known.content.slice(2)}` }),
  ],
  [
    "cuts a copy off",
    "CONTENT_MALFORMED",
    ({ known, open }) =>
      open(known, { content: toBase64Url(fromBase64Url(known.content).slice(0, -1)) }),
  ],
  ["delivers nothing", "CONTENT_MALFORMED", ({ known, open }) => open(known, { content: "" })],
  [
    "names a message by what is no id",
    "ID_INVALID",
    ({ known, open }) => open(known, { message_group: "no-id" }),
  ],
  [
    "numbers edits with what is no number",
    "NUMBER_INVALID",
    ({ known, open }) => open(known, { edit: -1 }),
  ],
];

describe("a service that", () => {
  testAttacks([...ON_COPIES, ...ON_WORDS, ...ON_FORM]);
});
