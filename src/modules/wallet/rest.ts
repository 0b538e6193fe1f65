import { z } from "zod";
import type { RestRequest, RestRoute } from "../../core/rest.ts";
import type { walletWire } from "./types.ts";
import {
  Amount,
  AssetCode,
  SignedAmount,
  Status,
  type Transaction,
  TxId,
  WalletId,
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

/** What is not an object the method's schema refuses, in its words. */
function fieldsOf({ body }: RestRequest): Readonly<Record<string, unknown>> {
  const isObject = typeof body === "object" && body !== null && !Array.isArray(body);
  return isObject ? (body as Record<string, unknown>) : {};
}

/** The fields of a body under our names; those that no name is given for keep theirs. */
function renamed(names: Readonly<Record<string, string>>) {
  return (request: RestRequest): unknown =>
    Object.fromEntries(
      Object.entries(fieldsOf(request)).map(([name, value]) => [names[name] ?? name, value]),
    );
}

const Credentials = z.strictObject({ login: z.string(), password: z.string() });

/** The token goes where the document has it: into the header and, beside it, a cookie. */
const signedIn: Pick<RestRoute, "answer" | "answerHeaders" | "body"> = {
  body: Credentials,
  answer: ({ token }: { token: string }) => ({ headers: { authorization: `Bearer ${token}` } }),
  answerHeaders: { authorization: "`Bearer` and the access token" },
};

const create: Omit<RestRoute, "path"> = {
  verb: "POST",
  method: "wallet.create",
  status: 202,
  input: renamed({ wallet_id: "walletId" }),
  body: z.strictObject({ wallet_id: WalletId }),
  output: z.strictObject({ wallet_id: WalletId }),
  answer: ({ walletId }: Answers["wallet.create"]) => ({ body: { wallet_id: walletId } }),
};

const transfer: Omit<RestRoute, "path"> = {
  verb: "POST",
  method: "wallet.transfer",
  status: 202,
  input: renamed({ from_id: "fromId", to_id: "toId", TxID: "key" }),
  body: z.strictObject({
    from_id: WalletId,
    to_id: WalletId,
    amount: z.string(),
    /** The client's own number: the same one again is the same transfer. */
    TxID: z.string().optional(),
  }),
  output: z.strictObject({ TxID: TxId, status: Status }),
  answer: ({ txId, status }: Answers["wallet.transfer"]) => ({ body: { TxID: txId, status } }),
};

/** Document 004, with the spellings of its summary and of its headings. */
export const rest: readonly RestRoute[] = [
  {
    verb: "POST",
    path: "/auth/register",
    method: "auth.register",
    input(request) {
      const { login, ...others } = fieldsOf(request);
      const isAddress = typeof login === "string" && login.includes("@");
      return { ...others, [isAddress ? "email" : "username"]: login };
    },
    errorStatus: { PASSWORD_TOO_COMMON: 400 },
    ...signedIn,
  },
  {
    verb: "POST",
    path: "/auth/login",
    method: "auth.login",
    input: renamed({ login: "username", password: "secret" }),
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
    input: ({ params, query: { limit, ...query } }) => ({
      walletId: params["id"],
      ...(limit === undefined ? {} : { limit: /^\d{1,4}$/.test(limit) ? Number(limit) : limit }),
      ...query,
    }),
    query: z.strictObject({ limit: z.int().optional(), cursor: TxId.optional() }),
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
    input: ({ params }) => ({ walletId: params["id"] }),
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
];
