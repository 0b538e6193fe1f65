import { type Channel, channelPushes, channelRequests, topicField } from "../../core/channel.ts";
import type { Module } from "../../core/module.ts";
import type { Presence, PresenceDiff } from "../../core/presence.ts";
import type { Registry } from "../../core/registry.ts";
import { PushEncoder, type Pushed, type PushFrame } from "../websocket/push-run.ts";
import { binaryBroadcastFrame, broadcastFrame } from "./frames.ts";
import type { Version } from "./handshake.ts";

const PRESENCE_DIFF = "presence_diff";

/** A kind of channel, ready to be joined. */
export interface ChannelKind {
  readonly module: string;
  readonly channel: Channel;
  /** The field of inputs that the rest of the topic fills. */
  readonly field: string | undefined;
  readonly requests: ReturnType<typeof channelRequests>;
  readonly pushes: ReturnType<typeof channelPushes>;
}

/** A topic and its kind. */
export interface Matched {
  readonly kind: ChannelKind;
  /** What the topic says, as fields of inputs. */
  readonly fields: Readonly<Record<string, string>>;
}

/** A member of a topic. */
export interface TopicMember {
  /** It has been told who is there, and is told what changes. */
  readonly isTold: boolean;
  signal(pushed: Pushed): void;
}

/** A topic that somebody on this node has joined: what is told there is written out once. */
export class Topic {
  readonly name: string;
  readonly kind: ChannelKind;
  /** What presence knows it by: modules have their topics to themselves. */
  readonly presenceTopic: string;
  readonly members = new Set<TopicMember>();
  readonly #encoders: Readonly<Record<Version, PushEncoder>>;
  #unwatch: (() => void) | undefined;

  constructor(name: string, kind: ChannelKind) {
    this.name = name;
    this.kind = kind;
    this.presenceTopic = `${kind.module}/${name}`;
    this.#encoders = {
      1: new PushEncoder((pushed) => this.#encode(1, pushed)),
      2: new PushEncoder((pushed) => this.#encode(2, pushed)),
    };
  }

  encoder(version: Version): PushEncoder {
    return this.#encoders[version];
  }

  /** Whether members of the channel are told it. */
  tells({ type }: Pushed): boolean {
    return type === PRESENCE_DIFF || this.kind.pushes.has(type);
  }

  /** Members are told from here on who comes and goes. */
  watch(presence: Presence): void {
    this.#unwatch ??= presence.watch(this.presenceTopic, (diff: PresenceDiff) => {
      const pushed: Pushed = { topic: this.presenceTopic, type: PRESENCE_DIFF, data: diff };
      for (const member of this.members) if (member.isTold) member.signal(pushed);
    });
  }

  close(): void {
    this.#unwatch?.();
  }

  #encode(version: Version, pushed: Pushed): PushFrame {
    const { type, offset, data } = pushed;
    const { event, bytes } = this.kind.pushes.get(type) ?? { event: type };
    const content = bytes === undefined ? undefined : (data as Record<string, unknown>)[bytes];
    const frame =
      version === 2 && typeof content === "string"
        ? binaryBroadcastFrame(this.name, event, Buffer.from(content, "base64"))
        : broadcastFrame(version, this.name, event, { offset, ...data });
    return { frame, slotAt: undefined };
  }
}

/** The channels of a module, and their topics that have members on this node. */
export class Topics {
  readonly #exact = new Map<string, ChannelKind>();
  readonly #byPrefix = new Map<string, ChannelKind>();
  readonly #joined = new Map<string, Topic>();

  constructor(module: Module, registry: Registry) {
    for (const channel of module.channels ?? []) {
      const subscription = registry.subscriptions.get(channel.subscription);
      const field = subscription && topicField(channel, subscription);
      const kind: ChannelKind = {
        module: module.name,
        channel,
        field,
        requests: channelRequests(channel),
        pushes: channelPushes(channel),
      };
      if (field === undefined) this.#exact.set(channel.topic, kind);
      else this.#byPrefix.set(prefixOf(channel.topic), kind);
    }
  }

  /** The kind of channel that a topic belongs to; undefined when there is none. */
  match(topic: string): Matched | undefined {
    const exact = this.#exact.get(topic);
    if (exact !== undefined) return { kind: exact, fields: {} };
    const prefix = prefixOf(topic);
    const kind = this.#byPrefix.get(prefix);
    if (kind?.field === undefined) return undefined;
    return { kind, fields: { [kind.field]: topic.slice(prefix.length) } };
  }

  /** The topic, which is kept as long as it has members. */
  at(name: string, kind: ChannelKind): Topic {
    let topic = this.#joined.get(name);
    if (topic === undefined) {
      topic = new Topic(name, kind);
      this.#joined.set(name, topic);
    }
    return topic;
  }

  leave(topic: Topic, member: TopicMember): void {
    topic.members.delete(member);
    if (topic.members.size > 0) return;
    topic.close();
    if (this.#joined.get(topic.name) === topic) this.#joined.delete(topic.name);
  }
}

/** The kind with its colon. */
function prefixOf(topic: string): string {
  return topic.slice(0, topic.indexOf(":") + 1);
}
