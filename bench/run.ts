/**
 * `npm run bench`: asks all questions, or those that are named, prints the table of all results
 * there are, and writes it to `bench/results` and to the README.
 */
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { channels } from "./channels.ts";
import { connections } from "./connections.ts";
import { fanOut } from "./fan-out.ts";
import { holds } from "./holds.ts";
import { pipeline } from "./pipeline.ts";
import { stalledReader } from "./stalled-reader.ts";
import { start } from "./start.ts";
import { describeMachine } from "./support/machine.ts";
import type { Question } from "./support/question.ts";
import { type Result, renderTable } from "./support/table.ts";
import { wallet } from "./wallet.ts";
import { walletLatency } from "./wallet-latency.ts";
import { walletScale } from "./wallet-scale.ts";
import { watchers } from "./watchers.ts";

const QUESTIONS: readonly Question[] = [
  pipeline,
  fanOut,
  channels,
  connections,
  holds,
  watchers,
  stalledReader,
  wallet,
  walletLatency,
  walletScale,
  start,
];

const RESULTS = path.join(import.meta.dirname, "results");
const README = path.join(import.meta.dirname, "../README.md");
/** In the README the table stands between these. */
const MARKS = ["<!-- bench: begin -->", "<!-- bench: end -->"] as const;

const isProfiled = process.env["BENCH_PROFILE"] !== undefined;
const asked: Result[] = [];
const names = process.argv.slice(2);
const unknown = names.filter((name) => !QUESTIONS.some((question) => question.name === name));
if (unknown.length > 0) {
  const known = QUESTIONS.map(({ name }) => name).join(", ");
  throw new Error(`There is no question ${unknown.join(", ")}, only ${known}.`);
}
for (const question of QUESTIONS) {
  if (names.length === 0 || names.includes(question.name)) await ask(question);
}
const table = renderTable(isProfiled ? asked : await readResults());
console.log(table);
if (isProfiled) {
  console.log("A profile costs time: the figures above are not kept.");
} else {
  await writeFile(path.join(RESULTS, "table.md"), `# What was measured\n\n${table}\n`);
  await putIntoReadme(table);
}

async function ask({ name, asks, answer }: Question): Promise<void> {
  const machine = describeMachine();
  const startedMs = performance.now();
  console.error(`${name}: ${asks}`);
  const date = new Date().toISOString().slice(0, 10);
  const result: Result = { question: name, asks, date, machine, ...(await answer()) };
  asked.push(result);
  if (!isProfiled) await writeFile(fileOf(name), `${JSON.stringify(result, null, 2)}\n`);
  console.error(`${name}: answered in ${Math.round((performance.now() - startedMs) / 1_000)} s`);
}

function fileOf(name: string): string {
  return path.join(RESULTS, `${name}.json`);
}

async function readResults(): Promise<Result[]> {
  const texts = await Promise.all(
    QUESTIONS.map(({ name }) => readFile(fileOf(name), "utf8").catch(() => undefined)),
  );
  return texts.filter((text) => text !== undefined).map((text) => JSON.parse(text) as Result);
}

async function putIntoReadme(text: string): Promise<void> {
  const readme = await readFile(README, "utf8");
  const [begin, end] = MARKS.map((mark) => readme.indexOf(mark)) as [number, number];
  if (begin < 0 || end < begin) throw new Error(`The README lacks ${MARKS.join(" and ")}.`);
  const before = readme.slice(0, begin + MARKS[0].length);
  await writeFile(README, `${before}\n${text}\n${readme.slice(end)}`);
}
