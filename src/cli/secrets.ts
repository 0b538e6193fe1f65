import { systemRandom } from "../adapters/system/random.ts";
import { newSecrets } from "../config/kept-secrets.ts";
import { newToken } from "../core/random.ts";
import type { Command } from "./command.ts";

export const secrets: Command = {
  summary: "print a new SECRET_KEY_BASE, VAULT_KEY and SHARD_SECRET",
  async run() {
    const { secretKeyBase, vaultKey } = newSecrets(systemRandom);
    console.log(`SECRET_KEY_BASE=${secretKeyBase}\nVAULT_KEY=${vaultKey}`);
    console.log(`SHARD_SECRET=${newToken(systemRandom)}`);
  },
};
