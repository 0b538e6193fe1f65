/** Stoa on its embedded database, to be measured. */
import { startBenchApp } from "../support/app.ts";
import { answerCommands } from "../support/commands.ts";

const bench = await startBenchApp();
const { app } = bench;

answerCommands({
  url: () => app.url,
  newStage: bench.newStage,
  newPeople: (count: number) => bench.newPeople(count),
  end: () => bench[Symbol.asyncDispose](),
});
