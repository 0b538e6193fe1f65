import { useState } from "preact/hooks";
import { call, codeOf, type Output, sentence } from "../../../api.ts";
import { toast } from "../../../ui/announce.ts";
import { Button } from "../../../ui/button.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { Loading, Problem } from "../../../ui/feedback.tsx";
import { Field, Select } from "../../../ui/field.tsx";
import { Form } from "../../../ui/form.tsx";
import { type Loaded, useAction } from "../../../ui/load.ts";
import { TableFrame } from "../../../ui/table-frame.tsx";
import { smallest } from "../../../wallet/amounts.ts";

export type Asset = Output<"wallet.assets">["assets"][number];

const SCALE_MAX = 12;
const SCALES = Array.from({ length: SCALE_MAX + 1 }, (_, scale) => ({
  value: String(scale),
  text: scale === 0 ? "None, as in 1" : `${scale}, as in ${smallest(scale)}`,
}));

/** What wallets can keep. */
export function Assets({ assets }: { readonly assets: Loaded<readonly Asset[]> }) {
  const [isDefining, setDefining] = useState(false);
  return (
    <section class="stack" aria-labelledby="assets-title">
      <div class="spread">
        <h2 id="assets-title">Assets</h2>
        <Button icon="plus" onPress={() => setDefining(true)}>
          Define an asset
        </Button>
      </div>
      <Loading of={assets} lines={2} />
      {assets.value !== undefined && (
        <TableFrame label="Assets">
          <table>
            <thead>
              <tr>
                <th scope="col">Code</th>
                <th scope="col">Name</th>
                <th scope="col" class="figure">
                  Smallest amount
                </th>
              </tr>
            </thead>
            <tbody>
              {assets.value.map(({ code, name, scale }) => (
                <tr key={code}>
                  <th scope="row">{code}</th>
                  <td>{name}</td>
                  <td class="figure">{smallest(scale)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableFrame>
      )}
      {isDefining && (
        <AssetDialog
          onClose={() => setDefining(false)}
          onSaved={() => {
            setDefining(false);
            assets.reload();
          }}
        />
      )}
    </section>
  );
}

function AssetDialog(props: { onClose(): void; onSaved(): void }) {
  const [code, setCode] = useState("");
  const [name, setName] = useState("");
  const [scale, setScale] = useState("2");
  const [fixed, setFixed] = useState<string>();
  const save = useAction(async () => {
    setFixed(undefined);
    const asset = { code: code.trim().toUpperCase(), name: name.trim(), scale: Number(scale) };
    try {
      await call("wallet.saveAsset", asset);
    } catch (error) {
      if (codeOf(error) !== "ASSET_FIXED") throw error;
      setFixed(sentence(error));
      return;
    }
    toast(`${asset.name} (${asset.code}) can be kept in wallets.`, "good");
    props.onSaved();
  });
  const { code: codeProblem, name: nameProblem } = save.problems;
  return (
    <Dialog title="Define an asset" onClose={props.onClose}>
      <Form onSubmit={save.run} problem={codeProblem ?? nameProblem ?? fixed}>
        <Field
          label="Code"
          hint="2 to 12 letters and digits, such as EUR or POINTS. Stands beside every amount."
          value={code}
          maxLength={12}
          isFirst
          problem={
            codeProblem && "A code has 2 to 12 letters and digits, and begins with a letter."
          }
          onValue={setCode}
        />
        <Field
          label="Name"
          hint="A code that is there already gets this name."
          value={name}
          maxLength={60}
          problem={nameProblem && "Type a name, such as Euro."}
          onValue={setName}
        />
        <Select
          label="Digits behind the point"
          hint="For ever: amounts are counted in the smallest one."
          value={scale}
          options={SCALES}
          problem={fixed}
          onValue={setScale}
        />
        {Object.keys(save.problems).length === 0 && <Problem error={save.error} />}
        <Button type="submit" kind="primary" wide busy={save.busy}>
          Define it
        </Button>
      </Form>
    </Dialog>
  );
}
