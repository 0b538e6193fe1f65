import { newEid } from "../environment.ts";
import type { AttachmentReference, Body, Relation, Statement } from "./body.ts";
import { fromBase64Url, keyFromBase64Url, toBase64Url } from "./bytes.ts";
import type { Standing } from "./chain.ts";
import { Course, type CourseState, type OpenedEntry, type Verdict } from "./course.ts";
import { newKeyPair } from "./hpke.ts";
import type { Identity } from "./identity.ts";
import { KeyRing } from "./key-ring.ts";
import { openCopy, sealMessage } from "./message-codec.ts";
import type { PinBook } from "./pins.ts";
import { type Verifier, verifierOf } from "./primitives.ts";
import { ChatRefusal } from "./refusals.ts";
import { reportOf } from "./report.ts";
import type { RootKey } from "./root-key.ts";
import { Roster, type RosterState, signKey } from "./roster.ts";
import type {
  ChatServer,
  IncomingMessage,
  MemberList,
  Report,
  WrappedKeys,
} from "./server-port.ts";
import { keyStatement, type MessagePlace } from "./transcripts.ts";

/** Messages of a conversation that wait to be sent. */
const SENDS_WAITING_MAX = 64;
/** Copies that are decrypted at once; between such lots the page has its turn. */
const OPENS_AT_ONCE_MAX = 32;

/** Who reads and writes, with his keys, and what this device remembers of the conversation. */
export interface SessionParts {
  readonly conversation: string;
  readonly user: string;
  readonly identity: Identity;
  readonly root: RootKey;
  readonly pins: PinBook;
  readonly server: ChatServer;
  /** What `export` gave before. Without it what went before cannot be held against anything. */
  readonly memory?: SessionMemory;
}

/** What a device keeps of a session: keys' versions, links, commitments. Nothing that was said. */
export interface SessionMemory {
  readonly roster: RosterState;
  readonly course: CourseState;
}

/** A message that was opened and believed. */
export interface ReadMessage {
  readonly messageGroup: string;
  readonly sender: string;
  readonly epoch: number;
  readonly edit: number;
  readonly body: Body;
  /** Seconds after which it disappears; 0 for never. */
  readonly fadesAfterS: number;
  readonly standing: Standing;
  /** Whether its sender has given notice that it is to be forgotten. */
  readonly isDeleted: boolean;
  /** What a report of it reveals; it goes to the service only when its reader says so. */
  readonly evidence: Report;
}

/** What became of one of several messages. */
export type Reading = ReadMessage | ChatRefusal;

/** What somebody writes; what it relates to is named by its group. */
export type Draft =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "reaction" | "reply"; readonly text: string; readonly about: string }
  | {
      readonly kind: "attachment";
      readonly text: string;
      readonly attachment: AttachmentReference;
    }
  | { readonly kind: "deletion"; readonly about: string };

/**
 * One person's end of one conversation: encrypts what he says for its members and opens what they
 * say, and refuses, with a {@link ChatRefusal}, everything that a service could make of it that
 * they did not say. It trusts the service with nothing but delivery.
 */
export class ConversationSession {
  readonly #parts: SessionParts;
  #keys = new KeyRing();
  /** Made, and not yet known to be stored by the service. */
  #unstoredKey: WrappedKeys | undefined;
  readonly #roster: Roster;
  readonly #course: Course;
  readonly #ownVerifier: Promise<Verifier>;
  /** Judging goes in the order of arrival, sending in the order of writing. */
  #judging: Promise<unknown> = Promise.resolve();
  #sending: Promise<unknown> = Promise.resolve();
  #sendsWaiting = 0;

  constructor(parts: SessionParts) {
    const { conversation, user, identity, pins, memory } = parts;
    this.#parts = parts;
    this.#roster = new Roster(conversation, user, pins, memory?.roster);
    this.#course = new Course(user, memory?.course);
    this.#ownVerifier = verifierOf(identity.publicKey);
    // Whoever opens an own copy hears of it.
    this.#ownVerifier.catch(() => {});
  }

  /** What this device should keep for the next session. */
  export(): SessionMemory {
    return { roster: this.#roster.export(), course: this.#course.export() };
  }

  /**
   * Fetches and unwraps the own keys, every version.
   *
   * @throws ChatRefusal WRAP_BROKEN, KEY_SIGNATURE_WRONG, KEY_VERSION_LOWERED,
   *   KEY_VERSION_REPEATED; what the port throws
   */
  async loadKeys(): Promise<void> {
    const { conversation, user, root, server } = this.#parts;
    const verify = await this.#ownVerifier;
    const keys = new KeyRing();
    for (const wrapped of await server.getKeys(conversation)) {
      const { key_version: version, private_key, signature } = wrapped;
      const publicKey = keyFromBase64Url(wrapped.public_key, 32);
      const statement = keyStatement(conversation, user, version, publicKey);
      if (!(await verify(fromBase64Url(signature), statement))) {
        throw new ChatRefusal("KEY_SIGNATURE_WRONG", { userId: user });
      }
      const pair = await root.unwrapConversationKey(
        ...([user, conversation, version, publicKey, private_key] as const),
      );
      await keys.add(version, pair);
    }
    if ((keys.newest?.version ?? 0) < this.#roster.versionOf(user)) {
      throw new ChatRefusal("KEY_VERSION_LOWERED", { userId: user });
    }
    this.#keys = keys;
    this.#unstoredKey = undefined;
  }

  /**
   * Makes the first or the next key of one's own and hands it to the service, wrapped. After a
   * failure it hands over the same one again, or `loadKeys` finds out what the service has.
   */
  async makeKey(): Promise<void> {
    this.#unstoredKey ??= await this.#newKey();
    await this.#parts.server.setKeys(this.#parts.conversation, this.#unstoredKey);
    this.#unstoredKey = undefined;
  }

  async #newKey(): Promise<WrappedKeys> {
    const { conversation, user, identity, root } = this.#parts;
    const version = Math.max(this.#keys.newest?.version ?? 0, this.#roster.versionOf(user)) + 1;
    const pair = newKeyPair();
    // Before the service has it: copies for it may arrive sooner than the answer.
    await this.#keys.add(version, pair);
    return {
      public_key: toBase64Url(pair.publicKey),
      private_key: await root.wrapConversationKey(user, conversation, version, pair),
      key_version: version,
      signature: signKey(identity, conversation, user, version, pair.publicKey),
    };
  }

  /**
   * Takes the members and their keys, from the service or from a push that brought them.
   *
   * @throws ChatRefusal as {@link Roster.take} does, and then nothing is sent any more to anybody
   *   but the members known before; what the port throws
   */
  async refreshMembers(list?: MemberList): Promise<void> {
    const { conversation, server } = this.#parts;
    await this.#roster.take(list ?? (await server.listMembers(conversation)), this.#keys);
  }

  /**
   * Encrypts and sends. Messages leave in the order they were written in.
   *
   * @returns the message's group
   * @throws ChatRefusal KEYS_MISSING before the members are known, RELATION_UNKNOWN, BODY_INVALID,
   *   CONTENT_TOO_LARGE, TOO_MANY; what the port throws, and then nothing counts as sent
   */
  send(draft: Draft, fadesAfterS = 0): Promise<string> {
    const messageGroup = newEid();
    return this.#inTurn(async () => {
      const body = this.#bodyOf(draft);
      const statement = { body, prevHash: this.#course.head, fadesAfterS };
      await this.#transmit(messageGroup, { epoch: this.#roster.epoch, edit: 0 }, statement);
      return messageGroup;
    });
  }

  /**
   * Encrypts and sends new words for an own message, for those members who have it.
   *
   * @throws ChatRefusal as {@link send} does; EDIT_BY_ANOTHER for a message of somebody else
   */
  edit(messageGroup: string, text: string, fadesAfterS = 0): Promise<void> {
    return this.#inTurn(async () => {
      const known = this.#course.get(messageGroup);
      if (known.sender !== this.#parts.user) throw new ChatRefusal("EDIT_BY_ANOTHER");
      const relatesTo = { messageGroup, link: fromBase64Url(known.origin) };
      const body: Body = { kind: "edit", text, relatesTo };
      const statement = { body, prevHash: fromBase64Url(known.link), fadesAfterS };
      const { epoch, edit } = known;
      await this.#transmit(messageGroup, { epoch, edit: edit + 1 }, statement);
    });
  }

  /**
   * Opens a message that has just arrived.
   *
   * @param acceptsGap the person at this device knows that something before it is missing
   * @throws ChatRefusal as {@link openCopy} and {@link Course.take} do; CONVERSATION_WRONG,
   *   EPOCH_WRONG, MEMBER_NOT_PINNED
   */
  async open(incoming: IncomingMessage, acceptsGap = false): Promise<ReadMessage> {
    const [reading] = await this.openAll([incoming], acceptsGap);
    if (reading === undefined || isRefusal(reading)) throw reading;
    return reading;
  }

  /** Opens messages that have just arrived, in the order of their arrival. */
  async openAll(
    incoming: readonly IncomingMessage[],
    acceptsGap = false,
  ): Promise<readonly Reading[]> {
    return this.#openInOrder(incoming, (entries) =>
      entries.map((entry) => valueOrRefusal(() => this.#course.take(entry, acceptsGap))),
    );
  }

  /**
   * Opens a page of history, older messages first. A walk goes from the newest page to older ones.
   *
   * @param continues whether the page is the next older one after that opened last
   * @param acceptsGap the person at this device knows that something on the page is missing
   * @returns what became of each message, and COPY_MISSING for each sender of whom a message lacks
   *   between this page and the one before
   */
  async openPage(
    incoming: readonly IncomingMessage[],
    continues: boolean,
    acceptsGap = false,
  ): Promise<{ readonly readings: readonly Reading[]; readonly gaps: readonly ChatRefusal[] }> {
    let gaps: readonly ChatRefusal[] = [];
    const readings = await this.#openInOrder(incoming, (entries) => {
      const page = this.#course.takePage(entries, continues, acceptsGap);
      gaps = page.gaps;
      return page.verdicts;
    });
    return { readings, gaps };
  }

  /**
   * Holds a deletion that the service reports against what the sender himself has said.
   *
   * @throws ChatRefusal DELETION_UNPROVEN: the message is gone, and its sender did not ask for it
   */
  confirmDeletion(messageGroup: string, sender: string): void {
    this.#course.confirmDeletion(messageGroup, sender);
  }

  #bodyOf(draft: Draft): Body {
    if (draft.kind === "text" || draft.kind === "attachment") return draft;
    const { about, ...rest } = draft;
    const known = this.#course.get(about);
    if (draft.kind === "deletion" && known.sender !== this.#parts.user) {
      throw new ChatRefusal("DELETION_BY_ANOTHER");
    }
    const relatesTo: Relation = { messageGroup: about, link: fromBase64Url(known.origin) };
    return { ...rest, relatesTo } as Body;
  }

  async #transmit(
    messageGroup: string,
    { epoch, edit }: { readonly epoch: number; readonly edit: number },
    statement: Statement,
  ): Promise<void> {
    const { conversation, user, identity, server } = this.#parts;
    const recipients = this.#roster.recipientsSince(epoch);
    if (recipients.length === 0) throw new ChatRefusal("KEYS_MISSING");
    const place: MessagePlace = { conversation, messageGroup, sender: user, epoch, edit };
    const { copies, opened } = await sealMessage(place, statement, identity, recipients);
    const { commitment } = copies;
    const copy = { ...place, recipient: user, keyVersion: 0, commitment, content: "" };
    const takeBack = this.#course.send({ copy, opened });
    const outgoing = { message_group: messageGroup, epoch, edit, ...copies };
    try {
      if (edit === 0) await server.sendMessage(conversation, outgoing);
      else await server.updateMessage(conversation, outgoing);
    } catch (error) {
      takeBack();
      throw error;
    }
  }

  async #inTurn<Result>(run: () => Promise<Result>): Promise<Result> {
    if (this.#sendsWaiting >= SENDS_WAITING_MAX) throw new ChatRefusal("TOO_MANY");
    this.#sendsWaiting++;
    const turn = this.#sending.then(run);
    this.#sending = turn.catch(() => {});
    try {
      return await turn;
    } finally {
      this.#sendsWaiting--;
    }
  }

  /** Decrypts in lots, and judges once all that came before has been judged. */
  async #openInOrder(
    incoming: readonly IncomingMessage[],
    judge: (entries: readonly OpenedEntry[]) => ReadonlyArray<Verdict | ChatRefusal>,
  ): Promise<readonly Reading[]> {
    const before = this.#judging;
    const judged = this.#decryptAll(incoming).then(async (decrypted) => {
      await before;
      const entries = decrypted.filter((entry): entry is OpenedEntry => !isRefusal(entry));
      const verdicts = new Map(judge(entries).map((verdict, at) => [entries[at], verdict]));
      return decrypted.map((entry) => (isRefusal(entry) ? entry : readingOf(entry, verdicts)));
    });
    this.#judging = judged.catch(() => {});
    return judged;
  }

  async #decryptAll(
    incoming: readonly IncomingMessage[],
  ): Promise<ReadonlyArray<OpenedEntry | ChatRefusal>> {
    const entries: Array<OpenedEntry | ChatRefusal> = [];
    for (let from = 0; from < incoming.length; from += OPENS_AT_ONCE_MAX) {
      const lot = incoming.slice(from, from + OPENS_AT_ONCE_MAX);
      entries.push(...(await Promise.all(lot.map((message) => this.#decrypt(message)))));
    }
    return entries;
  }

  async #decrypt(incoming: IncomingMessage): Promise<OpenedEntry | ChatRefusal> {
    const { conversation, user, pins } = this.#parts;
    const { message_group: messageGroup, sender, epoch, edit, commitment, content } = incoming;
    try {
      if (incoming.conversation !== conversation) throw new ChatRefusal("CONVERSATION_WRONG");
      if (epoch > this.#roster.epoch) throw new ChatRefusal("EPOCH_WRONG");
      const verify = sender === user ? await this.#ownVerifier : await pins.verifier(sender);
      const keyVersion = incoming.key_version;
      const place = { conversation, messageGroup, sender, epoch, edit };
      const copy = { ...place, recipient: user, keyVersion, commitment, content };
      return { copy, opened: await openCopy(copy, this.#keys, verify) };
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return new ChatRefusal(error.code, { messageGroup, sender, ...error.data });
    }
  }
}

function isRefusal(value: unknown): value is ChatRefusal {
  return value instanceof ChatRefusal;
}

function valueOrRefusal<Value>(make: () => Value): Value | ChatRefusal {
  try {
    return make();
  } catch (error) {
    if (isRefusal(error)) return error;
    throw error;
  }
}

function readingOf(
  entry: OpenedEntry,
  verdicts: ReadonlyMap<OpenedEntry | undefined, Verdict | ChatRefusal>,
): Reading {
  const verdict = verdicts.get(entry) ?? new ChatRefusal("CANNOT_OPEN");
  if (isRefusal(verdict)) return verdict;
  const { copy, opened } = entry;
  const { messageGroup, sender, epoch, edit } = copy;
  const { body, fadesAfterS } = opened.statement;
  const evidence = reportOf(messageGroup, opened);
  return { messageGroup, sender, epoch, edit, body, fadesAfterS, ...verdict, evidence };
}
