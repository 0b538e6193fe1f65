/**
 * The inside of a measured process: it answers commands that come over the channel to its parent.
 * What is measured is read in here, because nobody knows the processor time of a process better
 * than itself, and no second program has to run for it.
 */

export type Commands = Readonly<Record<string, (input: never) => unknown>>;

export interface Request {
  readonly id: number;
  readonly command: string;
  readonly input: unknown;
}

export type Reply =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly failure: string };

/** The time on a clock that all processes of a machine share, in microseconds. */
export function nowMicros(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}

/** Processor time of the whole process so far, worker threads included, in microseconds. */
function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** What is resident once everything that nobody needs has been thrown away, in bytes. */
function residentBytes(): number {
  collectGarbage();
  return process.memoryUsage.rss();
}

/** What JavaScript keeps, buffers included, in bytes. */
function keptBytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function collectGarbage(): void {
  if (globalThis.gc === undefined) throw new Error("It was not started with --expose-gc.");
  // The last resort gives empty pages back to the system as well.
  globalThis.gc({ type: "major", execution: "sync", flavor: "last-resort" });
}

const METERS = { cpuMicros, residentBytes, keptBytes };

/** Answers commands until the parent has gone, and then ends. */
export function answerCommands(commands: Commands): void {
  const all = new Map<string, (input: never) => unknown>(
    Object.entries({ ...METERS, ...commands }),
  );
  let ended: Promise<unknown> | undefined;
  const end = () => {
    ended ??= Promise.resolve(commands["end"]?.(undefined as never));
    return ended;
  };
  all.set("end", end);
  const perform = async ({ id, command, input }: Request): Promise<void> => {
    let reply: Reply;
    try {
      const run = all.get(command);
      if (run === undefined) throw new Error(`There is no command ${command}.`);
      reply = { id, answer: await run(input as never) };
    } catch (error) {
      reply = { id, failure: error instanceof Error ? String(error.stack) : String(error) };
    }
    process.send?.(reply);
  };
  process.on("message", (request: Request) => void perform(request));
  // The parent has gone, perhaps without a word: what is held, such as a folder, is given back.
  process.on("disconnect", () => void end().finally(() => process.exit()));
  process.send?.("ready");
}
