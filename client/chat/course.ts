import type { Body, Relation } from "./body.ts";
import { type Bytes, fromBase64Url, toBase64Url } from "./bytes.ts";
import { Chain, NO_LINK, type Standing } from "./chain.ts";
import type { OpenedCopy, ReceivedCopy } from "./message-codec.ts";
import { ChatRefusal, type RefusalCode } from "./refusals.ts";

/** Messages of a conversation that a device remembers; the oldest are forgotten first. */
const MESSAGES_REMEMBERED_MAX = 100_000;

/** What is remembered of a message; texts are base64url. Nothing of what it says. */
interface KnownMessage {
  readonly sender: string;
  /** Of the message and all its edits. */
  readonly epoch: number;
  readonly edit: number;
  readonly commitment: string;
  /** The link of the version that is known. */
  readonly link: string;
  /** The link of the message as it was first sent. */
  readonly origin: string;
  /** False for what was sent from here and has not come back yet. */
  readonly isHeard: boolean;
}

/** A device's memory of a conversation's course, for its storage. */
export interface CourseState {
  readonly messages: ReadonlyArray<readonly [group: string, message: KnownMessage]>;
  /** The links that are known of each sender, base64url. */
  readonly chains: ReadonlyArray<readonly [sender: string, links: readonly string[]]>;
  /** Deletion notices: group and sender, and the link of the message that is to be forgotten. */
  readonly notices: ReadonlyArray<readonly [groupAndSender: string, link: string]>;
  /** The epoch of each sender's last live message. */
  readonly epochs: ReadonlyArray<readonly [sender: string, epoch: number]>;
  /** The link that the own next message names. */
  readonly head: string | null;
}

/** A copy that has been opened, before its place in the conversation is judged. */
export interface OpenedEntry {
  readonly copy: ReceivedCopy;
  readonly opened: OpenedCopy;
}

/** Where a message stands in the conversation. */
export interface Verdict {
  readonly standing: Standing;
  /** Whether its sender has given notice that it is to be forgotten. */
  readonly isDeleted: boolean;
}

/** A page of history as it was judged. */
export interface JudgedPage {
  /** In the order of the page. */
  readonly verdicts: ReadonlyArray<Verdict | ChatRefusal>;
  /** COPY_MISSING for each sender of whom something lacks between this page and the one before. */
  readonly gaps: readonly ChatRefusal[];
}

/** A page as far as it was judged, from its older end. */
interface PageSoFar {
  readonly onPage: Map<string, Chain>;
  /** Sender and link of messages that are not there any more as they were. */
  readonly excused: ReadonlySet<string>;
  readonly acceptsGap: boolean;
}

/**
 * What a reader knows of a conversation's course, and what he refuses because of it: dropped,
 * reordered and replayed copies, foreign edits and deletions, old versions, two tellings of one.
 */
export class Course {
  readonly #user: string;
  readonly #messages: Map<string, KnownMessage>;
  readonly #chains: Map<string, Chain>;
  readonly #notices: Map<string, string>;
  readonly #epochs: Map<string, number>;
  /** Reading backwards: what each sender's earliest message so far names as the one before it. */
  #awaited = new Map<string, string>();
  #head: Bytes | null;

  constructor(user: string, state?: CourseState) {
    this.#user = user;
    this.#messages = new Map(state?.messages);
    this.#chains = new Map(state?.chains.map(([sender, links]) => [sender, new Chain(links)]));
    this.#notices = new Map(state?.notices);
    this.#epochs = new Map(state?.epochs);
    const head = state?.head ?? null;
    this.#head = head === null ? null : fromBase64Url(head);
  }

  /** What the own next message names as the one before it. */
  get head(): Bytes {
    return this.#head ?? NO_LINK;
  }

  /** @throws ChatRefusal RELATION_UNKNOWN */
  get(messageGroup: string): KnownMessage {
    const known = this.#messages.get(messageGroup);
    if (known === undefined) throw new ChatRefusal("RELATION_UNKNOWN", { messageGroup });
    return known;
  }

  /**
   * Judges a message that has just arrived and remembers it.
   *
   * @param acceptsGap a person knows that something before it is missing
   * @throws ChatRefusal EPOCH_WRONG, COPY_REPLAYED, COPY_MISSING, TOLD_DIFFERENTLY,
   *   EDIT_BY_ANOTHER, EDIT_OLDER, DELETION_BY_ANOTHER, BODY_INVALID
   */
  take(entry: OpenedEntry, acceptsGap = false): Verdict {
    const { copy, opened } = entry;
    const isRepeat = this.#checkVersion(entry);
    if (isRepeat && this.get(copy.messageGroup).isHeard) throw refusal("COPY_REPLAYED", copy);
    this.#checkRelation(entry);
    // An edit belongs to the epoch of its message, which may be long over.
    const epochMin = copy.edit > 0 ? 0 : (this.#epochs.get(copy.sender) ?? 0);
    if (copy.epoch < epochMin) throw refusal("EPOCH_WRONG", copy);
    const standing = isRepeat || copy.edit > 0 ? "joined" : this.#standingOf(entry, acceptsGap);
    if (copy.edit === 0) this.#epochs.set(copy.sender, copy.epoch);
    this.#remember(entry, true);
    if (copy.sender === this.#user && isChained(entry)) this.#head = opened.link;
    return { standing, isDeleted: this.#isDeleted(copy.messageGroup, copy.sender) };
  }

  /**
   * Judges a page of history, older messages first. What is known already may come again.
   *
   * @param continues the page follows on the one judged last, as the next older one; otherwise it
   *   begins a walk
   * @param acceptsGap a person knows that something is missing on the page
   */
  takePage(entries: readonly OpenedEntry[], continues: boolean, acceptsGap = false): JudgedPage {
    const awaited = continues ? this.#awaited : new Map<string, string>();
    this.#awaited = new Map(awaited);
    const isHeadKnown = this.#head !== null;
    const onPage = new Map<string, Chain>();
    const page = { onPage, excused: this.#excusedBy(entries), acceptsGap };
    const groups = new Set<string>();
    const verdicts = entries.map((entry) => {
      const { copy, opened } = entry;
      try {
        if (groups.has(copy.messageGroup)) throw refusal("COPY_REPLAYED", copy);
        groups.add(copy.messageGroup);
        const verdict = this.#takeOld(entry, page);
        const isOwn = copy.sender === this.#user && isChained(entry);
        if (isOwn && !isHeadKnown) this.#head = opened.link;
        return verdict;
      } catch (error) {
        if (error instanceof ChatRefusal) return error;
        throw error;
      }
    });
    const gaps = [...awaited].flatMap(([sender, link]) => {
      const isReached = onPage.get(sender)?.isKnown === true;
      if (!isReached || this.#chainOf(sender).has(link)) return [];
      return [new ChatRefusal("COPY_MISSING", { sender })];
    });
    return { verdicts, gaps };
  }

  /** Remembers what is being sent from here. @returns what takes it back when it was not sent */
  send(entry: OpenedEntry): () => void {
    const { copy, opened } = entry;
    const before = { head: this.#head, message: this.#messages.get(copy.messageGroup) };
    this.#remember(entry, false);
    if (isChained(entry)) this.#head = opened.link;
    return () => {
      const known = this.#messages.get(copy.messageGroup);
      // It has come back: whatever the answer was, the members have it.
      if (known?.isHeard === true && known.commitment === copy.commitment) return;
      if (this.#head === opened.link) this.#head = before.head;
      if (before.message !== undefined) this.#messages.set(copy.messageGroup, before.message);
      else this.#messages.delete(copy.messageGroup);
      if (isChained(entry)) this.#chainOf(copy.sender).forget(opened.link);
      const { body } = opened.statement;
      if (body.kind === "deletion") {
        this.#notices.delete(noticeKey(body.relatesTo.messageGroup, copy.sender));
      }
    };
  }

  /** @throws ChatRefusal DELETION_UNPROVEN unless the sender himself has given notice */
  confirmDeletion(messageGroup: string, sender: string): void {
    const known = this.#messages.get(messageGroup);
    const isProven =
      known === undefined
        ? this.#notices.has(noticeKey(messageGroup, sender))
        : this.#isDeleted(messageGroup, known.sender);
    if (!isProven) throw new ChatRefusal("DELETION_UNPROVEN", { messageGroup });
  }

  export(): CourseState {
    return {
      messages: [...this.#messages],
      chains: [...this.#chains].map(([sender, chain]) => [sender, chain.export()] as const),
      notices: [...this.#notices],
      epochs: [...this.#epochs],
      head: this.#head === null ? null : toBase64Url(this.#head),
    };
  }

  #chainOf(sender: string): Chain {
    const known = this.#chains.get(sender);
    if (known !== undefined) return known;
    const chain = new Chain();
    this.#chains.set(sender, chain);
    return chain;
  }

  /** @returns whether this very version is known */
  #checkVersion(entry: OpenedEntry): boolean {
    const { copy, opened } = entry;
    const { body, prevHash } = opened.statement;
    const isEdit = body.kind === "edit";
    const isOfItself = !isEdit || body.relatesTo.messageGroup === copy.messageGroup;
    if (copy.edit > 0 !== isEdit || !isOfItself) throw refusal("BODY_INVALID", copy);
    const known = this.#messages.get(copy.messageGroup);
    if (known === undefined) return false;
    if (known.sender !== copy.sender) {
      throw refusal(isEdit ? "EDIT_BY_ANOTHER" : "TOLD_DIFFERENTLY", copy);
    }
    if (copy.epoch !== known.epoch) throw refusal("EPOCH_WRONG", copy);
    if (copy.edit < known.edit) throw refusal("EDIT_OLDER", copy);
    if (copy.edit === known.edit) {
      if (known.commitment === copy.commitment) return true;
      throw refusal("TOLD_DIFFERENTLY", copy);
    }
    const follows = copy.edit > known.edit + 1 || toBase64Url(prevHash) === known.link;
    if (!follows || originOf(entry) !== known.origin) throw refusal("TOLD_DIFFERENTLY", copy);
    return false;
  }

  #checkRelation({ copy, opened }: OpenedEntry): void {
    const { body } = opened.statement;
    const relatesTo = relationOf(body);
    if (relatesTo === undefined) return;
    const known = this.#messages.get(relatesTo.messageGroup);
    if (known === undefined) return;
    if (body.kind === "deletion" && known.sender !== copy.sender) {
      throw refusal("DELETION_BY_ANOTHER", copy);
    }
    if (known.origin !== toBase64Url(relatesTo.link)) throw refusal("TOLD_DIFFERENTLY", copy);
  }

  #standingOf({ copy, opened }: OpenedEntry, acceptsGap: boolean): Standing {
    try {
      return this.#chainOf(copy.sender).standingOf(opened.statement.prevHash);
    } catch {
      if (acceptsGap) return "gap";
      throw refusal("COPY_MISSING", copy);
    }
  }

  #takeOld(entry: OpenedEntry, page: PageSoFar): Verdict {
    const { copy, opened } = entry;
    this.#checkVersion(entry);
    this.#checkRelation(entry);
    const chain = page.onPage.get(copy.sender) ?? new Chain();
    page.onPage.set(copy.sender, chain);
    const prev = toBase64Url(opened.statement.prevHash);
    const isVouched =
      copy.edit > 0 ||
      this.#chainOf(copy.sender).has(prev) ||
      page.excused.has(`${copy.sender}:${prev}`);
    let standing: Standing = "joined";
    try {
      if (!isVouched) standing = chain.standingOf(opened.statement.prevHash);
    } catch {
      if (!page.acceptsGap) throw refusal("COPY_MISSING", copy);
      standing = "gap";
    } finally {
      // One gap is told once: what follows on a refused message hangs on it as it should.
      if (isChained(entry)) chain.add(opened.link);
    }
    if (standing === "unanchored") this.#awaited.set(copy.sender, prev);
    this.#remember(entry, true);
    return { standing, isDeleted: this.#isDeleted(copy.messageGroup, copy.sender) };
  }

  /** Edits and notices on a page vouch for messages that are not there any more as they were. */
  #excusedBy(entries: readonly OpenedEntry[]): ReadonlySet<string> {
    const links = entries.flatMap(({ copy, opened }) => {
      const { body } = opened.statement;
      const isVouching = body.kind === "edit" || body.kind === "deletion";
      return isVouching ? [`${copy.sender}:${toBase64Url(body.relatesTo.link)}`] : [];
    });
    return new Set(links);
  }

  #remember(entry: OpenedEntry, isHeard: boolean): void {
    const { copy, opened } = entry;
    const { body } = opened.statement;
    const chain = this.#chainOf(copy.sender);
    this.#messages.set(copy.messageGroup, {
      sender: copy.sender,
      epoch: copy.epoch,
      edit: copy.edit,
      commitment: copy.commitment,
      link: toBase64Url(opened.link),
      origin: originOf(entry),
      isHeard,
    });
    if (isChained(entry)) chain.add(opened.link);
    if (body.kind === "edit" || body.kind === "deletion") chain.add(body.relatesTo.link);
    if (body.kind === "deletion") {
      const { messageGroup, link } = body.relatesTo;
      this.#notices.set(noticeKey(messageGroup, copy.sender), toBase64Url(link));
    }
    dropOldest(this.#messages);
    dropOldest(this.#notices);
  }

  #isDeleted(messageGroup: string, sender: string): boolean {
    const link = this.#notices.get(noticeKey(messageGroup, sender));
    return link !== undefined && this.#messages.get(messageGroup)?.origin === link;
  }
}

/** Whether later messages may name it: edits replace what was named, what fades will be gone. */
function isChained({ copy, opened }: OpenedEntry): boolean {
  return copy.edit === 0 && opened.statement.fadesAfterS === 0;
}

function originOf({ opened }: OpenedEntry): string {
  const { body } = opened.statement;
  return toBase64Url(body.kind === "edit" ? body.relatesTo.link : opened.link);
}

/** What a body is about; an edit is about itself, which is checked with its versions. */
function relationOf(body: Body): Relation | undefined {
  return body.kind === "text" || body.kind === "edit" ? undefined : body.relatesTo;
}

function noticeKey(messageGroup: string, sender: string): string {
  return `${messageGroup}:${sender}`;
}

function dropOldest(map: Map<string, unknown>): void {
  for (const key of map.keys()) {
    if (map.size <= MESSAGES_REMEMBERED_MAX) return;
    map.delete(key);
  }
}

function refusal(code: RefusalCode, { messageGroup, sender }: ReceivedCopy): ChatRefusal {
  return new ChatRefusal(code, { messageGroup, sender });
}
