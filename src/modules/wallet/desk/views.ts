import type { Page } from "../../../core/page.ts";
import {
  type Code,
  dueMs,
  type Kind,
  type Status,
  statusOf,
  type TransferRecord,
} from "../orchestrator/transfer.ts";
import { formatAmount, formatSigned } from "../rules/amounts.ts";
import type { EntryRecord, WalletRecord } from "../shard/records.ts";
import type { Balance, Entry, Transaction } from "../types.ts";
import type { Listed } from "./listings.ts";

/** Why a transfer did not happen, in the document's words where it has some. */
const REASONS: Readonly<Record<Code, string>> = {
  wallet_unknown: "there is no such wallet",
  wallet_frozen: "the wallet is frozen",
  wallet_closed: "the wallet is closed",
  asset_differs: "the wallet keeps another asset",
  funds_short: "not enough funds in the wallet",
  balance_full: "the wallet cannot take that much",
  leg_voided: "transaction confirmation limit exceeded",
  leg_posted: "the transaction has happened",
  leg_refused: "the transaction was refused",
  leg_unknown: "the transaction is not known to the shard",
  leg_differs: "the transaction is known with other terms",
  wallet_used: "the wallet is in use",
  deadline: "transaction confirmation limit exceeded",
  released: "released by its owner",
  hold_expired: "not captured in time",
  bundle_refused: "another transaction of the same request was refused",
};

/** A sentence about a status, for people. */
function noteOf(status: Status, code: Code | null, kind: Kind): string {
  switch (status) {
    case "PENDING":
      return "transaction accepted";
    case "PROCESSING":
      return kind === "hold" ? "the money is held" : "transaction in processing";
    case "SUCCESSFUL":
      return "transaction successful";
    default:
      return code === null ? "transaction failed" : REASONS[code];
  }
}

/** The other wallet. Those of people have numbers; where money comes into being has none. */
function peerOf({ from, to }: TransferRecord, wallet: string): string | null {
  const peer = wallet === from ? to : from;
  return /^\d+$/.test(peer) ? peer : null;
}

/** A transfer as one of its wallets sees it. */
export function viewTransfer(transfer: TransferRecord, wallet: string, scale: number): Transaction {
  const { id, kind, from, amount, asset, captured, memo, reverses, code } = transfer;
  const status = statusOf(transfer);
  const isPayer = wallet === from;
  return {
    walletId: wallet,
    txId: String(id),
    kind,
    status,
    note: noteOf(status, code, kind),
    code,
    amount: formatSigned(isPayer ? -amount : amount, scale),
    capturedAmount: captured === null ? null : formatAmount(captured, scale),
    asset,
    peerId: peerOf(transfer, wallet),
    memo,
    reverses: reverses === null ? null : String(reverses),
    untilMs: kind === "hold" ? dueMs(transfer) : null,
    initiatedAtMs: transfer.initiatedMs,
    finishedAtMs: transfer.finishedMs,
  };
}

/** Some of a wallet's transfers, and where those after them begin. */
export function viewPage({ rows, last }: Page<TransferRecord>, wallet: string, scale: number) {
  return {
    transactions: rows.map((transfer) => viewTransfer(transfer, wallet, scale)),
    cursor: last === undefined ? null : String(last.id),
  };
}

/** What was posted, with what its transfer says about it. */
export function viewEntry(
  { wallet, transfer: id, amount, balanceAfter, atMs }: EntryRecord,
  transfer: TransferRecord | undefined,
  scale: number,
): Entry {
  if (transfer === undefined) throw new Error(`Entry of a transfer that is not there: ${id}.`);
  return {
    txId: String(id),
    amount: formatSigned(amount, scale),
    balanceAfter: formatAmount(balanceAfter, scale),
    kind: transfer.kind,
    peerId: peerOf(transfer, wallet),
    memo: transfer.memo,
    atMs,
  };
}

/** A transfer as whoever has just asked for it is told of it. */
export function viewAccepted(transfer: TransferRecord | undefined) {
  if (transfer === undefined) throw new Error("Every order is of some transfer.");
  return { txId: String(transfer.id), status: statusOf(transfer) };
}

/** What a wallet has; one that its shard does not have yet is being opened. */
export function viewBalance(
  { wallet, asset, scale }: Pick<Listed, "wallet" | "asset" | "scale">,
  record: WalletRecord | undefined,
): Balance {
  const { posted = 0n, held = 0n, minBalance = 0n, state = "opening" } = record ?? {};
  return {
    walletId: wallet,
    asset,
    state,
    posted: formatAmount(posted, scale),
    held: formatAmount(held, scale),
    available: formatAmount(posted - held - minBalance, scale),
    overdraft: formatAmount(-minBalance, scale),
  };
}
