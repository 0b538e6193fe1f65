import { newSecrets } from "../config/kept-secrets.ts";
import type { Command } from "./command.ts";

export const secrets: Command = {
  summary: "print a new SECRET_KEY_BASE and VAULT_KEY",
  async run() {
    const { secretKeyBase, vaultKey } = newSecrets();
    console.log(`SECRET_KEY_BASE=${secretKeyBase}\nVAULT_KEY=${vaultKey}`);
  },
};
