import type { Balance, Status, Transaction } from "../../../src/modules/wallet/types.ts";
import { decimal } from "../format.ts";
import { grouped } from "./numbers.ts";

/** What wallets' states and outcomes are called on the pages. */

type Pill = { readonly text: string; readonly look: "" | "good" | "warn" | "bad" };

const STATUS_PILLS: Readonly<Record<Status, Pill>> = {
  PENDING: { text: "Pending", look: "" },
  PROCESSING: { text: "Processing", look: "warn" },
  SUCCESSFUL: { text: "Successful", look: "good" },
  INVALID: { text: "Refused", look: "bad" },
  FAILED: { text: "Failed", look: "bad" },
};

export const STATE_PILLS: Readonly<Record<Balance["state"], Pill>> = {
  opening: { text: "Opening…", look: "warn" },
  open: { text: "Open", look: "good" },
  frozen: { text: "Frozen", look: "warn" },
  closed: { text: "Closed", look: "" },
};

/** What a wallet's state means for whoever owns it. */
export const STATE_NOTES: Readonly<Record<Balance["state"], string>> = {
  opening: "This wallet is being opened. In a moment it can pay and take.",
  open: "This wallet is open: it pays and takes.",
  frozen: "This wallet is frozen: it neither pays nor takes. Ask whoever runs Stoa why.",
  closed: "This wallet is closed for good. Its history stays.",
};

export function pillOf({ status, kind }: Pick<Transaction, "status" | "kind">): Pill {
  const isHeld = kind === "hold" && status === "PROCESSING";
  return isHeld ? { text: "Held", look: "warn" } : STATUS_PILLS[status];
}

export function isFinal(status: Status): boolean {
  return status !== "PENDING" && status !== "PROCESSING";
}

export function isIncoming({ amount }: Pick<Transaction, "amount">): boolean {
  return amount.startsWith("+");
}

/** `12.50 COIN`, without a sign. */
export function amountOf({ amount, asset }: Pick<Transaction, "amount" | "asset">): string {
  return `${decimal(amount.replace(/^[+-]/, ""))} ${asset}`;
}

/** What has moved, or would have, with its sign: of a hold that was captured in part, that part. */
export function movedBy({
  amount,
  capturedAmount,
}: Pick<Transaction, "amount" | "capturedAmount">): string {
  return capturedAmount === null ? amount : `${amount.charAt(0)}${capturedAmount}`;
}

/** Where it goes or comes from, as a line's title. */
export function titleOf({
  kind,
  amount,
  peerId,
}: Pick<Transaction, "kind" | "amount" | "peerId">): string {
  const incoming = isIncoming({ amount });
  if (peerId === null) return incoming ? "Issued by the house" : "Given back to the house";
  const peer = grouped(peerId);
  if (kind === "reversal") return incoming ? `Sent back by ${peer}` : `Sent back to ${peer}`;
  return incoming ? `From ${peer}` : `To ${peer}`;
}

const REASONS: Readonly<Record<string, string>> = {
  wallet_unknown: "There is no wallet of this number.",
  wallet_closed: "That wallet is closed.",
  asset_differs: "That wallet keeps another kind of money.",
  funds_short: "There is not enough in the wallet for this.",
  balance_full: "That wallet cannot take so much.",
  deadline: "It was not confirmed in time. Nothing was taken; try again.",
  leg_voided: "It was not confirmed in time. Nothing was taken; try again.",
  wallet_frozen: "One of the two wallets is frozen.",
  released: "It was released by who held it.",
  hold_expired: "It was not captured in time.",
};

/** Why a transaction did not happen, as a sentence. */
export function reasonOf({ code, note }: Pick<Transaction, "code" | "note">): string {
  const known = code === null ? undefined : REASONS[code];
  return known ?? `${note.charAt(0).toUpperCase()}${note.slice(1)}.`;
}

/** The field of the form that could be changed about it, if one is. */
export function fieldOf(code: string | null): "to" | "amount" | undefined {
  switch (code) {
    case "wallet_unknown":
    case "wallet_closed":
    case "asset_differs":
      return "to";
    case "funds_short":
    case "balance_full":
      return "amount";
    default:
      return undefined;
  }
}
