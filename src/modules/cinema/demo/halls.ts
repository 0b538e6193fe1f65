import type { Category, Plan, Row, Seat } from "../types.ts";

/** Seating plans of different shapes, made by geometry. Lengths in plan units, a seat's width. */

const ROW_DEPTH = 1.25;
const AISLE_WIDTH = 1.3;

const STANDARD: Category = { id: "standard", name: "Standard" };
const FRONT: Category = { id: "front", name: "Front rows" };
const PREMIUM: Category = { id: "premium", name: "Premium" };
const CIRCLE: Category = { id: "circle", name: "Circle" };
const BALCONY: Category = { id: "balcony", name: "Balcony" };

const letter = (at: number) => String.fromCharCode(65 + at);

/** Coordinates to the hundredth are exact enough to draw and short to send. */
const round = (value: number) => Math.round(value * 100) / 100;

/** 78 seats in straight rows, with two places for wheelchairs in front. */
export function studio(): Plan {
  const rows = Array.from({ length: 8 }, (_, r): Row => {
    const count = r === 0 ? 8 : 10;
    const seats = Array.from({ length: count }, (_, i): Seat => {
      const x = round(i - (count - 1) / 2);
      const seat = { id: `${letter(r)}${i + 1}`, x, y: round(4 + r * ROW_DEPTH) };
      return { ...seat, category: r === 7 ? PREMIUM.id : STANDARD.id };
    });
    return { label: letter(r), seats: r === 0 ? withAccessibleEnds(seats) : seats };
  });
  return {
    screen: { x: 0, y: 0, width: 9 },
    categories: [STANDARD, PREMIUM],
    sections: [{ name: "Stalls", rows }],
  };
}

/** 300 seats in straight rows, parted by two aisles. */
export function twoAisles(): Plan {
  const [blocks, perRow] = [[5, 15], 20] as const;
  const width = perRow - 1 + blocks.length * AISLE_WIDTH;
  const rows = Array.from({ length: 15 }, (_, r): Row => {
    const seats = Array.from({ length: perRow }, (_, i): Seat => {
      const aislesBefore = blocks.filter((end) => i >= end).length;
      const isCentre = aislesBefore === 1;
      const category = r < 3 ? FRONT : isCentre && r >= 8 && r < 12 ? PREMIUM : STANDARD;
      return {
        id: `${letter(r)}${i + 1}`,
        x: round(i + aislesBefore * AISLE_WIDTH - width / 2),
        y: round(5 + r * ROW_DEPTH),
        category: category.id,
        ...(blocks.some((end) => i === end - 1) ? { aisleAfter: true } : {}),
      };
    });
    return { label: letter(r), seats: r === 14 ? withAccessibleEnds(seats) : seats };
  });
  return {
    screen: { x: 0, y: 0, width: 18 },
    categories: [FRONT, STANDARD, PREMIUM],
    sections: [{ name: "Stalls", rows }],
  };
}

/** 753 seats in rows that bend around the screen, parted by two aisles. */
export function curved(): Plan {
  const rows = Array.from({ length: 22 }, (_, r): Row => {
    const radius = 26 + r * ROW_DEPTH;
    const category = (at: number) =>
      r < 4 ? FRONT : r >= 11 && r < 16 && Math.abs(at) < 0.22 ? PREMIUM : STANDARD;
    const blocks = [
      { from: -0.46, to: -0.26 },
      { from: -0.22, to: 0.22 },
      { from: 0.26, to: 0.46 },
    ].map(({ from, to }) => arc({ radius, from, to, centreY: -18 }));
    const seats = blocks.flatMap((points, b) =>
      points.map(({ x, y, angle }, i) => ({
        x,
        y,
        category: category(angle).id,
        ...(b < blocks.length - 1 && i === points.length - 1 ? { aisleAfter: true } : {}),
      })),
    );
    const row = seats.map((seat, i): Seat => ({ id: `${letter(r)}${i + 1}`, ...seat }));
    return { label: letter(r), seats: r === 21 ? withAccessibleEnds(row) : row };
  });
  return {
    screen: { x: 0, y: 0, width: 24 },
    categories: [FRONT, STANDARD, PREMIUM],
    sections: [{ name: "Stalls", rows }],
  };
}

interface Tier {
  readonly name: string;
  /** Before each seat's label, so that tiers do not share labels. */
  readonly prefix: string;
  readonly rows: number;
  readonly radius: number;
  readonly category: Category;
  /** How the tier is cut into sections, in radians from the middle. */
  readonly sections: ReadonlyArray<{ name: string; from: number; to: number }>;
}

const THREE = [
  { name: "left", from: -1.02, to: -0.4 },
  { name: "centre", from: -0.36, to: 0.36 },
  { name: "right", from: 0.4, to: 1.02 },
];
const FIVE = [
  { name: "far left", from: -1.02, to: -0.66 },
  { name: "left", from: -0.63, to: -0.23 },
  { name: "centre", from: -0.2, to: 0.2 },
  { name: "right", from: 0.23, to: 0.63 },
  { name: "far right", from: 0.66, to: 1.02 },
];
const TIERS: readonly Tier[] = [
  { name: "Stalls", prefix: "", rows: 19, radius: 17, category: STANDARD, sections: THREE },
  { name: "Circle", prefix: "C-", rows: 10, radius: 42.75, category: CIRCLE, sections: FIVE },
  { name: "Balcony", prefix: "B-", rows: 4, radius: 57.25, category: BALCONY, sections: FIVE },
];

/** An amphitheatre of 2,500 seats: stalls, circle and balcony in arcs around the stage. */
export function arena(): Plan {
  return {
    screen: { x: 0, y: 0, width: 20 },
    focus: { x: 0, y: 22 },
    categories: [STANDARD, PREMIUM, CIRCLE, BALCONY],
    sections: TIERS.flatMap(tierSections),
  };
}

/** Seats are numbered along the whole row, through all sections of the tier. */
function tierSections(tier: Tier): Plan["sections"] {
  const sections = tier.sections.map(({ name }) => ({
    name: `${tier.name} ${name}`,
    rows: [] as Row[],
  }));
  for (let r = 0; r < tier.rows; r += 1) {
    let number = 0;
    for (const [s, { from, to }] of tier.sections.entries()) {
      const isPremium = tier.category === STANDARD && s === 1 && r >= 5 && r < 12;
      const category = isPremium ? PREMIUM : tier.category;
      const points = arc({ radius: tier.radius + r * ROW_DEPTH, from, to, centreY: -9 });
      const seats = points.map(({ x, y }): Seat => {
        number += 1;
        return { id: `${tier.prefix}${letter(r)}${number}`, x, y, category: category.id };
      });
      const isBackOfStalls = tier.category === STANDARD && r === tier.rows - 1;
      sections[s]?.rows.push({
        label: letter(r),
        seats: isBackOfStalls ? withAccessibleEnds(seats) : seats,
      });
    }
  }
  return sections;
}

/** Points a seat apart on an arc around the middle of the screen, from left to right. */
function arc({
  radius,
  from,
  to,
  centreY,
}: {
  radius: number;
  from: number;
  to: number;
  centreY: number;
}): Array<{ x: number; y: number; angle: number }> {
  const count = Math.floor((to - from) * radius) + 1;
  const step = 1 / radius;
  const first = (from + to) / 2 - ((count - 1) * step) / 2;
  return Array.from({ length: count }, (_, i) => {
    const angle = first + i * step;
    return {
      x: round(radius * Math.sin(angle)),
      y: round(centreY + radius * Math.cos(angle)),
      angle,
    };
  });
}

/** A place for a wheelchair at each end of the row, and one for a companion beside it. */
function withAccessibleEnds(seats: readonly Seat[]): Seat[] {
  const last = seats.length - 1;
  return seats.map((seat, i) => ({
    ...seat,
    ...(i === 0 || i === last ? { accessible: true } : {}),
    ...(i === 1 || i === last - 1 ? { companion: true } : {}),
  }));
}
