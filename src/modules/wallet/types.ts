import { z } from "zod";
import { Empty, LINE, type ModuleWire, TimestampMs, Uuid } from "../../core/schema.ts";

/** Digits of a wallet's number. */
const WALLET_ID_DIGITS_MAX = 64;
export const PAGE_MAX = 100;
/** Transactions that a subscription begins with. */
export const LATEST_MAX = 20;
/** Wallets of one person. */
export const WALLETS_MAX = 1_000;
export const ASSETS_MAX = 200;
/** Transfers in one call of `wallet.transferMany`. */
const MANY_MAX = 500;
/** How long money can be held. */
const HOLD_SECONDS_MAX = 7 * 86_400;
const HOLD_SECONDS = 900;

/**
 * A wallet's number: digits, as the document has it. Its shard is this modulo that of the shards.
 */
export const WalletId = z
  .string()
  .regex(/^\d{1,64}$/, `expected 1 to ${WALLET_ID_DIGITS_MAX} digits`);
export const TxId = z.string().regex(/^[1-9]\d{0,18}$/, "expected the number of a transaction");
export const AssetCode = z.string().regex(/^[A-Z][A-Z0-9]{1,11}$/, "expected an asset's code");

/**
 * Digits with at most one point, above zero. A whole JSON number is taken as well, never a float.
 */
const AmountIn = z
  .union(
    [z.string().regex(/^\d{1,18}(\.\d{1,18})?$/), z.int().min(1).max(Number.MAX_SAFE_INTEGER)],
    "expected a decimal above zero, such as 12.50",
  )
  .transform(String);
/** With every digit of the asset's scale: `12.50`. */
export const Amount = z.string().regex(/^-?\d+(\.\d+)?$/);
/** The same with its sign, seen from the wallet that was asked about: `+12.50`. */
export const SignedAmount = z.string().regex(/^[+-]\d+(\.\d+)?$/);
const Memo = z.string().trim().min(1).max(140).regex(LINE, "expected one line of text");

export const Status = z.enum(["PENDING", "PROCESSING", "INVALID", "FAILED", "SUCCESSFUL"]);
export type Status = z.infer<typeof Status>;

const Asset = z.strictObject({
  code: AssetCode,
  name: z.string().trim().min(1).max(60).regex(LINE, "expected one line of text"),
  /** Digits behind the point. */
  scale: z.int().min(0).max(12),
});
export type Asset = z.infer<typeof Asset>;

const TransactionKind = z.enum(["transfer", "hold", "issue", "reversal"]);

/** A transfer as one of its wallets sees it. */
export const Transaction = z.strictObject({
  walletId: WalletId,
  txId: TxId,
  kind: TransactionKind,
  status: Status,
  /** A sentence about the status. */
  note: z.string(),
  /** Why it did not happen; null otherwise. */
  code: z.string().nullable(),
  amount: SignedAmount,
  /** What a hold's capture took, when that was less. */
  capturedAmount: Amount.nullable(),
  asset: AssetCode,
  /** The other wallet; null when the money came into being here. */
  peerId: WalletId.nullable(),
  memo: z.string().nullable(),
  reverses: TxId.nullable(),
  /** When a hold ends by itself; null for what is none. */
  untilMs: TimestampMs.nullable(),
  initiatedAtMs: TimestampMs,
  finishedAtMs: TimestampMs.nullable(),
});
export type Transaction = z.infer<typeof Transaction>;

export const Balance = z.strictObject({
  walletId: WalletId,
  asset: AssetCode,
  state: z.enum(["opening", "open", "frozen", "closed"]),
  posted: Amount,
  /** For transfers on their way out. */
  held: Amount,
  /** What can be spent: posted, less what is held, more by the overdraft. */
  available: Amount,
  overdraft: Amount,
});
export type Balance = z.infer<typeof Balance>;

const Transactions = z.strictObject({
  transactions: z.array(Transaction),
  /** Where the next page begins; null when this was the last. */
  cursor: TxId.nullable(),
});

const Wallet = Balance.extend({ name: z.string(), createdAtMs: TimestampMs });
export type Wallet = z.infer<typeof Wallet>;

/** A line of a statement. */
export const Entry = z.strictObject({
  txId: TxId,
  amount: SignedAmount,
  balanceAfter: Amount,
  kind: TransactionKind,
  /** The other wallet; null when the money came into being here. */
  peerId: WalletId.nullable(),
  memo: z.string().nullable(),
  atMs: TimestampMs,
});
export type Entry = z.infer<typeof Entry>;

const Name = z.string().trim().max(60).regex(LINE, "expected one line of text");
const WalletInput = z.strictObject({ walletId: WalletId });
const TxInput = z.strictObject({ txId: TxId });
const Accepted = z.strictObject({ txId: TxId, status: Status });
const Limit = z.int().min(1).max(PAGE_MAX).default(PAGE_MAX);

const TransferInput = z.strictObject({
  fromId: WalletId,
  toId: WalletId,
  amount: AmountIn,
  memo: Memo.optional(),
});

/** The client's own name for a request, where it sends no Idempotency-Key. */
const Key = z
  .string()
  .regex(/^[\x21-\x7e]{1,128}$/, "expected 1 to 128 visible ASCII characters")
  .optional();

const ShardStatus = z.strictObject({
  shard: z.int(),
  reachable: z.boolean(),
  batch: z.string(),
  wallets: z.int(),
  entries: z.int(),
});

/** The wire contract of the module. */
export const walletWire = {
  methods: {
    "wallet.create": {
      input: z.strictObject({
        walletId: WalletId,
        asset: AssetCode.default("COIN"),
        name: Name.default(""),
      }),
      output: z.strictObject({ walletId: WalletId }),
    },
    "wallet.list": { input: Empty, output: z.strictObject({ wallets: z.array(Wallet) }) },
    "wallet.assets": { input: Empty, output: z.strictObject({ assets: z.array(Asset) }) },
    "wallet.balance": {
      input: WalletInput,
      output: Balance.extend({ last: Transaction.nullable() }),
    },
    "wallet.balanceAt": {
      input: z.strictObject({ walletId: WalletId, atMs: TimestampMs }),
      output: z.strictObject({ walletId: WalletId, asset: AssetCode, posted: Amount }),
    },
    "wallet.transfer": {
      input: TransferInput.extend({ key: Key }),
      output: Accepted,
    },
    "wallet.transferMany": {
      input: z.strictObject({
        transfers: z.array(TransferInput).min(1).max(MANY_MAX),
        /** All of them or none; otherwise each on its own. */
        together: z.boolean(),
      }),
      output: z.strictObject({ transfers: z.array(Accepted) }),
    },
    "wallet.hold": {
      input: TransferInput.extend({
        seconds: z.int().min(1).max(HOLD_SECONDS_MAX).default(HOLD_SECONDS),
        key: Key,
      }),
      output: Accepted,
    },
    "wallet.capture": {
      /** Without `amount` all of it; what is not captured is released. */
      input: TxInput.extend({ amount: AmountIn.optional() }),
      output: Accepted,
    },
    "wallet.release": { input: TxInput, output: Accepted },
    "wallet.reverse": { input: TxInput, output: Accepted },
    "wallet.getTransaction": { input: TxInput, output: Transaction },
    "wallet.transactions": {
      /** `cursor` is that of the page before. */
      input: z.strictObject({
        walletId: WalletId,
        from: z.enum(["oldest", "newest"]).default("oldest"),
        cursor: TxId.optional(),
        limit: Limit,
      }),
      output: Transactions,
    },
    "wallet.statement": {
      /** Posted entries, from the newest; `before` is the cursor of the page before. */
      input: z.strictObject({
        walletId: WalletId,
        fromMs: TimestampMs.optional(),
        toMs: TimestampMs.optional(),
        before: z.int().min(1).max(2_147_483_647).optional(),
        limit: Limit,
      }),
      output: z.strictObject({ entries: z.array(Entry), before: z.int().nullable() }),
    },
    "wallet.close": { input: WalletInput, output: Empty },
    "wallet.issue": {
      /** In the wallet's asset; where one is named, it has to be that. */
      input: z.strictObject({
        toId: WalletId,
        amount: AmountIn,
        asset: AssetCode.optional(),
        memo: Memo.optional(),
        key: Key,
      }),
      output: Accepted,
    },
    "wallet.freeze": {
      input: z.strictObject({ walletId: WalletId, frozen: z.boolean() }),
      output: Empty,
    },
    "wallet.setOverdraft": {
      /** `0` for none. */
      input: z.strictObject({
        walletId: WalletId,
        overdraft: z.string().regex(/^\d{1,18}(\.\d{1,18})?$/, "expected a decimal"),
      }),
      output: Empty,
    },
    "wallet.saveAsset": { input: Asset, output: Asset },
    "wallet.shards": {
      input: Empty,
      output: z.strictObject({
        shards: z.array(ShardStatus),
        inFlight: z.int(),
        leads: z.boolean(),
      }),
    },
    "wallet.inFlight": {
      input: Empty,
      output: z.strictObject({ transactions: z.array(Transaction) }),
    },
    "wallet.audit": {
      input: Empty,
      output: z.strictObject({
        ok: z.boolean(),
        /** What is wrong, in sentences. */
        findings: z.array(z.string()),
        wallets: z.int(),
        entries: z.int(),
        inFlight: z.int(),
        atMs: TimestampMs,
      }),
    },
  },
  subscriptions: {
    "wallet.subscribe": {
      input: WalletInput,
      /**
       * The newest first, as a page of `wallet.transactions`. What is in the wallet, and its state
       * and limit, `wallet.balance` tells.
       */
      state: Transactions,
      events: {
        /** A transaction of the wallet is new, or has another status. */
        "wallet.transaction": Transaction,
        /** It was opened, frozen, let go again or closed, or its overdraft is another one. */
        "wallet.changed": WalletInput,
      },
    },
  },
} as const satisfies ModuleWire;

/** What nodes tell each other. */
export const Noticed = z.strictObject({ ids: z.array(TxId).max(1_000), chores: z.array(Uuid) });
export type Noticed = z.infer<typeof Noticed>;
