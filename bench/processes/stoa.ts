/** Stoa, to be measured. Argument: the URL of its database, or none for the embedded one. */
import { startBenchApp } from "../support/app.ts";
import { answerCommands } from "../support/commands.ts";
import { pushInRhythm, type Rhythm } from "../support/pushing.ts";

const [databaseUrl] = process.argv.slice(2);
const bench = await startBenchApp(databaseUrl);
const { app } = bench;
const offsets = new Map<string, number>();

interface Pushing {
  readonly rhythm: Rhythm;
  readonly topic: string;
  readonly type: string;
  readonly data: Record<string, unknown>;
}

/** Hands events to their followers as if they had just been committed. */
function push({ rhythm, topic, type, data }: Pushing) {
  return pushInRhythm(() => {
    const offset = (offsets.get(topic) ?? 0) + 1;
    offsets.set(topic, offset);
    app.streams.publish([{ topic, type, offset, data }]);
  }, rhythm);
}

answerCommands({
  url: () => app.url,
  newStage: bench.newStage,
  newPeople: (count: number) => bench.newPeople(count),
  push,
  end: () => bench[Symbol.asyncDispose](),
});
