import { z } from "zod";
import type { Tx } from "./database.ts";
import type { AnyErrorDefinition } from "./errors.ts";
import type { Enclosures, StreamEvent } from "./event-log.ts";
import type { Access, MethodCall } from "./method.ts";
import type { ObjectSchema, Schema } from "./schema.ts";

/** A place in a topic's history, from which a client that comes back goes on. */
export const Position = z.strictObject({
  epoch: z.string().min(1).max(64),
  offset: z.int().min(0),
});
export type Position = z.infer<typeof Position>;

/** A subscription's call has no events to emit. */
export type SubscriptionCall<In extends ObjectSchema, A extends Access> = Omit<
  MethodCall<In, A>,
  "events" | "prepared"
>;

/**
 * A snapshot, then changes. A module names the topic and reads the snapshot; backfill, cut-over
 * and streaming are `streams.ts`.
 */
export interface Subscription<
  In extends ObjectSchema = ObjectSchema,
  State extends Schema = Schema,
  A extends Access = Access,
> {
  /** `namespace.subscription`, as on the wire; the last part names the file and the export. */
  readonly name: string;
  readonly summary: string;
  readonly access: A;
  readonly input: In;
  /** The snapshot. */
  readonly state: State;
  /** The pushes, by wire name. */
  readonly events: Readonly<Record<string, ObjectSchema>>;
  /** Pushes that have no place in the stream, because they are told and not recorded. */
  readonly signals?: Readonly<Record<string, ObjectSchema>>;
  readonly errors: readonly AnyErrorDefinition[];
  /** Whose events: whatever emits to the same text is heard. */
  topic(call: Pick<SubscriptionCall<In, A>, "input" | "actor">): string;
  /**
   * Runs before the snapshot's transaction begins, each time a client comes: for what has to be
   * committed or looked up by then. It may throw what `admit` may.
   */
  prepare?(call: Omit<SubscriptionCall<In, A>, "tx">): Promise<void>;
  /** Throws when the actor may not listen; also runs when a client comes back. */
  admit?(call: SubscriptionCall<In, A>): Promise<void>;
  /**
   * Reads again what these events enclosed, one answer an event, in their order: for those that
   * come from the log. All subscriptions of a topic have the same.
   */
  enclose?(tx: Tx, events: readonly StreamEvent[]): Promise<readonly Enclosures[]>;
  /** Whether it is the last event that this person hears of the topic. */
  ends?(event: StreamEvent, accountId: string | null): boolean;
  /** Reads the state that belongs to the topic's present offset (repeatable read). */
  snapshot(call: SubscriptionCall<In, A>): Promise<z.input<State>>;
}

export function defineSubscription<In extends ObjectSchema, State extends Schema, A extends Access>(
  subscription: Subscription<In, State, A>,
): Subscription<In, State, A> {
  return subscription;
}

/** The wire name that ends a subscription: `cinema.watch` is ended by `cinema.unwatch`. */
export function endingName(name: string): string {
  const dot = name.lastIndexOf(".");
  return `${name.slice(0, dot)}.un${name.slice(dot + 1)}`;
}
