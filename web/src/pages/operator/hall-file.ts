import type { Plan } from "../../../../src/modules/cinema/types.ts";

/** A hall as a file: what is exported, and what is taken back. */
export interface HallFile {
  readonly name: string;
  readonly plan: Plan;
}

/** The file of a hall, as people can read and edit it: a seat a line. */
export function writeHallFile({ name, plan }: HallFile): string {
  const text = JSON.stringify({ name, plan }, null, 2);
  // A seat is short; on one line it can be compared with its neighbours.
  return text.replaceAll(/\{\n\s+"id": "[^{}]*?\n\s+\}/g, (seat) =>
    seat.includes('"x"') ? seat.replaceAll(/\n\s+/g, " ") : seat,
  );
}
