import { z } from "zod";
import { type Bus, PRESENCE_CHANNEL } from "./bus.ts";
import type { Clock, Timer } from "./clock.ts";
import { parseJson } from "./json.ts";
import type { Log } from "./log.ts";

/** How often a node says that it lives. */
export const PRESENCE_BEAT_MS = 3_000;
/** What a node has told counts no longer when it was silent for so long. */
export const PRESENCE_SILENCE_MS = 10_000;
/** Changes are gathered for at most this long into one message and one diff a topic. */
export const PRESENCE_WINDOW_MS = 20;
/** Entries that a node tells of; who comes beyond it is not shown. */
const PRESENCE_ENTRIES_MAX = 100_000;
/** Entries in one message to other nodes. */
const ENTRIES_PER_MESSAGE_MAX = 1_000;

/** What is shown of one connection: what was told about it, and the name of this telling. */
export type PresenceMeta = Readonly<Record<string, unknown>> & { readonly phx_ref: string };
/** Who is there, by key, each with his connections; as Phoenix's `presence_state` is. */
export type PresenceState = Readonly<Record<string, { readonly metas: readonly PresenceMeta[] }>>;
/** What has changed, as Phoenix's `presence_diff` is. An update is a leave and a join. */
export interface PresenceDiff {
  readonly joins: PresenceState;
  readonly leaves: PresenceState;
}

/** Somebody who is shown. */
export interface Tracked {
  update(meta: object): void;
  end(): void;
}

export interface PresenceParts {
  readonly nodeId: string;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
}

const Entry = z.strictObject({
  topic: z.string(),
  key: z.string(),
  meta: z.looseObject({ phx_ref: z.string() }),
});
type Entry = z.infer<typeof Entry>;

const Message = z.strictObject({
  from: z.string(),
  /** How many changes the node has told, this one included. */
  seq: z.int().min(0),
  joins: z.array(Entry).optional(),
  leaves: z.array(z.string()).optional(),
  /** All that it tells of, in parts. */
  whole: z
    .strictObject({ part: z.int().min(0), parts: z.int().min(1), entries: z.array(Entry) })
    .optional(),
  /** Whoever hears it, or one node, is asked for all that it tells of. */
  ask: z.string().optional(),
  isGone: z.boolean().optional(),
});
type Message = z.infer<typeof Message>;

const EVERYBODY = "*";

/** What another node has told. */
interface OtherNode {
  /** The change up to which this is complete; undefined until all was told once. */
  seq: number | undefined;
  entries: Map<string, Entry>;
  heardAtMs: number;
  asked: boolean;
  arriving: { readonly seq: number; readonly parts: Map<number, readonly Entry[]> } | undefined;
}

interface Topic {
  readonly entries: Map<string, Entry>;
  readonly watchers: Set<(diff: PresenceDiff) => void>;
  /** What the watchers have not been told. */
  readonly joined: Map<string, Entry>;
  readonly left: Map<string, Entry>;
}

/**
 * Who is connected, on all nodes.
 *
 * Each node tells the others what begins and ends with it, numbered. Who notices a number missing,
 * in a change or in a beat, asks for the whole; a node that begins asks everybody. What a node has
 * told goes with it: when it says good-bye, or when it was silent for {@link PRESENCE_SILENCE_MS}.
 * The bus may lose, double and reorder; what a node knows of another is then late by a beat.
 */
export class Presence {
  readonly #parts: PresenceParts;
  readonly #own = new Map<string, Entry>();
  readonly #others = new Map<string, OtherNode>();
  readonly #topics = new Map<string, Topic>();
  readonly #changed = new Set<string>();
  #joins = new Map<string, Entry>();
  #leaves: string[] = [];
  #isAsked = false;
  #seq = 0;
  #refs = 0;
  #window: Timer | undefined;
  #beat: Timer | undefined;
  #closed = false;

  constructor(parts: PresenceParts) {
    this.#parts = parts;
    parts.bus.subscribe(PRESENCE_CHANNEL, (message) => this.#onMessage(message));
    this.#send({ ask: EVERYBODY });
    this.#scheduleBeat();
  }

  /** Shows a connection, until it is ended. */
  track(topic: string, key: string, meta: object): Tracked {
    let entry = this.#begin(topic, key, meta);
    return {
      update: (next) => {
        if (entry === undefined) return;
        this.#end(entry);
        entry = this.#begin(topic, key, next, entry.meta.phx_ref);
      },
      end: () => {
        if (entry !== undefined) this.#end(entry);
        entry = undefined;
      },
    };
  }

  /** Who is there. What watchers are told from here on is what changes it. */
  state(topic: string): PresenceState {
    this.#tell(topic);
    return stateOf(this.#topics.get(topic)?.entries.values() ?? []);
  }

  /** Calls back with every change, until what it answers is called. */
  watch(name: string, watcher: (diff: PresenceDiff) => void): () => void {
    this.#tell(name);
    this.#topic(name).watchers.add(watcher);
    return () => {
      this.#topics.get(name)?.watchers.delete(watcher);
      this.#forgetEmpty(name);
    };
  }

  /** Says good-bye to the other nodes. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#window?.cancel();
    this.#beat?.cancel();
    this.#send({ isGone: true });
  }

  #begin(topic: string, key: string, meta: object, previous?: string): Entry | undefined {
    if (this.#closed) return undefined;
    if (this.#own.size >= PRESENCE_ENTRIES_MAX) {
      this.#parts.log.warn({ topic }, "somebody is not shown, because too many are");
      return undefined;
    }
    this.#refs += 1;
    const phx_ref = `${this.#parts.nodeId.slice(-12)}${this.#refs.toString(36)}`;
    const prev = previous === undefined ? {} : { phx_ref_prev: previous };
    const entry: Entry = { topic, key, meta: { ...meta, ...prev, phx_ref } };
    this.#own.set(phx_ref, entry);
    this.#joins.set(phx_ref, entry);
    this.#add(entry);
    return entry;
  }

  #end(entry: Entry): void {
    const { phx_ref } = entry.meta;
    if (!this.#own.delete(phx_ref)) return;
    if (!this.#joins.delete(phx_ref)) this.#leaves.push(phx_ref);
    this.#remove(entry);
  }

  #topic(name: string): Topic {
    let topic = this.#topics.get(name);
    if (topic === undefined) {
      topic = { entries: new Map(), watchers: new Set(), joined: new Map(), left: new Map() };
      this.#topics.set(name, topic);
    }
    return topic;
  }

  #forgetEmpty(name: string): void {
    const topic = this.#topics.get(name);
    if (topic?.entries.size === 0 && topic.watchers.size === 0) this.#topics.delete(name);
  }

  #add(entry: Entry): void {
    const { entries, joined } = this.#topic(entry.topic);
    entries.set(entry.meta.phx_ref, entry);
    joined.set(entry.meta.phx_ref, entry);
    this.#change(entry.topic);
  }

  #remove(entry: Entry): void {
    const { entries, joined, left } = this.#topic(entry.topic);
    const { phx_ref } = entry.meta;
    if (!entries.delete(phx_ref)) return;
    if (!joined.delete(phx_ref)) left.set(phx_ref, entry);
    this.#change(entry.topic);
  }

  #change(topic: string): void {
    this.#changed.add(topic);
    this.#openWindow();
  }

  #openWindow(): void {
    if (this.#closed) return;
    this.#window ??= this.#parts.clock.after(PRESENCE_WINDOW_MS, () => {
      this.#window = undefined;
      this.#publish();
      for (const topic of [...this.#changed]) this.#tell(topic);
    });
  }

  /** Tells the watchers of a topic what has changed. */
  #tell(name: string): void {
    if (!this.#changed.delete(name)) return;
    const topic = this.#topic(name);
    const { joined, left, watchers } = topic;
    if (joined.size + left.size > 0) {
      const diff = { joins: stateOf(joined.values()), leaves: stateOf(left.values()) };
      joined.clear();
      left.clear();
      for (const watcher of watchers) watcher(diff);
    }
    this.#forgetEmpty(name);
  }

  /** Tells the other nodes what has changed here, and everything if one has asked. */
  #publish(): void {
    const joins = [...this.#joins.values()];
    const leaves = this.#leaves;
    this.#joins = new Map();
    this.#leaves = [];
    if (joins.length + leaves.length > 0) {
      this.#seq += 1;
      this.#send({ joins, leaves });
    }
    if (!this.#isAsked) return;
    this.#isAsked = false;
    const all = [...this.#own.values()];
    const parts = Math.max(1, Math.ceil(all.length / ENTRIES_PER_MESSAGE_MAX));
    for (let part = 0; part < parts; part += 1) {
      const from = part * ENTRIES_PER_MESSAGE_MAX;
      const entries = all.slice(from, from + ENTRIES_PER_MESSAGE_MAX);
      this.#send({ whole: { part, parts, entries } });
    }
  }

  #send(message: Omit<Message, "from" | "seq">): void {
    const { bus, nodeId } = this.#parts;
    bus.publish(PRESENCE_CHANNEL, JSON.stringify({ from: nodeId, seq: this.#seq, ...message }));
  }

  #onMessage(text: string): void {
    try {
      const message = Message.parse(parseJson(text));
      if (message.from !== this.#parts.nodeId && !this.#closed) this.#hear(message);
    } catch (cause) {
      this.#parts.log.warn({ err: cause }, "a message about presence was not understood");
    }
  }

  #hear(message: Message): void {
    const { from, seq, ask } = message;
    if (message.isGone) {
      this.#drop(from);
      return;
    }
    if (ask === EVERYBODY || ask === this.#parts.nodeId) {
      this.#isAsked = true;
      this.#openWindow();
    }
    const node = this.#other(from);
    node.heardAtMs = this.#parts.clock.monotonicMs();
    const isChange = message.joins !== undefined || message.leaves !== undefined;
    if (message.whole !== undefined) this.#hearWhole(node, seq, message.whole);
    else if (isChange && node.seq === seq - 1) this.#hearChange(node, message);
    else if (node.seq === undefined || node.seq < seq) this.#ask(from, node);
  }

  #other(id: string): OtherNode {
    let node = this.#others.get(id);
    if (node === undefined) {
      const entries = new Map<string, Entry>();
      node = { seq: undefined, entries, heardAtMs: 0, asked: false, arriving: undefined };
      this.#others.set(id, node);
    }
    return node;
  }

  /** Asks once; the next beat asks again if that has not helped. */
  #ask(id: string, node: OtherNode): void {
    if (node.asked) return;
    node.asked = true;
    this.#send({ ask: id });
  }

  #hearChange(node: OtherNode, { seq, joins = [], leaves = [] }: Message): void {
    node.seq = seq;
    for (const ref of leaves) this.#forget(node, ref);
    for (const entry of joins) this.#remember(node, entry);
  }

  #hearWhole(node: OtherNode, seq: number, whole: NonNullable<Message["whole"]>): void {
    if (node.seq !== undefined && seq <= node.seq) return;
    if (node.arriving?.seq !== seq) node.arriving = { seq, parts: new Map() };
    const { parts } = node.arriving;
    parts.set(whole.part, whole.entries);
    if (parts.size < whole.parts) return;
    const entries = [...parts.values()].flat();
    const refs = new Set(entries.map(({ meta }) => meta.phx_ref));
    node.arriving = undefined;
    node.asked = false;
    node.seq = seq;
    for (const ref of [...node.entries.keys()]) if (!refs.has(ref)) this.#forget(node, ref);
    for (const entry of entries) this.#remember(node, entry);
  }

  #remember(node: OtherNode, entry: Entry): void {
    const { phx_ref } = entry.meta;
    if (node.entries.has(phx_ref)) return;
    node.entries.set(phx_ref, entry);
    this.#add(entry);
  }

  #forget(node: OtherNode, ref: string): void {
    const entry = node.entries.get(ref);
    if (entry === undefined) return;
    node.entries.delete(ref);
    this.#remove(entry);
  }

  #drop(id: string): void {
    const node = this.#others.get(id);
    if (node === undefined) return;
    this.#others.delete(id);
    for (const ref of [...node.entries.keys()]) this.#forget(node, ref);
  }

  #scheduleBeat(): void {
    const { clock } = this.#parts;
    this.#beat = clock.after(PRESENCE_BEAT_MS, () => {
      this.#send({});
      const silentSinceMs = clock.monotonicMs() - PRESENCE_SILENCE_MS;
      for (const [id, node] of [...this.#others]) {
        node.asked = false;
        if (node.heardAtMs <= silentSinceMs) this.#drop(id);
      }
      this.#scheduleBeat();
    });
  }
}

function stateOf(entries: Iterable<Entry>): PresenceState {
  const byKey = new Map<string, { metas: PresenceMeta[] }>();
  for (const { key, meta } of entries) {
    const known = byKey.get(key);
    if (known === undefined) byKey.set(key, { metas: [meta] });
    else known.metas.push(meta);
  }
  return Object.fromEntries(byKey);
}
