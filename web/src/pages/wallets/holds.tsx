import { useState } from "preact/hooks";
import { call } from "../../api.ts";
import { clock, moment } from "../../format.ts";
import { timeLeft } from "../../ticking.ts";
import { toast } from "../../ui/announce.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Problem } from "../../ui/feedback.tsx";
import { Field } from "../../ui/field.tsx";
import { Form } from "../../ui/form.tsx";
import { Icon } from "../../ui/icon.tsx";
import { useAction } from "../../ui/load.ts";
import { fromMinor, readTyped, scaleOf, toMinor } from "../../wallet/amounts.ts";
import type { Transaction, WalletModel } from "../../wallet/wallet-model.ts";
import { amountOf, isFinal, isIncoming, titleOf } from "../../wallet/words.ts";

const HOUR_MS = 3_600_000;

/**
 * Money that is set aside: for others, to be captured or released, and by others for this wallet.
 */
export function Holds({ model }: { readonly model: WalletModel }) {
  const holds = model.transactions.value.filter(
    ({ kind, status }) => kind === "hold" && status === "PROCESSING",
  );
  const [capturing, setCapturing] = useState<Transaction>();
  const release = useAction(async (hold: Transaction) => {
    await call("wallet.release", { txId: hold.txId });
    toast(`${amountOf(hold)} can be spent again.`, "good");
  });
  const isMore = model.hasOlder.value && heldBeyond(model);
  if (holds.length === 0 && !isMore) return null;
  return (
    <section class="stack" aria-labelledby="holds-title">
      <h2 id="holds-title">Held</h2>
      <Problem error={release.error} />
      <ul class="desk-rows">
        {holds.map((hold) => (
          <li key={hold.txId} class="transaction">
            <span class="direction">
              <Icon name="lock" />
            </span>
            <div class="transaction-what">
              <h3>{titleOf(hold)}</h3>
              {hold.memo !== null && <p>{hold.memo}</p>}
              <p class="soft small">
                <Until hold={hold} />
              </p>
            </div>
            <p class="transaction-amount strong">{amountOf(hold)}</p>
            {!isIncoming(hold) && (
              <div class="transaction-do cluster">
                <Button kind="primary" onPress={() => setCapturing(hold)}>
                  Capture
                  <span class="visually-hidden"> {amountOf(hold)}</span>
                </Button>
                <Button busy={release.busy} onPress={() => release.run(hold)}>
                  Release
                  <span class="visually-hidden"> {amountOf(hold)}</span>
                </Button>
              </div>
            )}
          </li>
        ))}
      </ul>
      {isMore && (
        <p class="soft">More is held by older transactions. “Show older ones” brings them here.</p>
      )}
      {capturing !== undefined && (
        <CaptureDialog hold={capturing} onClose={() => setCapturing(undefined)} />
      )}
    </section>
  );
}

/** Whether transactions that are not here hold something, too. */
function heldBeyond({ balance, transactions }: WalletModel): boolean {
  const held = balance.value?.held ?? "0";
  const here = transactions.value
    .filter((one) => !isIncoming(one) && !isFinal(one.status))
    .reduce((sum, { amount }) => sum - toMinor(amount), 0n);
  return toMinor(held) > here;
}

function Until({ hold: { untilMs } }: { readonly hold: Transaction }) {
  if (untilMs === null) return null;
  const leftMs = timeLeft(untilMs);
  if (leftMs > HOUR_MS) return <>Held until {moment(untilMs)}</>;
  return <>Held for {clock(leftMs)} more</>;
}

function CaptureDialog(props: { readonly hold: Transaction; onClose(): void }) {
  const { hold } = props;
  const held = hold.amount.slice(1);
  const scale = scaleOf(held);
  const [text, setText] = useState(held);
  const [problem, setProblem] = useState<string>();
  const capture = useAction(async () => {
    const typed = readTyped(text, { asset: hold.asset, scale });
    const isMore = typed.amount !== undefined && toMinor(typed.amount) > toMinor(held);
    setProblem(isMore ? `No more than ${amountOf(hold)} are held.` : typed.problem);
    if (typed.amount === undefined || isMore) return;
    await call("wallet.capture", { txId: hold.txId, amount: typed.amount });
    toast(`${amountOf({ ...hold, amount: typed.amount })} are captured.`, "good");
    props.onClose();
  });
  const rest = restOf(text, held, hold.asset);
  return (
    <Dialog title="Capture what is held" onClose={props.onClose}>
      <p>{titleOf(hold)}: what you capture is sent, the rest comes back to you.</p>
      <Form onSubmit={capture.run} problem={problem}>
        <Field
          label={`Amount in ${hold.asset}`}
          value={text}
          inputMode="decimal"
          isFirst
          hint={rest === undefined ? `${amountOf(hold)} are held.` : `${rest} come back.`}
          problem={problem}
          onValue={setText}
        />
        <Problem error={capture.error} />
        <Button type="submit" kind="primary" wide busy={capture.busy}>
          Capture
        </Button>
      </Form>
    </Dialog>
  );
}

/** What would come back, when it is something. */
function restOf(text: string, held: string, asset: string): string | undefined {
  const scale = scaleOf(held);
  const { amount } = readTyped(text, { asset, scale });
  if (amount === undefined || toMinor(amount) >= toMinor(held)) return undefined;
  return amountOf({ amount: fromMinor(toMinor(held) - toMinor(amount), scale), asset });
}
