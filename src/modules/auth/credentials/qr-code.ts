import { encode } from "uqr";

/** White modules around the code, as ISO/IEC 18004 asks for. */
const QUIET_ZONE = 4;

/** A text as a QR code, an SVG picture in a data URL: sharp at every size. */
export function qrCodeUrl(text: string): string {
  const { data, size } = encode(text, { ecc: "M", border: QUIET_ZONE });
  const runs = data.flatMap((row, y) =>
    blackRuns(row).map(({ x, length }) => `M${x} ${y}h${length}`),
  );
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" ` +
    `shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${size}v${size}H0z"/>` +
    `<path stroke="#000" transform="translate(0 .5)" d="${runs.join("")}"/></svg>`;
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`;
}

function blackRuns(row: readonly boolean[]): Array<{ x: number; length: number }> {
  const runs: Array<{ x: number; length: number }> = [];
  for (let x = 0; x < row.length; x += 1) {
    if (!row[x]) continue;
    const start = x;
    while (row[x + 1]) x += 1;
    runs.push({ x: start, length: x - start + 1 });
  }
  return runs;
}
