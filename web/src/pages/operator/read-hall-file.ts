import { Plan } from "../../../../src/modules/cinema/types.ts";
import type { HallFile } from "./hall-file.ts";
import { jsonPlace } from "./json-place.ts";
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
  } catch {
    const place = jsonPlace(text);
    const where = place === undefined ? "The file" : `Line ${place.line}, column ${place.column}`;
    return refuse(where, "here the text stops being JSON.");
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

function sentence(message: string): string {
  return `${message.charAt(0).toLowerCase()}${message.slice(1)}.`;
}
