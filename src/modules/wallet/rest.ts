import { z } from "zod";
import type { RestRequest, RestRoute } from "../../core/rest.ts";
import { authWire, Email, Username } from "../auth/types.ts";
import {
  Amount,
  AssetCode,
  SignedAmount,
  Status,
  type Transaction,
  TxId,
  WalletId,
  type walletWire,
} from "./types.ts";

type Answers = {
  [Name in keyof typeof walletWire.methods]: z.output<(typeof walletWire.methods)[Name]["output"]>;
};

/** Names of document 004, which writes `ammount`; the right spelling stands beside it. */
const TransactionOut = z.strictObject({
  wallet_id: WalletId,
  TxID: TxId,
  amount: SignedAmount,
  ammount: SignedAmount,
  status: Status,
  note: z.string(),
  initiated_at: z.iso.datetime(),
});

const BalanceOut = z.strictObject({
  wallet_id: WalletId,
  asset: AssetCode,
  posted: Amount,
  held: Amount,
  available: Amount,
  /** The last transaction; null when there is none. */
  TxID: TxId.nullable(),
  status: Status.nullable(),
  note: z.string().nullable(),
  initiated_at: z.iso.datetime().nullable(),
});

function toTransaction(transaction: Transaction): z.input<typeof TransactionOut> {
  const { walletId, txId, amount, status, note, initiatedAtMs } = transaction;
  return {
    wallet_id: walletId,
    TxID: txId,
    amount,
    ammount: amount,
    status,
    note,
    initiated_at: new Date(initiatedAtMs).toISOString(),
  };
}

/** A login is a username or an email address; the method has a field for each. */
function registration({ query, body }: RestRequest): unknown {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return body;
  const { login, ...others } = body as Readonly<Record<string, unknown>>;
  const isAddress = typeof login === "string" && login.includes("@");
  return { ...query, ...others, [isAddress ? "email" : "username"]: login };
}

/** The token goes where the document has it: into the header and, beside it, a cookie. */
const signedIn: Pick<RestRoute, "answer" | "answerHeaders"> = {
  answer: ({ token }: { token: string }) => ({ headers: { authorization: `Bearer ${token}` } }),
  answerHeaders: { authorization: "`Bearer` and the access token" },
};

const create: Omit<RestRoute, "path"> = {
  verb: "POST",
  method: "wallet.create",
  status: 202,
  names: { wallet_id: "walletId" },
  output: z.strictObject({ wallet_id: WalletId }),
  answer: ({ walletId }: Answers["wallet.create"]) => ({ body: { wallet_id: walletId } }),
};

const transfer: Omit<RestRoute, "path"> = {
  verb: "POST",
  method: "wallet.transfer",
  status: 202,
  // `TxID` is the client's own number: the same one again is the same transfer.
  names: { from_id: "fromId", to_id: "toId", TxID: "key" },
  output: z.strictObject({ TxID: TxId, status: Status }),
  answer: ({ txId, status }: Answers["wallet.transfer"]) => ({ body: { TxID: txId, status } }),
};

/** What document 004 does not have: resourceful, one for every method, answered as it answers. */
const own: readonly RestRoute[] = [
  { verb: "GET", path: "/wallets", method: "wallet.list" },
  { verb: "POST", path: "/wallets", method: "wallet.create", status: 202 },
  { verb: "DELETE", path: "/wallets/:walletId", method: "wallet.close" },
  { verb: "GET", path: "/wallets/:walletId/balance", method: "wallet.balance" },
  { verb: "GET", path: "/wallets/:walletId/balance-at", method: "wallet.balanceAt" },
  { verb: "GET", path: "/wallets/:walletId/transactions", method: "wallet.transactions" },
  { verb: "GET", path: "/wallets/:walletId/statement", method: "wallet.statement" },
  { verb: "PUT", path: "/wallets/:walletId/frozen", method: "wallet.freeze" },
  { verb: "PUT", path: "/wallets/:walletId/overdraft", method: "wallet.setOverdraft" },
  { verb: "POST", path: "/wallets/:toId/issue", method: "wallet.issue", status: 202 },

  { verb: "POST", path: "/transfers", method: "wallet.transfer", status: 202 },
  { verb: "POST", path: "/transfers/many", method: "wallet.transferMany", status: 202 },
  { verb: "GET", path: "/transfers/:txId", method: "wallet.getTransaction" },
  { verb: "POST", path: "/transfers/:txId/reversal", method: "wallet.reverse", status: 202 },

  { verb: "POST", path: "/holds", method: "wallet.hold", status: 202 },
  { verb: "POST", path: "/holds/:txId/capture", method: "wallet.capture", status: 202 },
  { verb: "POST", path: "/holds/:txId/release", method: "wallet.release", status: 202 },

  { verb: "GET", path: "/assets", method: "wallet.assets" },
  { verb: "PUT", path: "/assets/:code", method: "wallet.saveAsset" },
  { verb: "GET", path: "/shards", method: "wallet.shards" },
  { verb: "GET", path: "/in-flight", method: "wallet.inFlight" },
  { verb: "POST", path: "/audit", method: "wallet.audit" },
];

/** Document 004, with the spellings of its summary and of its headings; then our own. */
export const rest: readonly RestRoute[] = [
  {
    verb: "POST",
    path: "/auth/register",
    method: "auth.register",
    input: registration,
    body: z.strictObject({
      login: z.union([Username, Email]),
      password: authWire.methods["auth.register"].input.shape.password,
    }),
    errorStatus: { PASSWORD_TOO_COMMON: 400 },
    ...signedIn,
  },
  {
    verb: "POST",
    path: "/auth/login",
    method: "auth.login",
    names: { login: "username", password: "secret" },
    ...signedIn,
  },
  { path: "/api/user/create_wallet", ...create },
  { path: "/api/user/createwallet", ...create },
  { path: "/api/user/do_transaction", ...transfer },
  { path: "/api/user/do_transacton", ...transfer },
  {
    verb: "GET",
    path: "/api/user/transactions/:id",
    method: "wallet.transactions",
    names: { id: "walletId" },
    output: z.array(TransactionOut),
    emptyStatus: 204,
    answerHeaders: { "x-next-cursor": "where the next page begins; absent on the last one" },
    answer({ transactions, cursor }: Answers["wallet.transactions"]) {
      const headers = cursor === null ? {} : { "x-next-cursor": cursor };
      return transactions.length === 0 ? {} : { body: transactions.map(toTransaction), headers };
    },
    pages: {
      parameters: ["limit", "cursor"],
      next: (output) => {
        const { cursor } = output as Answers["wallet.transactions"];
        return cursor === null ? undefined : { cursor };
      },
    },
  },
  {
    verb: "GET",
    path: "/api/user/balance/:id",
    method: "wallet.balance",
    names: { id: "walletId" },
    output: BalanceOut,
    answer({ walletId, asset, posted, held, available, last }: Answers["wallet.balance"]) {
      const {
        TxID = null,
        status = null,
        note = null,
        initiated_at = null,
      } = last === null ? {} : toTransaction(last);
      const amounts = { asset, posted, held, available };
      return { body: { wallet_id: walletId, ...amounts, TxID, status, note, initiated_at } };
    },
  },
  ...own,
];
