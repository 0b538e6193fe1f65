import { defineMethod } from "../../../core/method.ts";
import { assetFixed } from "../errors.ts";
import { saveAsset as save } from "../store/directory.ts";
import { walletWire } from "../types.ts";

export const saveAsset = defineMethod({
  name: "wallet.saveAsset",
  ...walletWire.methods["wallet.saveAsset"],
  summary: "Adds an asset, or gives one another name.",
  access: "operator",
  errors: [assetFixed],
  transaction: "write",
  async handle({ input, tx }) {
    if (!(await save(tx, input))) throw assetFixed();
    return input;
  },
});
