import type { PlacedRow, PlanIndex } from "./plan-index.ts";
import { svg } from "./svg.ts";

/** Nothing may stand this near to a label. */
const LABEL_REACH = 0.9;

/** What is drawn behind the seats: the screen and its light, the names of rows and sections. */
export function drawBackdrop(index: PlanIndex): SVGGElement {
  const backdrop = svg("g", { class: "backdrop", "aria-hidden": "true" });
  backdrop.append(...drawScreen(index));
  for (const section of index.sections) {
    for (const row of section.rows) backdrop.append(...drawRowLabels(index, row));
  }
  if (index.sections.length > 1) {
    for (const section of index.sections) backdrop.append(...drawSectionName(index, section));
  }
  return backdrop;
}

function drawScreen(index: PlanIndex): SVGElement[] {
  const { x, y, width } = index.screen;
  const half = width / 2;
  const bulge = Math.min(1.1, width * 0.05);
  const depth = Math.min(9, index.bounds.height * 0.5);
  const curve = `Q${x} ${y - bulge} ${x + half} ${y}`;
  const reach = half * 1.35;
  const gradient = svg("radialGradient", {
    id: "screen-light",
    gradientUnits: "userSpaceOnUse",
    cx: 0,
    cy: 0,
    r: 1,
    gradientTransform: `translate(${x} ${y}) scale(${reach} ${depth})`,
  });
  gradient.append(
    svg("stop", { class: "light-near", offset: 0 }),
    svg("stop", { class: "light-far", offset: 1 }),
  );
  const definitions = svg("defs");
  definitions.append(gradient);
  const light = svg("path", {
    d: `M${x - half} ${y}${curve}L${x + reach} ${y + depth}H${x - reach}z`,
    fill: "url(#screen-light)",
  });
  const screen = svg("path", { class: "screen", d: `M${x - half} ${y}${curve}` });
  const name = svg("text", {
    class: "screen-name",
    x,
    y: y - bulge * 0.5 - 0.4,
    "font-size": index.screenNameSize,
  });
  name.textContent = "Screen";
  return [definitions, light, screen, name];
}

function drawRowLabels(index: PlanIndex, row: PlacedRow): SVGElement[] {
  const ends = [
    { seat: row.seats[0], side: -1 },
    { seat: row.seats.at(-1), side: 1 },
  ];
  const labels: SVGElement[] = [];
  for (const { seat, side } of ends) {
    if (seat === undefined) continue;
    const x = seat.x + side * 1.05;
    const beside = index.nearest(x, seat.y, LABEL_REACH);
    if (beside !== undefined && beside.row !== row) continue;
    const label = svg("text", { class: "row-label", x, y: seat.y + 0.17, "data-row-of": seat.id });
    label.textContent = row.label;
    labels.push(label);
  }
  return labels;
}

function drawSectionName(index: PlanIndex, section: PlanIndex["sections"][number]): SVGElement[] {
  const front = section.rows[0]?.seats ?? [];
  const first = front[0];
  const last = front.at(-1);
  if (first === undefined || last === undefined) return [];
  const x = (first.x + last.x) / 2;
  const y = Math.min(...front.map((seat) => seat.y)) - 0.95;
  if (index.nearest(x, y, LABEL_REACH) !== undefined || y < index.screen.y + 0.6) return [];
  const name = svg("text", { class: "section-name", x, y });
  name.textContent = section.name;
  return [name];
}
