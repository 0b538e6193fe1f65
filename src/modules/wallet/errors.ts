import { z } from "zod";
import { defineError } from "../../core/errors.ts";

export const walletNotFound = defineError({
  code: "WALLET_NOT_FOUND",
  kind: "not_found",
  message: "You have no wallet of this number.",
});
export const walletTaken = defineError({
  code: "WALLET_TAKEN",
  kind: "conflict",
  message: "Somebody else has a wallet of this number. Choose another one.",
});
export const assetDiffers = defineError({
  code: "ASSET_DIFFERS",
  kind: "conflict",
  message: "The wallet of this number keeps another asset. Choose another number, or its asset.",
});
export const walletsFull = defineError({
  code: "WALLETS_FULL",
  kind: "rejected",
  message: "You have as many wallets as one person can have.",
  data: z.strictObject({ max: z.int() }),
});
export const walletUsed = defineError({
  code: "WALLET_USED",
  kind: "conflict",
  message: "There is money in this wallet or on its way. Empty it, then close it.",
});
export const walletClosed = defineError({
  code: "WALLET_CLOSED",
  kind: "conflict",
  message: "This wallet is closed for good.",
});
export const overdraftUsed = defineError({
  code: "OVERDRAFT_USED",
  kind: "conflict",
  message: "More than this has been spent already.",
});
export const assetNotFound = defineError({
  code: "ASSET_NOT_FOUND",
  kind: "not_found",
  message: "There is no such asset.",
});
export const assetFixed = defineError({
  code: "ASSET_FIXED",
  kind: "conflict",
  message: "The scale of an asset cannot be changed: amounts are counted in it.",
});
export const sameWallet = defineError({
  code: "SAME_WALLET",
  kind: "invalid_input",
  message: "Money goes from one wallet to another one.",
});
export const amountInvalid = defineError({
  code: "AMOUNT_INVALID",
  kind: "invalid_input",
  message: "The amount is zero, or has more digits than this asset has.",
  data: z.strictObject({ scale: z.int(), digitsMax: z.int() }),
});
export const keyMismatch = defineError({
  code: "KEY_MISMATCH",
  kind: "rejected",
  message: "This key was used before for another transfer. Use a new key for a new transfer.",
});
export const transactionNotFound = defineError({
  code: "TRANSACTION_NOT_FOUND",
  kind: "not_found",
  message: "None of your wallets has a transaction of this number.",
});
export const holdEnded = defineError({
  code: "HOLD_ENDED",
  kind: "conflict",
  message: "This is no hold, it is not held yet, or it has ended.",
});
export const captureTooLarge = defineError({
  code: "CAPTURE_TOO_LARGE",
  kind: "rejected",
  message: "No more than what is held can be captured.",
});
export const notReversible = defineError({
  code: "NOT_REVERSIBLE",
  kind: "conflict",
  message: "Only a successful transfer can be reversed, once, and only by who has received it.",
});

export const auditRunning = defineError({
  code: "AUDIT_RUNNING",
  kind: "unavailable",
  message: "There is much to add up, and it goes on. Ask again in a moment for the result.",
});
