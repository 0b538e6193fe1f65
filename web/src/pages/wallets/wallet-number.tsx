import { grouped } from "../../wallet/numbers.ts";

/** A wallet's number in groups, which break over lines when it is long. */
export function WalletNumber({ walletId }: { readonly walletId: string }) {
  return <span class="wallet-number">{grouped(walletId)}</span>;
}
