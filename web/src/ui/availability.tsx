import { count } from "../format.ts";
import type { ScreeningSummary } from "./programme.ts";

/** From this part of free seats on down, few are left. */
const FEW = 0.12;

function availabilityWords(counts: ScreeningSummary["counts"]): string {
  const onSale = counts.free + counts.held + counts.booked;
  if (onSale === 0) return "Not on sale";
  if (counts.free === 0) return counts.held > 0 ? "All held or booked" : "Sold out";
  if (counts.free <= onSale * FEW) return `Last ${count(counts.free, "seat")}`;
  return `${count(counts.free, "seat")} free`;
}

/** How full a screening is, as a bar and in words. */
export function Availability({ counts }: { readonly counts: ScreeningSummary["counts"] }) {
  const onSale = Math.max(1, counts.free + counts.held + counts.booked);
  const booked = (counts.booked / onSale) * 100;
  const taken = ((counts.booked + counts.held) / onSale) * 100;
  const few = counts.free <= onSale * FEW;
  return (
    <span class={few ? "availability few" : "availability"}>
      <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" focusable="false">
        <path class="rail" d="M0 2H100" />
        <path class="held" d={`M0 2H${taken.toFixed(1)}`} />
        <path class="booked" d={`M0 2H${booked.toFixed(1)}`} />
      </svg>
      <span class="small">{availabilityWords(counts)}</span>
    </span>
  );
}
