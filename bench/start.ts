import path from "node:path";
import { type Audience, stoaAudience } from "./support/audience.ts";
import { type Clone, cloneRepository } from "./support/clone.ts";
import { startMeasured } from "./support/measured.ts";
import { createBenchDatabase } from "./support/postgres.ts";
import type { Answer, Question, Row } from "./support/question.ts";

const SOCKETS = 1_000;
const MIB = 1_024 * 1_024;
/** What an operator's supervisor starts. */
const SERVE = [path.join("node_modules", ".bin", "node"), "bin/stoa.mjs", "serve"] as const;

export const start: Question = {
  name: "start",
  asks: "how long from a clean clone to the first answer, and how much memory does it take?",
  answer,
};

async function answer(): Promise<Answer> {
  await using clone = await cloneRepository();
  const seconds = (what: string, ms: number): Row => ({
    what,
    ours: { value: ms / 1_000, unit: "s" },
  });
  const install = seconds("`npm ci` in a clean clone", await clone.run("npm", "ci"));
  const first = await measureStart(clone, "first", ["npm", "start"]);
  // The first start has left a template of the database.
  const empty = await measureStart(clone, "second", SERVE);
  const filled = await measureStart(clone, "second", SERVE);
  await using database = await createBenchDatabase();
  return {
    rows: [
      install,
      seconds("then `npm start` until the first answer, the web app built", first.answeredMs),
      seconds("until ready on an empty data folder, once there was a first start", empty.readyMs),
      seconds("until ready on a filled data folder", filled.readyMs),
      ...(await measureMemory("on PostgreSQL", () => stoaAudience(database.url))),
      ...(await measureMemory("with the embedded database", () => stoaAudience())),
    ],
    with: { PostgreSQL: database.version },
  };
}

async function measureStart(clone: Clone, folder: string, command: readonly string[]) {
  const [program = "", ...args] = command;
  await using started = await clone.start(clone.dataFolder(folder), program, ...args);
  return { readyMs: started.readyMs, answeredMs: started.answeredMs };
}

async function measureMemory(where: string, open: () => Promise<Audience>): Promise<Row[]> {
  await using audience = await open();
  await using listeners = await startMeasured("listeners.ts");
  const row = async (what: string): Promise<Row> => {
    const ours = { value: (await audience.server.residentBytes()) / MIB, unit: "MiB" };
    return { what: `resident memory ${where}, ${what}`, ours };
  };
  const idle = await row("idle");
  await audience.open(listeners, "all", SOCKETS);
  return [idle, await row("with 1,000 sockets")];
}
