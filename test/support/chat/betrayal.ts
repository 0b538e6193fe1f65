import assert from "node:assert/strict";
import { test } from "node:test";
import { ChatRefusal, REFUSALS, type RefusalCode } from "../../../client/chat/refusals.ts";
import type { IncomingMessage, Member } from "../../../client/chat/server-port.ts";
import { ChatRoom, type Person } from "./chat-room.ts";
import { type Forgery, forge } from "./forged-message.ts";

/** Three people who have read everything there is, and what a service needs to betray them. */
export interface Scene {
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

export type Attack = readonly [
  name: string,
  code: RefusalCode,
  attack: (scene: Scene) => Promise<unknown>,
];

/** A test for each attack: it is refused as it should be, and the conversation goes on. */
export function testAttacks(attacks: readonly Attack[]): void {
  for (const [name, code, attack] of attacks) {
    test(`${name} is refused: ${code}`, async () => {
      const scene = await begin();
      await assert.rejects(attack(scene), (error) => {
        assert.ok(error instanceof ChatRefusal, String(error));
        assert.equal(error.code, code);
        assert.equal(error.message, REFUSALS[code]);
        return true;
      });
      const { room, carol, bob } = scene;
      const said = { kind: "text", text: "still here" } as const;
      const group = await carol.session.send(said);
      const { body } = await bob.session.open(room.copyFor(bob, group));
      assert.deepEqual(body, said);
    });
  }
}
