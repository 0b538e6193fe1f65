import type { Plan, Row } from "../../../../src/modules/cinema/types.ts";

export interface SimplePlan {
  readonly rows: number;
  readonly seatsPerRow: number;
}

const ROW_GAP = 1.2;
const AISLE = 1.2;
/** The front rows cost less in most houses. */
const FRONT_PART = 0.25;

/** A, B, … Z, AA, AB, … */
export function rowLabel(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : rowLabel(Math.floor(index / 26) - 1) + letter;
}

/** Straight rows with an aisle in the middle: a beginning, to be exported and shaped. */
export function simplePlan({ rows, seatsPerRow }: SimplePlan): Plan {
  const half = Math.floor(seatsPerRow / 2);
  const width = seatsPerRow - 1 + AISLE;
  const frontRows = Math.max(1, Math.floor(rows * FRONT_PART));
  const makeRow = (index: number): Row => {
    const label = rowLabel(index);
    return {
      label,
      seats: Array.from({ length: seatsPerRow }, (_, at) => ({
        id: `${label}${at + 1}`,
        x: Number((at - width / 2 + (at >= half ? AISLE : 0)).toFixed(2)),
        y: Number((3 + index * ROW_GAP).toFixed(2)),
        category: index < frontRows ? "front" : "standard",
        ...(at === half - 1 ? { aisleAfter: true } : {}),
      })),
    };
  };
  return {
    screen: { x: 0, y: 0, width: Number((width * 0.8).toFixed(2)) },
    categories:
      rows > frontRows
        ? [
            { id: "front", name: "Front" },
            { id: "standard", name: "Standard" },
          ]
        : [{ id: "front", name: "Front" }],
    sections: [
      { name: "Stalls", rows: Array.from({ length: rows }, (_, index) => makeRow(index)) },
    ],
  };
}
