import { systemRandom } from "../adapters/system/random.ts";
import { createOperatorToken } from "../app.ts";
import type { Flags } from "../config/config.ts";
import { loadConfig } from "../config/index.ts";
import { MODULE_NAMES } from "../modules.ts";
import type { Command } from "./command.ts";

export const admin: Command = {
  summary: "print a one-time token that makes the account presenting it an operator",
  async run(flags: Flags) {
    const token = await createOperatorToken(loadConfig(flags, MODULE_NAMES, systemRandom));
    console.log(token);
    console.error(
      "Sign in, open your account page and enter it there. It is good for one day and one account.",
    );
  },
};
