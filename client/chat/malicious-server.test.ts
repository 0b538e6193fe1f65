import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ChatRoom, type Person } from "../../test/support/chat/chat-room.ts";
import { type Forgery, forge } from "../../test/support/chat/forged-message.ts";
import { fromBase64Url, toBase64Url } from "./bytes.ts";
import { newKeyPair } from "./hpke.ts";
import { Identity } from "./identity.ts";
import { ChatRefusal, REFUSALS, type RefusalCode } from "./refusals.ts";
import { signKey } from "./roster.ts";
import type { IncomingMessage, Member } from "./server-port.ts";

/** Three people who have read everything there is, and what a service needs to betray them. */
interface Scene {
  readonly room: ChatRoom;
  readonly alice: Person;
  readonly bob: Person;
  readonly carol: Person;
  /** Says something and gives Bob's copy. */
  say(person: Person, text: string): Promise<IncomingMessage>;
  /** Bob's copy of what Alice said first, and he has read it. */
  readonly known: IncomingMessage;
  /** Bob opens what the service gives him. */
  open(copy: IncomingMessage, changes?: Partial<IncomingMessage>): Promise<unknown>;
  /** Bob opens something made up. */
  openForged(forgery: Omit<Forgery, "to">): Promise<unknown>;
  /** Alice takes a list in which a member was changed. */
  list(person: Person, changes: Partial<Member>): Promise<void>;
}

async function begin(): Promise<Scene> {
  const room = await ChatRoom.of(3);
  const [alice, bob, carol] = room.people as [Person, Person, Person];
  const say = async (person: Person, text: string) =>
    room.copyFor(bob, await person.session.send({ kind: "text", text }));
  const known = await say(alice, "the first");
  await room.readAll();
  return {
    ...{ room, alice, bob, carol, say, known },
    open: (copy, changes = {}) => bob.session.open({ ...copy, ...changes }),
    async openForged(forgery) {
      const { copy } = await forge(room, { ...forgery, to: bob });
      return bob.session.open(copy);
    },
    async list(person, changes) {
      const { epoch, members } = room.server.list();
      const changed = members.map((member) =>
        member.user_id === person.user ? { ...member, ...changes } : member,
      );
      await alice.session.refreshMembers({ epoch, members: changed });
    },
  };
}

type Attack = readonly [
  name: string,
  code: RefusalCode,
  attack: (scene: Scene) => Promise<unknown>,
];

const OTHER = "11111111-1111-4111-8111-111111111111";
const text = (words: string) => ({ kind: "text", text: words }) as const;

const ON_KEYS: readonly Attack[] = [
  [
    "swaps a member's public key",
    "KEY_SIGNATURE_WRONG",
    ({ bob, list }) => list(bob, { public_key: toBase64Url(newKeyPair().publicKey) }),
  ],
  [
    "leaves a key's signature away",
    "KEY_UNSIGNED",
    ({ bob, list }) => list(bob, { signature: null }),
  ],
  [
    "signs a key of its own with an identity of its own",
    "IDENTITY_CHANGED",
    ({ room, bob, list }) => {
      const identity = Identity.create();
      const { publicKey } = newKeyPair();
      const signature = signKey(identity, room.server.conversation, bob.user, 1, publicKey);
      const identity_public_key = identity.publicText;
      return list(bob, { identity_public_key, public_key: toBase64Url(publicKey), signature });
    },
  ],
  [
    "presents a key that was signed for another conversation",
    "KEY_SIGNATURE_WRONG",
    ({ bob, list }) => {
      const { publicKey } = newKeyPair();
      const signature = signKey(bob.identity, OTHER, bob.user, 1, publicKey);
      return list(bob, { public_key: toBase64Url(publicKey), signature });
    },
  ],
  [
    "presents another member's key as this one's",
    "KEY_SIGNATURE_WRONG",
    ({ room, bob, carol, list }) => {
      const { public_key, signature } = room.server.members.get(carol.user)!;
      return list(bob, { public_key, signature });
    },
  ],
  [
    "adds a ghost",
    "MEMBER_NOT_PINNED",
    async ({ room, alice }) => {
      const ghost = await ChatRoom.of(4, room.server.conversation);
      const { epoch, members } = room.server.list();
      const added = ghost.server.list().members.slice(3);
      await alice.session.refreshMembers({ epoch: epoch + 1, members: [...members, ...added] });
    },
  ],
  [
    "takes a member away without a new epoch",
    "MEMBERS_CHANGED",
    ({ room, alice }) => {
      const { epoch, members } = room.server.list();
      return alice.session.refreshMembers({ epoch, members: members.slice(0, 2) });
    },
  ],
  [
    "lists a member twice",
    "MEMBER_REPEATED",
    ({ room, alice }) => {
      const { epoch, members } = room.server.list();
      return alice.session.refreshMembers({ epoch, members: [...members, ...members.slice(1, 2)] });
    },
  ],
  [
    "lists more members than there may be",
    "MEMBERS_TOO_MANY",
    ({ room, alice }) => {
      const members = Array.from({ length: 101 }, () => room.server.list().members[0]!);
      return alice.session.refreshMembers({ epoch: 2, members });
    },
  ],
  [
    "leaves the reader away",
    "NOT_A_MEMBER",
    ({ room, alice }) =>
      alice.session.refreshMembers({ epoch: 2, members: room.server.list().members.slice(1) }),
  ],
  [
    "goes back to an older epoch",
    "EPOCH_WRONG",
    async ({ room, alice }) => {
      const before = room.server.list();
      await room.add();
      await alice.session.refreshMembers(before);
    },
  ],
  [
    "says that a member came earlier than he did",
    "EPOCH_WRONG",
    async ({ room, list }) => list(await room.add(), { joined_epoch: 1 }),
  ],
  [
    "goes back to an older key",
    "KEY_VERSION_LOWERED",
    async ({ room, alice, bob }) => {
      const before = room.server.list();
      await bob.session.makeKey();
      await room.refresh();
      await alice.session.refreshMembers(before);
    },
  ],
  [
    "presents two keys of one version",
    "KEY_VERSION_REPEATED",
    ({ room, bob, list }) => {
      const { publicKey } = newKeyPair();
      const signature = signKey(bob.identity, room.server.conversation, bob.user, 1, publicKey);
      return list(bob, { public_key: toBase64Url(publicKey), signature });
    },
  ],
  [
    "lists a key as the reader's that he does not have",
    "OWN_KEY_REPLACED",
    ({ room, alice, list }) => {
      const { publicKey } = newKeyPair();
      const { conversation } = room.server;
      const signature = signKey(alice.identity, conversation, alice.user, 2, publicKey);
      return list(alice, { public_key: toBase64Url(publicKey), key_version: 2, signature });
    },
  ],
  [
    "exchanges the wrapped keys of two versions",
    "WRAP_BROKEN",
    async ({ room, alice }) => {
      await alice.session.makeKey();
      const [one, two] = room.server.wrapped.get(alice.user)!;
      const { private_key } = two!;
      room.server.wrapped.set(alice.user, [{ ...one!, private_key }, two!]);
      await room.deviceOf(alice, false).loadKeys();
    },
  ],
  [
    "hands out a wrapped key of its own making",
    "KEY_SIGNATURE_WRONG",
    async ({ room, alice }) => {
      const [own] = room.server.wrapped.get(alice.user)!;
      const public_key = toBase64Url(newKeyPair().publicKey);
      room.server.wrapped.set(alice.user, [{ ...own!, public_key }]);
      await room.deviceOf(alice, false).loadKeys();
    },
  ],
  [
    "keeps the newest of the reader's keys back",
    "KEY_VERSION_LOWERED",
    async ({ room, alice }) => {
      await alice.session.makeKey();
      await alice.session.refreshMembers();
      room.server.wrapped.set(alice.user, room.server.wrapped.get(alice.user)!.slice(0, 1));
      await room.deviceOf(alice, true).loadKeys();
    },
  ],
];

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
  for (const [name, code, attack] of [...ON_KEYS, ...ON_COPIES, ...ON_WORDS, ...ON_FORM]) {
    test(`${name} is refused: ${code}`, async () => {
      const scene = await begin();
      await assert.rejects(attack(scene), (error) => {
        assert.ok(error instanceof ChatRefusal, String(error));
        assert.equal(error.code, code);
        assert.equal(error.message, REFUSALS[code]);
        return true;
      });
      // What was refused has changed nothing: the conversation goes on.
      const { room, carol, bob } = scene;
      const group = await carol.session.send(text("still here"));
      const { body } = await bob.session.open(room.copyFor(bob, group));
      assert.deepEqual(body, text("still here"));
    });
  }
});
