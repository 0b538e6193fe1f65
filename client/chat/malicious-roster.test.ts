import { describe } from "node:test";
import { type Attack, testAttacks } from "../../test/support/chat/betrayal.ts";
import { ChatRoom } from "../../test/support/chat/chat-room.ts";
import { toBase64Url } from "./bytes.ts";
import { newKeyPair } from "./hpke.ts";
import { Identity } from "./identity.ts";
import { signKey } from "./roster.ts";

const OTHER = "11111111-1111-4111-8111-111111111111";

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

describe("a service that", () => {
  testAttacks(ON_KEYS);
});
