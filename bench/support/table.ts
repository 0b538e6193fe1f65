import type { Machine } from "./machine.ts";
import { type Answer, type Figure, isReached, type Row } from "./question.ts";

/** The answer to a question, as it is kept in `bench/results`. */
export interface Result extends Answer {
  readonly question: string;
  readonly asks: string;
  /** The day, as in 2026-11-21. */
  readonly date: string;
  readonly machine: Machine;
}

const HEAD = [
  "| question | ours | the reference in the same run | ratio (middle half) | aim | reached |",
  "| --- | --- | --- | --- | --- | --- |",
];

/** One table of all results, and below it where the figures come from. */
export function renderTable(results: readonly Result[]): string {
  const lines = results.flatMap(({ question, rows }) => rows.map((row) => line(question, row)));
  return [...HEAD, ...lines, "", ...new Set(results.map(origin))].join("\n");
}

function line(question: string, row: Row): string {
  const { what, ours, reference, ratio, aim } = row;
  const reached = isReached(row);
  const cells = [
    `${question}: ${what}`,
    show(ours),
    reference === undefined ? "" : `${show(reference)}, ${reference.name}`,
    ratio === undefined
      ? ""
      : `${digits(ratio.median)} (${digits(ratio.lowerQuartile)}–${digits(ratio.upperQuartile)})`,
    aim === undefined ? "" : "atLeast" in aim ? `≥ ${aim.atLeast}` : `≤ ${aim.atMost}`,
    reached === undefined ? "" : reached ? "yes" : "**no**",
  ];
  return `| ${cells.join(" | ")} |`;
}

function origin({ date, machine, with: more = {} }: Result): string {
  const { cores, processor, memoryGiB, system, node } = machine;
  const others = Object.entries(more).map(([name, version]) => `, ${name} ${version}`);
  const place = `${date}, ${cores} cores of ${processor}, ${memoryGiB} GiB, ${system}`;
  return `${place}, Node ${node}${others.join("")}.`;
}

function show({ value, unit }: Figure): string {
  return `${digits(value)} ${unit}`;
}

/** Three digits that count, and thousands apart. */
function digits(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en-US");
  return value
    .toPrecision(3)
    .replace(/(\.\d*?)0+$/, "$1")
    .replace(/\.$/, "");
}
