import { Plan } from "../../../../src/modules/cinema/types.ts";
import type { HallFile } from "./hall-file.ts";
import { placeWords } from "./plan-places.ts";

/** Something in a file that is not as it must be. */
export interface FileProblem {
  /** Where, in words: `Section “Stalls”, row C, seat C6, x`. */
  readonly where: string;
  readonly message: string;
}

export type ReadFile =
  | { readonly ok: true; readonly file: HallFile }
  | { readonly ok: false; readonly problems: readonly FileProblem[] };

/** The service takes no more. */
export const FILE_BYTES_MAX = 4 * 1024 * 1024;
/** Reads a hall's file: `{name, plan}` as it is exported, or a plan alone. */
export function readHallFile(text: string): ReadFile {
  if (new TextEncoder().encode(text).length > FILE_BYTES_MAX) {
    return refuse("The file", "is larger than 4 MB, which no hall needs.");
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return refuse(...jsonProblem(text, error));
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return refuse("The file", "must hold an object: { … }.");
  }
  const plan: unknown = "plan" in value ? value.plan : value;
  const name = "name" in value && typeof value.name === "string" ? value.name.trim() : "";
  const parsed = Plan.safeParse(plan);
  if (parsed.success) return { ok: true, file: { name, plan: parsed.data } };
  const problems = parsed.error.issues.map(({ path, message }) => ({
    where: placeWords(path, plan),
    message: sentence(message),
  }));
  return { ok: false, problems };
}

function refuse(where: string, message: string): ReadFile {
  return { ok: false, problems: [{ where, message }] };
}

/** Where a text stops being JSON. Engines name the place by offset, by line, or not at all. */
function jsonProblem(text: string, error: unknown): [where: string, message: string] {
  const said = error instanceof Error ? error.message : "";
  const offset = /position (\d+)/.exec(said)?.[1];
  if (offset === undefined) return ["The file", `is not JSON. ${said}`];
  const before = text.slice(0, Number(offset)).split("\n");
  const column = (before.at(-1)?.length ?? 0) + 1;
  return [`Line ${before.length}, column ${column}`, "is not JSON from here on."];
}

function sentence(message: string): string {
  return `${message.charAt(0).toLowerCase()}${message.slice(1)}.`;
}
