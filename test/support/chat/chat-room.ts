import { ConversationSession } from "../../../client/chat/conversation-session.ts";
import { Identity } from "../../../client/chat/identity.ts";
import { PinBook } from "../../../client/chat/pins.ts";
import { RootKey } from "../../../client/chat/root-key.ts";
import type {
  ChatServer,
  IncomingMessage,
  Member,
  MemberList,
  OutgoingMessage,
  WrappedKeys,
} from "../../../client/chat/server-port.ts";

interface Stored {
  readonly sender: string;
  readonly message: OutgoingMessage;
  /** The version of each recipient's key when it was sent. */
  readonly keyVersions: ReadonlyMap<string, number>;
}

/** A service of one conversation, in memory. It does what it is told; tests tell it to lie. */
export class FakeChatServer {
  readonly conversation: string;
  /** All that was ever handed to the port, for whoever looks for what should not be there. */
  readonly handed: unknown[] = [];
  readonly members = new Map<string, Member>();
  readonly wrapped = new Map<string, WrappedKeys[]>();
  epoch = 1;
  /** Thrown at the next send, after the message was taken or before. */
  nextFailure: { readonly error: Error; readonly isTaken: boolean } | undefined;
  readonly #stored: Stored[] = [];

  constructor(conversation: string) {
    this.conversation = conversation;
  }

  list(): MemberList {
    return { epoch: this.epoch, members: [...this.members.values()] };
  }

  portOf(user: string): ChatServer {
    const take = async (conversation: string, message: OutgoingMessage) => {
      this.handed.push(conversation, message);
      const failure = this.nextFailure;
      this.nextFailure = undefined;
      if (failure?.isTaken !== false) this.#store(user, message);
      if (failure !== undefined) throw failure.error;
    };
    return {
      listMembers: async () => this.list(),
      getKeys: async () => this.wrapped.get(user) ?? [],
      setKeys: async (conversation, keys) => {
        this.handed.push(conversation, keys);
        this.wrapped.set(user, [...(this.wrapped.get(user) ?? []), keys]);
        const { public_key, key_version, signature } = keys;
        const member = this.members.get(user)!;
        this.members.set(user, { ...member, public_key, key_version, signature });
      },
      sendMessage: take,
      updateMessage: take,
    };
  }

  /** A person's copies of messages and edits, in the order in which they were sent. */
  feedOf(user: string): IncomingMessage[] {
    return this.#stored.flatMap(({ sender, message, keyVersions }) => {
      const { messages, message_group, epoch, edit, commitment } = message;
      const own = messages.find(({ recipient }) => recipient === user);
      if (own === undefined) return [];
      const key_version = keyVersions.get(user)!;
      const place = { conversation: this.conversation, message_group, sender, epoch, edit };
      return [{ ...place, commitment, key_version, content: own.content }];
    });
  }

  /** A person's history: of each message what it says now, where it was sent. */
  historyOf(user: string): IncomingMessage[] {
    const newest = new Map<string, IncomingMessage>();
    for (const copy of this.feedOf(user)) newest.set(copy.message_group, copy);
    return [...newest.values()];
  }

  #store(sender: string, message: OutgoingMessage): void {
    const versions = [...this.members].map(
      ([id, { key_version }]) => [id, key_version ?? 0] as const,
    );
    this.#stored.push({ sender, message, keyVersions: new Map(versions) });
  }
}

/** Somebody with his keys, at a device of his. */
export interface Person {
  readonly user: string;
  readonly identity: Identity;
  readonly root: RootKey;
  readonly pins: PinBook;
  readonly session: ConversationSession;
}

/** A conversation of people who have accepted each other. */
export class ChatRoom {
  readonly server: FakeChatServer;
  readonly people: Person[] = [];

  private constructor(conversation: string) {
    this.server = new FakeChatServer(conversation);
  }

  static async of(count: number, conversation: string = crypto.randomUUID()): Promise<ChatRoom> {
    const room = new ChatRoom(conversation);
    for (let index = 1; index <= count; index++) await room.#enter(personId(index));
    await room.refresh();
    return room;
  }

  /** Somebody comes along, accepted by everybody. */
  async add(): Promise<Person> {
    this.server.epoch++;
    const person = await this.#enter(personId(this.people.length + 1));
    await this.refresh();
    return person;
  }

  async refresh(): Promise<void> {
    for (const { session } of this.people) await session.refreshMembers();
  }

  /** A new session of a person, as after a restart; without memory, as on another device. */
  deviceOf({ user, identity, root, pins, session }: Person, keepsMemory: boolean) {
    const { conversation } = this.server;
    const server = this.server.portOf(user);
    const memory = keepsMemory ? { memory: JSON.parse(JSON.stringify(session.export())) } : {};
    return new ConversationSession({ conversation, user, identity, root, pins, server, ...memory });
  }

  /** The newest copy that somebody has of a message. */
  copyFor({ user }: Person, group: string): IncomingMessage {
    return this.server.feedOf(user).findLast(({ message_group }) => message_group === group)!;
  }

  /** Everybody reads what there is to read. */
  async readAll(): Promise<void> {
    for (const { user, session } of this.people) {
      await session.openPage(this.server.historyOf(user), false);
    }
  }

  async #enter(user: string): Promise<Person> {
    const identity = Identity.create();
    const root = RootKey.create();
    const pins = new PinBook();
    const { conversation } = this.server;
    const server = this.server.portOf(user);
    const session = new ConversationSession({ conversation, user, identity, root, pins, server });
    const newcomer: Person = { user, identity, root, pins, session };
    const identity_public_key = identity.publicText;
    const keyless = { public_key: null, key_version: null, signature: null };
    const joined_epoch = this.server.epoch;
    this.server.members.set(user, {
      ...{ user_id: user, joined_epoch, identity_public_key },
      ...keyless,
    });
    await pins.pin(user, identity.publicText);
    for (const other of this.people) {
      await other.pins.pin(user, identity.publicText);
      await pins.pin(other.user, other.identity.publicText);
    }
    await session.makeKey();
    this.people.push(newcomer);
    return newcomer;
  }
}

function personId(index: number): string {
  return `00000000-0000-4000-8000-${index.toString().padStart(12, "0")}`;
}
