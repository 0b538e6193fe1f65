import { useEffect, useMemo, useRef } from "preact/hooks";
import { call } from "../../api.ts";
import { href } from "../../router.ts";
import { announce, toast } from "../../ui/announce.ts";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Notice, Problem, Skeleton } from "../../ui/feedback.tsx";
import { Icon } from "../../ui/icon.tsx";
import { useLoad } from "../../ui/load.ts";
import { PageTitle } from "../../ui/page-title.tsx";
import { type Balance, type Transaction, WalletModel } from "../../wallet/wallet-model.ts";
import {
  amountOf,
  isFinal,
  isIncoming,
  movedBy,
  STATE_NOTES,
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

/** Names the sentence that says why the wallet cannot send. */
const STATE_NOTE = "state-note";

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
  useStateNews(balance?.state);
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
        {balance.state !== "open" && (
          <Notice kind={balance.state === "frozen" ? "warn" : "plain"}>
            <p id={STATE_NOTE}>{STATE_NOTES[balance.state]}</p>
          </Notice>
        )}
        {balance.state !== "closed" && (
          <>
            <SendForm
              model={model}
              balance={balance}
              obstacle={balance.state === "open" ? undefined : STATE_NOTE}
            />
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

/** Tells that the wallet is in another state than it was. */
function useStateNews(state: Balance["state"] | undefined): void {
  const known = useRef(state);
  useEffect(() => {
    if (state !== undefined && known.current !== undefined) announce(STATE_NOTES[state]);
    known.current = state;
  }, [state]);
}
