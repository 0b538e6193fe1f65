import type { Look } from "./live-seats.ts";

/**
 * A category has a colour and a shape, so that it is told apart without colours too. There are six
 * of each; together they last for 36 categories.
 */
const SHAPES = [
  // An arch, like the back of a chair.
  "M-.4 .32V-.04Q-.4-.42 0-.42T.4-.04V.32Q.4 .42 .3 .42H-.3Q-.4 .42-.4 .32z",
  // A circle.
  "M-.42 0A.42 .42 0 1 1 .42 0 .42 .42 0 1 1-.42 0z",
  // A diamond.
  "M-.06-.46Q0-.51 .06-.46L.46-.06Q.51 0 .46 .06L.06 .46Q0 .51-.06 .46L-.46 .06Q-.51 0-.46-.06z",
  // A hexagon.
  "M-.22-.42H.22L.46 0 .22 .42H-.22L-.46 0z",
  // A square.
  "M-.32-.38H.32Q.38-.38 .38-.32V.32Q.38 .38 .32 .38H-.32Q-.38 .38-.38 .32V-.32Q-.38-.38-.32-.38z",
  // A house.
  "M0-.47 .42-.12V.36Q.42 .42 .36 .42H-.36Q-.42 .42-.42 .36V-.12z",
] as const;

const BOOKED = "M-.17 0A.17 .17 0 1 1 .17 0 .17 .17 0 1 1-.17 0z";
const BLOCKED = "M-.24-.24 .24 .24M.24-.24-.24 .24";

export const CHECK = "M-.2 .02-.05 .17 .22-.15";
export const TICKET = "M-.26-.15H.26V.15H-.26zM.06-.15V.15";
export const WHEELCHAIR =
  "M-.06-.26v.01M-.06-.13V.08H.12L.2 .26M-.06-.02H.1M-.13 .02A.16 .16 0 1 0 .07 .22";

export function shapeAt(category: number): string {
  return SHAPES[category % SHAPES.length] ?? SHAPES[0];
}

export function colourAt(category: number): number {
  return (category + Math.floor(category / SHAPES.length)) % SHAPES.length;
}

/** The outline of a seat. Taken ones are drawn apart from free ones by form, not only by colour. */
export function outline(look: Look, category: number): string {
  if (look === "booked") return BOOKED;
  if (look === "blocked") return BLOCKED;
  return shapeAt(category);
}

/** The number in a seat's label, which is what is written on the seat: `12` of `A12`. */
export function numberOf(seatId: string): string {
  return /\d+$/.exec(seatId)?.[0] ?? seatId;
}
