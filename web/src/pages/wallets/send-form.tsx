import { useEffect, useMemo, useState } from "preact/hooks";
import { call, codeOf, sentence } from "../../api.ts";
import { nowMs } from "../../ticking.ts";
import { announce } from "../../ui/announce.ts";
import { Button } from "../../ui/button.tsx";
import { Problem } from "../../ui/feedback.tsx";
import { Check, Field, Select } from "../../ui/field.tsx";
import { Form } from "../../ui/form.tsx";
import { useAction } from "../../ui/load.ts";
import { isZero, readTyped, scaleOf, toMinor } from "../../wallet/amounts.ts";
import { grouped, readNumber } from "../../wallet/numbers.ts";
import { SubmissionKey } from "../../wallet/submission-key.ts";
import type { Balance, WalletModel } from "../../wallet/wallet-model.ts";
import { amountOf, fieldOf, isFinal, reasonOf } from "../../wallet/words.ts";
import { Outcome, outcomeText } from "./outcome.tsx";

type Problems = { readonly to?: string | undefined; readonly amount?: string | undefined };

const HOLD_TIMES = [
  { value: "900", text: "15 minutes" },
  { value: "3600", text: "1 hour" },
  { value: "86400", text: "1 day" },
  { value: "604800", text: "7 days" },
];

/** After so long one may go on without the outcome. */
const PATIENCE_MS = 3_000;

/** Wallets offered to choose from. */
const PEERS_MAX = 10;

/** Nobody knows whether the service got it. */
const LOST = new Set(["TIMEOUT", "DISCONNECTED", "CLOSED"]);

/** Sends money, or sets it aside, and tells live what becomes of it. */
export function SendForm(props: {
  readonly model: WalletModel;
  readonly balance: Balance;
  /** The id of the sentence that says why nothing can be sent; undefined while it can. */
  readonly obstacle: string | undefined;
}) {
  const { model, balance, obstacle } = props;
  const key = useMemo(() => new SubmissionKey(), []);
  const [to, setTo] = useState("");
  const [amount, setAmount] = useState("");
  const [memo, setMemo] = useState("");
  const [isHold, setHold] = useState(false);
  const [seconds, setSeconds] = useState("900");
  const [problems, setProblems] = useState<Problems>({});
  const [accepted, setAccepted] = useState<{ readonly txId: string; readonly atMs: number }>();
  const sent = accepted && model.find(accepted.txId);
  const isWaiting = accepted !== undefined && (sent === undefined || !hasEnded(sent));
  const isSlow = isWaiting && nowMs.value - accepted.atMs > PATIENCE_MS;

  const send = useAction(async () => {
    const read = readForm(to, amount, balance);
    setProblems(read.problems);
    if (read.toId === undefined || read.amount === undefined) return;
    setAccepted(undefined);
    const transfer = {
      fromId: model.walletId,
      toId: read.toId,
      amount: read.amount,
      ...(memo.trim() === "" ? {} : { memo: memo.trim() }),
    };
    const name = { key: key.of({ ...transfer, isHold, seconds }) };
    try {
      const { txId } = isHold
        ? await call("wallet.hold", { ...transfer, ...name, seconds: Number(seconds) })
        : await call("wallet.transfer", { ...transfer, ...name });
      key.answered();
      setAccepted({ txId, atMs: nowMs.peek() });
    } catch (error) {
      const field = FIELD_OF_ERROR[codeOf(error) ?? ""];
      if (field === undefined) throw error;
      setProblems({ [field]: sentence(error) });
    }
  });

  useEffect(() => {
    if (sent === undefined) return;
    announce(outcomeText(sent));
    if (!hasEnded(sent)) return;
    const field = fieldOf(sent.code);
    if (field !== undefined) setProblems({ [field]: reasonOf(sent) });
    if (sent.status !== "SUCCESSFUL" && sent.kind !== "hold") return;
    if (isFinal(sent.status) && sent.status !== "SUCCESSFUL") return;
    setTo("");
    setAmount("");
    setMemo("");
    setProblems({});
  }, [sent?.txId, sent?.status]);

  const problem = problems.to ?? problems.amount ?? send.problems["memo"];
  return (
    <section class="card stack" aria-labelledby="send-title">
      <h2 class="card-title" id="send-title">
        Send money
      </h2>
      <Form onSubmit={send.run} problem={problem}>
        <Field
          label="To wallet number"
          value={to}
          inputMode="numeric"
          suggestions={peersOf(model)}
          problem={problems.to}
          onValue={setTo}
        />
        <Field
          label={`Amount in ${balance.asset}`}
          value={amount}
          inputMode="decimal"
          hint={`Available: ${amountOf({ amount: balance.available, asset: balance.asset })}`}
          problem={problems.amount}
          onValue={setAmount}
        />
        <Field
          label="What for (both see it)"
          value={memo}
          maxLength={140}
          problem={send.problems["memo"]}
          onValue={setMemo}
        />
        <Check label="Only set it aside, and decide later" checked={isHold} onChange={setHold} />
        {isHold && (
          <Select
            label="Held for"
            value={seconds}
            options={HOLD_TIMES}
            hint="Until then you can capture all or a part of it. Then it comes back to you."
            onValue={setSeconds}
          />
        )}
        {send.problems["memo"] === undefined && <Problem error={send.error} />}
        {LOST.has(codeOf(send.error) ?? "") && (
          <p class="soft small">
            It may have arrived all the same. Sending it again unchanged does it once only.
          </p>
        )}
        <Button
          type="submit"
          kind="primary"
          wide
          busy={send.busy || isWaiting}
          disabled={obstacle !== undefined}
          describedBy={obstacle}
        >
          {isHold ? "Set aside" : "Send"}
        </Button>
      </Form>
      {sent !== undefined && <Outcome transaction={sent} />}
      {isSlow && <Slow onLeave={() => setAccepted(undefined)} />}
    </section>
  );
}

function Slow(props: { onLeave(): void }) {
  return (
    <>
      <p class="soft small" role="status">
        It is accepted and takes longer than usual. It goes on by itself, once, whether you wait
        here or not.
      </p>
      <Button kind="quiet" onPress={props.onLeave}>
        Do not wait for it
      </Button>
    </>
  );
}

/** Wallets that one has sent to or received from, the latest first. */
function peersOf(model: WalletModel): { readonly value: string; readonly text: string }[] {
  const known = model.transactions.value.filter(({ code }) => code !== "wallet_unknown");
  const ids = new Set(known.map(({ peerId }) => peerId).filter((id) => id !== null));
  return [...ids].slice(0, PEERS_MAX).map((id) => ({ value: grouped(id), text: grouped(id) }));
}

/** What the service says about a field, by its code. */
const FIELD_OF_ERROR: Readonly<Record<string, "to" | "amount">> = {
  SAME_WALLET: "to",
  AMOUNT_INVALID: "amount",
};

/** For its form a hold has ended well once the money is held. */
function hasEnded({ status, kind }: { readonly status: string; readonly kind: string }): boolean {
  return kind === "hold" ? status !== "PENDING" : status !== "PENDING" && status !== "PROCESSING";
}

function readForm(to: string, amountText: string, balance: Balance) {
  const { asset, available, walletId } = balance;
  const toId = readNumber(to);
  const typed = readTyped(amountText, { asset, scale: scaleOf(available) });
  const problems: { to?: string; amount?: string } = {};
  if (to.trim() === "") problems.to = "Type the number of the wallet it goes to.";
  else if (toId === undefined) problems.to = "A wallet’s number has 1 to 64 digits and no letters.";
  else if (toId === walletId) problems.to = "This is the wallet it would come from.";
  if (typed.problem !== undefined) problems.amount = typed.problem;
  else if (toMinor(typed.amount) > toMinor(available)) problems.amount = tooMuch(balance);
  if (Object.keys(problems).length > 0) return { problems };
  return { problems, toId, amount: typed.amount };
}

function tooMuch({ available, asset, held }: Balance): string {
  const rest = `Only ${amountOf({ amount: available, asset })} can be spent`;
  return isZero(held) ? `${rest}.` : `${rest}; ${amountOf({ amount: held, asset })} are held.`;
}
