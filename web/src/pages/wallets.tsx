import { ListPage } from "./wallets/list.tsx";
import { WalletPage } from "./wallets/wallet.tsx";

/** `#/wallets`, `#/wallets/<number>` and `#/wallets/<number>/statement`. */
export function WalletsPage({ path }: { readonly path: readonly string[] }) {
  const [walletId, tab = "money"] = path;
  if (walletId === undefined) return <ListPage />;
  return <WalletPage key={walletId} walletId={walletId} tab={tab} />;
}
