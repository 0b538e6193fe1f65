import { defineMethod } from "../../../core/method.ts";
import { listAssets } from "../store/directory.ts";
import { ASSETS_MAX, walletWire } from "../types.ts";

export const assets = defineMethod({
  name: "wallet.assets",
  ...walletWire.methods["wallet.assets"],
  summary: "What wallets can keep.",
  access: "anyone",
  errors: [],
  transaction: "single",
  async handle({ tx }) {
    return { assets: await listAssets(tx, ASSETS_MAX) };
  },
});
