import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import { call, codeOf, sentence } from "../../../api.ts";
import { toast } from "../../../ui/announce.ts";
import { Button } from "../../../ui/button.tsx";
import { Problem } from "../../../ui/feedback.tsx";
import { Field, Select } from "../../../ui/field.tsx";
import { Form } from "../../../ui/form.tsx";
import { useAction } from "../../../ui/load.ts";
import { FIRST_ASSET, readDecimal, readTyped } from "../../../wallet/amounts.ts";
import { grouped, readNumber } from "../../../wallet/numbers.ts";
import { SubmissionKey } from "../../../wallet/submission-key.ts";
import { amountOf } from "../../../wallet/words.ts";
import type { Asset } from "./assets.tsx";

type FieldName = "number" | "asset" | "amount" | "overdraft";

/** What the service says about a field, by its code. */
function fieldOfError(error: unknown, amount: FieldName): FieldName | undefined {
  switch (codeOf(error)) {
    case "WALLET_NOT_FOUND":
    case "WALLET_CLOSED":
      return "number";
    case "ASSET_DIFFERS":
      return "asset";
    case "AMOUNT_INVALID":
    case "OVERDRAFT_USED":
      return amount;
    default:
      return undefined;
  }
}

/** Whoever it belongs to: what operators can do with one wallet. */
export function OneWallet({ assets }: { readonly assets: readonly Asset[] }) {
  const [number, setNumber] = useState("");
  const [problem, setProblem] = useState<{ field: FieldName; text: string }>();
  const problemOf = (field: FieldName) => (problem?.field === field ? problem.text : undefined);

  /** Does something with the wallet of the number; a field that is wrong is told so. */
  async function withWallet(amount: FieldName, act: (walletId: string) => Promise<void>) {
    setProblem(undefined);
    const walletId = readNumber(number);
    if (walletId === undefined) {
      setProblem({ field: "number", text: "Type the number of the wallet." });
      return;
    }
    try {
      await act(walletId);
    } catch (error) {
      const field = fieldOfError(error, amount);
      if (field === undefined) throw error;
      const isMissing = codeOf(error) === "WALLET_NOT_FOUND";
      setProblem({
        field,
        text: isMissing ? "There is no wallet of this number." : sentence(error),
      });
    }
  }

  const wrongAmount = (field: FieldName, text: string) => setProblem({ field, text });
  return (
    <section class="card stack" aria-labelledby="one-title">
      <h2 class="card-title" id="one-title">
        A wallet
      </h2>
      <Issue
        assets={assets}
        problem={problemOf("amount")}
        assetProblem={problemOf("asset")}
        numberProblem={problemOf("number")}
        {...{ withWallet, wrongAmount }}
      >
        <Field
          label="Wallet number"
          value={number}
          inputMode="numeric"
          problem={problemOf("number")}
          onValue={setNumber}
        />
      </Issue>
      <Freeze {...{ withWallet }} />
      <Overdraft problem={problemOf("overdraft")} {...{ withWallet, wrongAmount }} />
    </section>
  );
}

interface PartProps {
  readonly problem: string | undefined;
  withWallet(amount: FieldName, act: (walletId: string) => Promise<void>): Promise<void>;
  wrongAmount(field: FieldName, text: string): void;
}

function Issue(
  props: PartProps & {
    readonly assets: readonly Asset[];
    readonly assetProblem: string | undefined;
    readonly numberProblem: string | undefined;
    /** The field of the wallet's number, which is the first of this form. */
    readonly children: ComponentChildren;
  },
) {
  const { assets, problem, assetProblem, numberProblem, withWallet, wrongAmount } = props;
  const key = useMemo(() => new SubmissionKey(), []);
  const [code, setCode] = useState(FIRST_ASSET);
  const [amount, setAmount] = useState("");
  const [memo, setMemo] = useState("");
  const issue = useAction(() =>
    withWallet("amount", async (toId) => {
      const scale = assets.find((one) => one.code === code)?.scale ?? 0;
      const typed = readTyped(amount, { asset: code, scale });
      if (typed.amount === undefined) return wrongAmount("amount", typed.problem);
      const counted = { amount: typed.amount, asset: code };
      const what = { toId, ...counted, ...(memo.trim() === "" ? {} : { memo: memo.trim() }) };
      const { txId } = await call("wallet.issue", { ...what, key: key.of(what) });
      key.answered();
      setAmount("");
      setMemo("");
      toast(`${amountOf(counted)} issued to ${grouped(toId)}: transaction ${txId}.`, "good");
    }),
  );
  return (
    <Form problem={numberProblem ?? assetProblem ?? problem} onSubmit={issue.run}>
      {props.children}
      <h3>Issue money</h3>
      <Select
        label="Asset"
        value={code}
        options={assets.map((one) => ({ value: one.code, text: `${one.name} (${one.code})` }))}
        problem={assetProblem}
        onValue={setCode}
      />
      <Field
        label={`Amount in ${code}`}
        value={amount}
        inputMode="decimal"
        problem={problem ?? issue.problems["amount"]}
        onValue={setAmount}
      />
      <Field
        label="What for"
        value={memo}
        maxLength={140}
        problem={issue.problems["memo"]}
        onValue={setMemo}
      />
      {Object.keys(issue.problems).length === 0 && <Problem error={issue.error} />}
      <Button type="submit" kind="primary" busy={issue.busy}>
        Issue
      </Button>
    </Form>
  );
}

function Freeze({ withWallet }: Pick<PartProps, "withWallet">) {
  const freeze = useAction((frozen: boolean) =>
    withWallet("number", async (walletId) => {
      await call("wallet.freeze", { walletId, frozen });
      toast(`${grouped(walletId)} ${frozen ? "is frozen" : "pays and takes again"}.`, "good");
    }),
  );
  return (
    <div class="stack">
      <h3>Freeze</h3>
      <p class="soft small">A frozen wallet neither pays nor takes.</p>
      <Problem error={freeze.error} />
      <div class="split">
        <Button kind="danger" busy={freeze.busy} onPress={() => freeze.run(true)}>
          Freeze
        </Button>
        <Button busy={freeze.busy} onPress={() => freeze.run(false)}>
          Unfreeze
        </Button>
      </div>
    </div>
  );
}

function Overdraft({ problem, withWallet, wrongAmount }: PartProps) {
  const [overdraft, setOverdraft] = useState("");
  const set = useAction(() =>
    withWallet("overdraft", async (walletId) => {
      const decimal = readDecimal(overdraft);
      if (decimal === undefined) {
        return wrongAmount("overdraft", "Type an amount in digits, such as 12.50.");
      }
      await call("wallet.setOverdraft", { walletId, overdraft: decimal });
      toast(`${grouped(walletId)} may go ${decimal} below zero.`, "good");
    }),
  );
  return (
    <Form problem={problem} onSubmit={set.run}>
      <h3>Overdraft</h3>
      <Field
        label="How far below zero it may go"
        hint="0 for not at all."
        value={overdraft}
        inputMode="decimal"
        problem={problem ?? set.problems["overdraft"]}
        onValue={setOverdraft}
      />
      <Problem error={set.error} />
      <Button type="submit" busy={set.busy}>
        Set the overdraft
      </Button>
    </Form>
  );
}
