import { Notice } from "../../ui/feedback.tsx";
import { grouped } from "../../wallet/numbers.ts";
import type { Transaction } from "../../wallet/wallet-model.ts";
import { amountOf, reasonOf } from "../../wallet/words.ts";

/** What became of a transfer so far, as a sentence. */
export function outcomeText(transaction: Transaction): string {
  const { status, kind, peerId } = transaction;
  const what = amountOf(transaction);
  const to = peerId === null ? "the house" : grouped(peerId);
  switch (status) {
    case "PENDING":
      return `${what} to ${to}: accepted, on its way.`;
    case "PROCESSING":
      return kind === "hold" ? `${what} are set aside for ${to}.` : `${what} to ${to}: on its way.`;
    case "SUCCESSFUL":
      return `${what} have arrived at ${to}.`;
    default:
      return `${what} to ${to} were not sent. ${reasonOf(transaction)}`;
  }
}

const KINDS = {
  PENDING: "plain",
  PROCESSING: "plain",
  SUCCESSFUL: "good",
  INVALID: "bad",
  FAILED: "bad",
} as const;

export function Outcome({ transaction }: { readonly transaction: Transaction }) {
  const { status, kind, txId } = transaction;
  const look = kind === "hold" && status === "PROCESSING" ? "good" : KINDS[status];
  return (
    <Notice kind={look}>
      <p>{outcomeText(transaction)}</p>
      <p class="small">Transaction {txId}</p>
    </Notice>
  );
}
