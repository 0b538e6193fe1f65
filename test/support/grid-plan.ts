import type { Plan } from "../../src/modules/cinema/types.ts";

/** Rows `A`, `B`, … of seats `A1`, `A2`, …, in front of a screen. */
export function gridPlan(rows: number, seatsPerRow: number): Plan {
  const label = (row: number) => String.fromCodePoint("A".codePointAt(0)! + row);
  return {
    screen: { x: 0, y: 0, width: seatsPerRow },
    categories: [{ id: "standard", name: "Standard" }],
    sections: [
      {
        name: "Stalls",
        rows: Array.from({ length: rows }, (_, row) => ({
          label: label(row),
          seats: Array.from({ length: seatsPerRow }, (_, at) => ({
            id: `${label(row)}${at + 1}`,
            x: at - (seatsPerRow - 1) / 2,
            y: row + 3,
            category: "standard",
          })),
        })),
      },
    ],
  };
}
