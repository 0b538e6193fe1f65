import { z } from "zod";

/**
 * The pieces wire schemas are made of. A module's `types.ts` builds on these; they are safe in
 * browsers.
 */

export type Schema = z.ZodType;
/** Inputs and pushes are always JSON objects, so that fields can be added to them. */
export type ObjectSchema = z.ZodObject;

/** An empty input or answer. */
export const Empty = z.strictObject({});
export type Empty = z.infer<typeof Empty>;

/** No control characters, of which no database keeps all, and nothing that is half a character. */
export const LINE = /^[^\p{Cc}\p{Cs}]*$/u;
/** The same over several lines. */
export const LINES = /^(?:[^\p{Cc}\p{Cs}]|\n)*$/u;

/** UUIDv7 in lower case, as our ids are written. */
export const Uuid = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, "expected a UUID");

/** Milliseconds since the epoch. */
export const TimestampMs = z.int().min(0).max(8_640_000_000_000_000);

/** The id of a row numbered by the database: an int4 above zero. */
export const Serial = z.int().min(1).max(2_147_483_647);

/** The wire contract of a method: what `types.ts` holds and clients infer their types from. */
export interface MethodWire {
  readonly input: ObjectSchema;
  readonly output: Schema;
}

/** The wire contract of a subscription: a snapshot, then changes. */
export interface SubscriptionWire {
  readonly input: ObjectSchema;
  /** The snapshot. */
  readonly state: Schema;
  /** The pushes, by wire name. */
  readonly events: Readonly<Record<string, ObjectSchema>>;
  /** Pushes that are told and not recorded. */
  readonly signals?: Readonly<Record<string, ObjectSchema>>;
}

/** What a module's `types.ts` exports under the module's name. */
export interface ModuleWire {
  readonly methods: Readonly<Record<string, MethodWire>>;
  readonly subscriptions: Readonly<Record<string, SubscriptionWire>>;
}
