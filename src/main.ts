import { runCli } from "./cli/index.ts";

// Until it has ended: a command that is left waiting for nothing has failed.
process.exitCode = 1;
process.exitCode = await runCli(process.argv.slice(2));
