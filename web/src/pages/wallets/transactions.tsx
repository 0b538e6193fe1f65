import { useState } from "preact/hooks";
import { call } from "../../api.ts";
import { decimal, moment } from "../../format.ts";
import { toast } from "../../ui/announce.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Empty, Problem } from "../../ui/feedback.tsx";
import { Icon } from "../../ui/icon.tsx";
import { useAction } from "../../ui/load.ts";
import type { Transaction, WalletModel } from "../../wallet/wallet-model.ts";
import {
  amountOf,
  isFinal,
  isIncoming,
  movedBy,
  pillOf,
  reasonOf,
  titleOf,
} from "../../wallet/words.ts";

export function Transactions({ model }: { readonly model: WalletModel }) {
  const transactions = model.transactions.value;
  const [returning, setReturning] = useState<Transaction>();
  const older = useAction(() => model.loadOlder());
  const returned = new Set(
    transactions
      .filter(({ status }) => status !== "INVALID" && status !== "FAILED")
      .map(({ reverses }) => reverses),
  );
  const canReturn = (one: Transaction) =>
    isIncoming(one) &&
    one.status === "SUCCESSFUL" &&
    one.kind !== "reversal" &&
    one.peerId !== null &&
    model.balance.value?.state === "open" &&
    !returned.has(one.txId);
  return (
    <section class="stack" aria-labelledby="transactions-title">
      <h2 id="transactions-title">Transactions</h2>
      {transactions.length === 0 && (
        <Empty icon="wallet" title="Nothing yet">
          <p>What is sent and received appears here, as it happens.</p>
        </Empty>
      )}
      {transactions.length > 0 && (
        <ul class="desk-rows">
          {transactions.map((one) => (
            <Row
              key={one.txId}
              transaction={one}
              onReturn={canReturn(one) ? () => setReturning(one) : undefined}
            />
          ))}
        </ul>
      )}
      {model.hasOlder.value && (
        <div>
          <Button busy={older.busy} onPress={() => older.run()}>
            Show older ones
          </Button>
        </div>
      )}
      <Problem error={older.error} />
      {returning !== undefined && (
        <ReturnDialog transaction={returning} onClose={() => setReturning(undefined)} />
      )}
    </section>
  );
}

function Row(props: {
  readonly transaction: Transaction;
  readonly onReturn: (() => void) | undefined;
}) {
  const { transaction, onReturn } = props;
  const { status, capturedAmount, memo, kind, asset } = transaction;
  const { text, look } = pillOf(transaction);
  const incoming = isIncoming(transaction);
  const hasFailed = isFinal(status) && status !== "SUCCESSFUL";
  return (
    <li class={hasFailed ? "transaction failed" : "transaction"}>
      <span class={incoming ? "direction in" : "direction"}>
        <Icon name={incoming ? "incoming" : "outgoing"} />
      </span>
      <div class="transaction-what">
        <h3>{titleOf(transaction)}</h3>
        {memo !== null && <p>{memo}</p>}
        <p class="soft small">
          {kind === "hold" && "Hold · "}
          {moment(transaction.initiatedAtMs)} · number {transaction.txId}
        </p>
        {hasFailed && <p class="small reason">{reasonOf(transaction)}</p>}
      </div>
      <div class="transaction-amount">
        <p class="strong">
          {decimal(movedBy(transaction))} <span class="asset">{asset}</span>
        </p>
        {capturedAmount !== null && <p class="soft small">of {amountOf(transaction)} held</p>}
        <span class={`pill ${look}`}>{text}</span>
      </div>
      {onReturn !== undefined && (
        <div class="transaction-do">
          <Button onPress={onReturn}>
            Send back
            <span class="visually-hidden"> {amountOf(transaction)}</span>
          </Button>
        </div>
      )}
    </li>
  );
}

function ReturnDialog(props: { readonly transaction: Transaction; onClose(): void }) {
  const { transaction } = props;
  const { txId, asset } = transaction;
  const what = amountOf({ amount: movedBy(transaction), asset });
  const giveBack = useAction(async () => {
    await call("wallet.reverse", { txId });
    toast(`${what} are on their way back.`, "good");
    props.onClose();
  });
  return (
    <Dialog title="Send this back?" onClose={props.onClose}>
      <p>
        <strong>{what}</strong> return to the wallet they came from. This can be done once.
      </p>
      <Problem error={giveBack.error} />
      <div class="split">
        <Button onPress={props.onClose}>Keep them</Button>
        <Button kind="primary" busy={giveBack.busy} onPress={() => giveBack.run()}>
          Send back
        </Button>
      </div>
    </Dialog>
  );
}
