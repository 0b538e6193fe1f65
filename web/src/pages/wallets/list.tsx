import { useEffect, useState } from "preact/hooks";
import { call, type Output, subscribe } from "../../api.ts";
import { href, navigate } from "../../router.ts";
import { Button } from "../../ui/button.tsx";
import { Empty, Loading } from "../../ui/feedback.tsx";
import { useLoad, useNews } from "../../ui/load.ts";
import { PageTitle } from "../../ui/page-title.tsx";
import { STATE_PILLS } from "../../wallet/words.ts";
import { Figures } from "./figures.tsx";
import { OpenWalletDialog } from "./open-wallet-dialog.tsx";
import { WalletNumber } from "./wallet-number.tsx";

type Wallet = Output<"wallet.list">["wallets"][number];

/** Wallets that are live on this page; each of them is a subscription. */
const LIVE_MAX = 20;

export function ListPage() {
  const wallets = useLoad(async () => (await call("wallet.list", {})).wallets, "wallets");
  useNews(wallets, useWalletNews(wallets.value ?? []));
  const [isOpening, setOpening] = useState(false);
  return (
    <div class="page">
      <div class="spread">
        <PageTitle title="My wallets" />
        {wallets.value !== undefined && wallets.value.length > 0 && (
          <Button icon="plus" kind="primary" onPress={() => setOpening(true)}>
            Open a wallet
          </Button>
        )}
      </div>
      <Loading of={wallets} lines={2} shape="card" />
      {wallets.value?.length === 0 && (
        <Empty icon="wallet" title="No wallet yet">
          <p>
            A wallet holds money and has a number, by which others send to it. Open one, and you can
            send and receive at once.
          </p>
          <Button icon="plus" kind="primary" onPress={() => setOpening(true)}>
            Open a wallet
          </Button>
        </Empty>
      )}
      <ul class="wallets">
        {wallets.value?.map((wallet) => (
          <WalletCard key={wallet.walletId} wallet={wallet} />
        ))}
      </ul>
      {isOpening && (
        <OpenWalletDialog
          onClose={() => setOpening(false)}
          onOpened={(walletId) => navigate(href("wallets", walletId))}
        />
      )}
    </div>
  );
}

function WalletCard({ wallet }: { readonly wallet: Wallet }) {
  const { text, look } = STATE_PILLS[wallet.state];
  return (
    <li class="card wallet-card">
      <div class="spread">
        <h2 class="card-title">
          <a href={href("wallets", wallet.walletId)}>{wallet.name || "Wallet"}</a>
        </h2>
        <span class={`pill ${look}`}>{text}</span>
      </div>
      <p class="soft">
        <WalletNumber walletId={wallet.walletId} />
      </p>
      <Figures balance={wallet} />
    </li>
  );
}

/** Grows whenever something has happened in one of the wallets. */
function useWalletNews(wallets: readonly Wallet[]): number {
  const [news, setNews] = useState(0);
  const live = wallets.slice(0, LIVE_MAX).map(({ walletId }) => walletId);
  const key = live.join();
  useEffect(() => {
    const grow = () => setNews((before) => before + 1);
    const ends = live.map((walletId) =>
      subscribe(
        "wallet.subscribe",
        { walletId },
        // The list was read before the subscription began, which is one moment too early.
        { onState: grow, onEvent: grow, onError: () => {} },
      ),
    );
    return () => {
      for (const end of ends) end();
    };
  }, [key]);
  return news;
}
