import { useEffect, useMemo } from "preact/hooks";
import { call } from "../../api.ts";
import { href } from "../../router.ts";
import { nowMs } from "../../ticking.ts";
import { announce, toast } from "../../ui/announce.ts";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Notice, Problem, Skeleton } from "../../ui/feedback.tsx";
import { Icon } from "../../ui/icon.tsx";
import { useLoad } from "../../ui/load.ts";
import { PageTitle } from "../../ui/page-title.tsx";
import { type Transaction, WalletModel } from "../../wallet/wallet-model.ts";
import {
  amountOf,
  isFinal,
  isIncoming,
  movedBy,
  STATE_PILLS,
  titleOf,
} from "../../wallet/words.ts";
import { CloseWallet } from "./close-wallet.tsx";
import { Figures } from "./figures.tsx";
import { Holds } from "./holds.tsx";
import { SendForm } from "./send-form.tsx";
import { Statement } from "./statement.tsx";
import { Transactions } from "./transactions.tsx";
import { WalletNumber } from "./wallet-number.tsx";

const TABS = [
  { id: "money", text: "Money" },
  { id: "statement", text: "Statement" },
] as const;

export function WalletPage(props: { readonly walletId: string; readonly tab: string }) {
  const { walletId } = props;
  const model = useMemo(() => new WalletModel(walletId), [walletId]);
  useEffect(() => {
    model.onChange = tellIncoming;
    model.open();
    return () => model.close();
  }, [model]);
  const names = useLoad(async () => (await call("wallet.list", {})).wallets, "names");
  const name = names.value?.find((wallet) => wallet.walletId === walletId)?.name || "Wallet";
  const balance = model.balance.value;
  useOpening(model, balance?.state === "opening");
  return (
    <div class="page">
      <div>
        <a class="back" href={href("wallets")}>
          <Icon name="back" size={18} /> My wallets
        </a>
        <div class="spread">
          <PageTitle title={name} />
          <nav class="tabs" aria-label="Parts of the wallet">
            {TABS.map(({ id, text }) => (
              <a
                key={id}
                href={id === "money" ? href("wallets", walletId) : href("wallets", walletId, id)}
                aria-current={props.tab === id ? "page" : undefined}
              >
                {text}
              </a>
            ))}
          </nav>
        </div>
      </div>
      <Problem error={model.error.value} retry={() => model.open()} />
      {balance === undefined && model.error.value === undefined && (
        <Skeleton lines={2} shape="card" />
      )}
      {balance !== undefined && (
        <>
          <section class="card wallet-head" aria-label="What is in the wallet">
            <div class="cluster">
              <WalletNumber walletId={walletId} />
              <CopyButton text={walletId} label="Copy the number" />
              <span class={`pill ${STATE_PILLS[balance.state].look}`}>
                {STATE_PILLS[balance.state].text}
              </span>
            </div>
            <Figures balance={balance} isLarge />
          </section>
          {props.tab === "statement" ? (
            <Statement model={model} balance={balance} />
          ) : (
            <Money model={model} />
          )}
        </>
      )}
    </div>
  );
}

function Money({ model }: { readonly model: WalletModel }) {
  const balance = model.balance.value;
  if (balance === undefined) return null;
  return (
    <div class="money">
      <div class="stack">
        {balance.state === "frozen" && (
          <Notice kind="warn">
            <p>This wallet is frozen: it neither pays nor takes. Ask whoever runs Stoa why.</p>
          </Notice>
        )}
        {balance.state === "closed" ? (
          <Notice>
            <p>This wallet is closed for good. Its history stays.</p>
          </Notice>
        ) : (
          <>
            <SendForm model={model} balance={balance} />
            <CloseWallet model={model} balance={balance} />
          </>
        )}
      </div>
      <div class="stack loose">
        <Holds model={model} />
        <Transactions model={model} />
      </div>
    </div>
  );
}

/** What comes in is told wherever one is on the page; what goes out, its form tells. */
function tellIncoming(transaction: Transaction): void {
  const { status, kind, memo, asset } = transaction;
  if (!isIncoming(transaction)) return;
  const what = amountOf({ amount: movedBy(transaction), asset });
  const from = titleOf(transaction).replace(/^\w/, (letter) => letter.toLowerCase());
  const why = memo === null ? "" : `, “${memo}”`;
  if (status === "SUCCESSFUL") toast(`${what} arrived: ${from}${why}.`, "good");
  else if (kind === "hold" && !isFinal(status)) announce(`${what} are held: ${from}${why}.`);
}

/** No push tells that a wallet is open: it is looked at every second until it is. */
function useOpening(model: WalletModel, isOpening: boolean): void {
  const second = isOpening ? nowMs.value : 0;
  useEffect(() => {
    if (isOpening) void model.reread();
  }, [isOpening, second]);
}
