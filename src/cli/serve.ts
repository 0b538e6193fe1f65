import { systemRandom } from "../adapters/system/random.ts";
import { startApp } from "../app.ts";
import type { Flags } from "../config/config.ts";
import { loadConfig } from "../config/index.ts";
import { MODULE_NAMES } from "../modules.ts";
import type { Command } from "./command.ts";
import { untilStopSignal } from "./stop-signal.ts";

export const serve: Command = {
  summary: "run the service (the default)",
  async run(flags: Flags) {
    const config = loadConfig(flags, MODULE_NAMES, systemRandom);
    const stopped = untilStopSignal();
    const app = await startApp(config);
    console.log(`Stoa listens at ${app.url}`);
    if (!config.production) {
      console.log(`  the app      ${app.url}/app/`);
      console.log(`  the methods  ${app.url}/docs`);
      if (app.demo) console.log("  sign in as   ada, ben, chloe or olivia (README: Try it)");
    }
    await stopped;
    await app.stop();
  },
};
