import { z } from "zod";
import { parseJson } from "../../../core/json.ts";
import { JSON_VALUES_MAX } from "../../../core/limits.ts";
import type { Operation, Outcome, ShardPosition, ShardReply } from "./protocol.ts";
import { REFUSALS } from "./protocol.ts";
import {
  type EntryPage,
  LEGS_PAGE_MAX,
  type LegMark,
  type LegPage,
  type ShardAudit,
  type ShardSummary,
} from "./reader.ts";
import { type EntryRecord, LEG_STATES, type WalletRecord } from "./records.ts";

/**
 * What goes between an orchestrator and a shard that is a process of its own: `ShardLink` and
 * `LedgerReader` as JSON, a question and its answer each. Integers that may be large are decimal
 * texts. Both sides read strictly: what is not exactly of this form is no question and no answer.
 */

/** Changes when questions or answers change so that the other side would not understand them. */
export const PROTOCOL_VERSION = 1;
/** Operations of one request. */
export const REMOTE_OPERATIONS_MAX = 512;
/** Wallets or entries asked for at once. */
const REMOTE_ROWS_MAX = 1_000;
/** Shards of one ledger. */
const REMOTE_SHARDS_MAX = 64;
/** The longest question: its operations with the longest names and amounts there are. */
export const QUESTION_BYTES_MAX = 512 * 1024;
export const ANSWER_BYTES_MAX = 1024 * 1024;
/** How long an answer may take. */
const ANSWER_TIMEOUT_MS = 5_000;
/** The same for a look at a whole ledger. */
const AUDIT_TIMEOUT_MS = 120_000;
const SENTENCE_CHARS_MAX = 1_000;

/** Up to 18 digits, as amounts and balances have: that fits an int8 of the database. */
const integer = (form: RegExp) => z.string().regex(form, "expected an integer").transform(BigInt);
const Integer = integer(/^(0|-?[1-9]\d{0,17})$/);
const Natural = integer(/^(0|[1-9]\d{0,17})$/);
const Positive = integer(/^[1-9]\d{0,17}$/);
const ZeroOrLess = integer(/^(0|-[1-9]\d{0,17})$/);
/** Of many balances, which may need more than 64 bits. */
const Sum = integer(/^(0|-?[1-9]\d{0,37})$/);

const Name = z.string().regex(/^[\x21-\x7e]{1,96}$/, "expected visible ASCII characters");
const Shard = z
  .int()
  .min(0)
  .max(REMOTE_SHARDS_MAX - 1);
const Count = z.int().min(0);
const Version = z.int().min(0).max(2_147_483_647);
const TimeMs = z.int().min(0);
const Side = z.enum(["debit", "credit"]);
const WalletState = z.enum(["open", "frozen", "closed"]);
const Leg = { transfer: Positive, side: Side };
const Money = { asset: Name, amount: Positive };

const RemoteOperation: z.ZodType<Operation> = z.discriminatedUnion("verb", [
  z.strictObject({ verb: z.literal("reserve"), ...Leg, wallet: Name, ...Money, peer: Shard }),
  z.strictObject({ verb: z.literal("post"), ...Leg, amount: Positive.exactOptional() }),
  z.strictObject({ verb: z.literal("void"), ...Leg }),
  z.strictObject({ verb: z.literal("move"), transfer: Positive, from: Name, to: Name, ...Money }),
  z.strictObject({ verb: z.literal("look"), wallet: Name }),
  z.strictObject({ verb: z.literal("open"), wallet: Name, asset: Name, minBalance: ZeroOrLess }),
  z.strictObject({
    verb: z.literal("configure"),
    number: Positive,
    wallet: Name,
    state: WalletState.exactOptional(),
    minBalance: ZeroOrLess.exactOptional(),
  }),
]);

const RemoteWallet: z.ZodType<WalletRecord> = z.strictObject({
  wallet: Name,
  asset: Name,
  state: WalletState,
  posted: Integer,
  held: Natural,
  minBalance: ZeroOrLess,
  version: Version,
});

const RemoteOutcome: z.ZodType<Outcome> = z.discriminatedUnion("ok", [
  z.strictObject({ ok: z.literal(true), wallet: RemoteWallet.exactOptional() }),
  z.strictObject({ ok: z.literal(false), refusal: z.enum(REFUSALS) }),
]);

const RemotePosition: z.ZodType<ShardPosition> = z.strictObject({
  batch: Natural,
  /** Empty when there is no entry yet. */
  head: z.string().regex(/^([0-9a-f]{64})?$/, "expected a hash"),
});

const RemoteEntry: z.ZodType<EntryRecord> = z.strictObject({
  wallet: Name,
  version: Version,
  transfer: Natural,
  amount: Integer,
  balanceAfter: Integer,
  atMs: TimeMs,
});

const RemotePage: z.ZodType<EntryPage> = z.strictObject({
  wallet: Name,
  after: Version.exactOptional(),
  before: Version.exactOptional(),
  fromMs: TimeMs.exactOptional(),
  toMs: TimeMs.exactOptional(),
  limit: z.int().min(1).max(REMOTE_ROWS_MAX),
});

const RemoteLegPage: z.ZodType<LegPage> = z.strictObject({
  after: z.strictObject({ transfer: Natural, side: Side }),
  upTo: Natural,
  limit: z.int().min(1).max(LEGS_PAGE_MAX),
});

const RemoteLegMark: z.ZodType<LegMark> = z
  .strictObject({ ...Leg, state: z.enum(LEG_STATES), postedAmount: Positive.nullable() })
  .refine(({ state, postedAmount }) => (state === "posted") === (postedAmount !== null));

const Summary = { batch: Natural, wallets: Count, entries: Count };

const RemoteAudit: z.ZodType<ShardAudit> = z.strictObject({
  shard: Shard,
  ...Summary,
  sums: z
    .array(
      z.strictObject({
        asset: Name,
        wallets: Sum,
        clearing: z.array(z.strictObject({ peer: Shard, balance: Integer })).max(REMOTE_SHARDS_MAX),
      }),
    )
    .max(REMOTE_ROWS_MAX),
  findings: z.array(z.string().max(SENTENCE_CHARS_MAX)).max(REMOTE_ROWS_MAX),
});

/** Which shard of how many it is. */
export const ShardPlace = z
  .strictObject({ shard: Shard, shards: z.int().min(1).max(REMOTE_SHARDS_MAX) })
  .refine(({ shard, shards }) => shard < shards, "expected a shard among them");
export type ShardPlace = z.infer<typeof ShardPlace>;

/** A question with the form of its answer. */
export interface Question<In = unknown, Out = unknown> {
  readonly path: string;
  readonly input: z.ZodType<In>;
  readonly output: z.ZodType<Out>;
  readonly timeoutMs: number;
}

function question<In, Out>(
  name: string,
  input: z.ZodType<In>,
  output: z.ZodType<Out>,
  timeoutMs = ANSWER_TIMEOUT_MS,
): Question<In, Out> {
  return { path: `/v${PROTOCOL_VERSION}/${name}`, input, output, timeoutMs };
}

export const TAKE = question(
  "take",
  z.strictObject({ place: ShardPlace, epoch: Natural, known: RemotePosition.exactOptional() }),
  RemotePosition,
);
export const SEND = question(
  "send",
  z.strictObject({
    epoch: Natural,
    operations: z.array(RemoteOperation).max(REMOTE_OPERATIONS_MAX),
  }),
  z.strictObject({
    outcomes: z.array(RemoteOutcome.nullable()).max(REMOTE_OPERATIONS_MAX),
    position: RemotePosition,
  }) satisfies z.ZodType<ShardReply>,
);
export const WALLETS = question(
  "wallets",
  z.strictObject({ place: ShardPlace, wallets: z.array(Name).max(REMOTE_ROWS_MAX) }),
  z.array(RemoteWallet).max(REMOTE_ROWS_MAX),
);
export const ENTRIES = question(
  "entries",
  z.strictObject({ place: ShardPlace, page: RemotePage }),
  z.array(RemoteEntry).max(REMOTE_ROWS_MAX),
);
export const LEGS = question(
  "legs",
  z.strictObject({ place: ShardPlace, page: RemoteLegPage }),
  z.array(RemoteLegMark).max(LEGS_PAGE_MAX),
);
export const BALANCE_AT = question(
  "balance-at",
  z.strictObject({ place: ShardPlace, wallet: Name, atMs: TimeMs }),
  Integer,
);
export const SUMMARY = question(
  "summary",
  z.strictObject({ place: ShardPlace }),
  z.strictObject(Summary) satisfies z.ZodType<ShardSummary>,
);
export const AUDIT = question(
  "audit",
  z.strictObject({ place: ShardPlace }),
  RemoteAudit,
  AUDIT_TIMEOUT_MS,
);

/** Why there is no answer, as far as the other side can do something with it. */
export const Failure = z.strictObject({
  failure: z.enum(["refused", "outdated", "unavailable", "malformed"]),
  message: z.string().max(SENTENCE_CHARS_MAX),
});
export type Failure = z.infer<typeof Failure>;

/** A question or an answer as text. */
export function encode(value: unknown): string {
  return JSON.stringify(plain(value));
}

/** Large integers as texts. Much faster than having `JSON.stringify` ask for each value. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  const object: Record<string, unknown> = {};
  for (const name in value) object[name] = plain((value as Record<string, unknown>)[name]);
  return object;
}

/** @throws an error that says where it is of another form */
export function decode<T>(schema: z.ZodType<T>, text: string): T {
  return schema.parse(parseJson(text, JSON_VALUES_MAX));
}
