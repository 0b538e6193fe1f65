import { useState } from "preact/hooks";
import { call, codeOf, sentence } from "../../api.ts";
import { toast } from "../../ui/announce.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Problem } from "../../ui/feedback.tsx";
import { Field, Select } from "../../ui/field.tsx";
import { Form } from "../../ui/form.tsx";
import { useAction, useLoad } from "../../ui/load.ts";
import { FIRST_ASSET } from "../../wallet/amounts.ts";
import { grouped, proposeNumber, readNumber } from "../../wallet/numbers.ts";

/** What another number would mend. */
const IS_OF_NUMBER = new Set(["WALLET_TAKEN", "ASSET_DIFFERS"]);

export function OpenWalletDialog(props: { onClose(): void; onOpened(walletId: string): void }) {
  const assets = useLoad(async () => (await call("wallet.assets", {})).assets, "assets");
  const [name, setName] = useState("");
  const [number, setNumber] = useState(() => grouped(proposeNumber()));
  const [asset, setAsset] = useState(FIRST_ASSET);
  const [problem, setProblem] = useState<string>();
  const open = useAction(async () => {
    const walletId = readNumber(number);
    setProblem(walletId === undefined ? "A number has 1 to 64 digits." : undefined);
    if (walletId === undefined) return;
    try {
      await call("wallet.create", { walletId, asset, name: name.trim() });
    } catch (error) {
      if (!IS_OF_NUMBER.has(codeOf(error) ?? "")) throw error;
      setProblem(sentence(error));
      return;
    }
    toast("The wallet is yours.", "good");
    props.onOpened(walletId);
  });
  const numberProblem = problem ?? open.problems["walletId"];
  return (
    <Dialog title="Open a wallet" onClose={props.onClose}>
      <Form onSubmit={open.run} problem={numberProblem}>
        <Field
          label="Name"
          hint="Only you see it: “Household”, “Travel”. It can be left empty."
          value={name}
          maxLength={60}
          isFirst
          problem={open.problems["name"]}
          onValue={setName}
        />
        <Field
          label="Number"
          hint="Others send money to it. Keep this one, or type a number of your own."
          value={number}
          inputMode="numeric"
          problem={numberProblem}
          onValue={setNumber}
        />
        <Problem error={assets.error} retry={assets.reload} />
        {assets.value !== undefined && assets.value.length > 1 && (
          <Select
            label="Kind of money"
            value={asset}
            options={assets.value.map(({ code, name: text }) => ({
              value: code,
              text: `${text} (${code})`,
            }))}
            onValue={setAsset}
          />
        )}
        {Object.keys(open.problems).length === 0 && <Problem error={open.error} />}
        <div class="cluster">
          <Button type="submit" kind="primary" busy={open.busy}>
            Open it
          </Button>
          <Button onPress={() => setNumber(grouped(proposeNumber()))}>Another number</Button>
        </div>
      </Form>
    </Dialog>
  );
}
