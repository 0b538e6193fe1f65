import { WAITLIST_GRACE_MS } from "../../../src/modules/cinema/rules/hold.ts";
import type { Intent } from "./intents.ts";
import type { SeatRow } from "./snapshot.ts";

/** Under which circumstances a transaction changed seats. */
export interface Circumstances {
  /** Whose calls it carried out; none when it was the sweeper's. */
  readonly intents: readonly Intent[];
  /** The time it took for the present lies between these two, whatever clock it asked. */
  readonly earliestMs: number;
  readonly latestMs: number;
  /** Whether people waited for seats of the screening. */
  readonly isAwaited: boolean;
}

/**
 * Whether a seat may go from one state to the other. A seat is free, held by somebody or by nobody,
 * booked or blocked:
 *
 * free → held by who asks, → blocked by the operator;
 * held → extended by its holder or with an offer, → booked by its holder while the hold lives,
 * → free or held by nobody when its holder gives it back; when it is over → free or offered by the
 * sweeper, → held by who asks, later if people wait, → blocked by the operator;
 * booked → free or held by nobody when its owner cancels;
 * blocked → free or held by nobody when the operator puts it back.
 *
 * @returns what is wrong, or undefined
 */
export function judgeTransition(
  before: SeatRow | undefined,
  after: SeatRow | undefined,
  circumstances: Circumstances,
): string | undefined {
  const isAllowed = allows(before, after, circumstances);
  if (isAllowed) return undefined;
  const { intents, earliestMs, latestMs } = circumstances;
  const who = intents.map((intent) => `${intent.who} ${intent.method}`).join(", ") || "the sweeper";
  const show = (seat: SeatRow | undefined) => (seat === undefined ? "free" : JSON.stringify(seat));
  return `${who} took a seat from ${show(before)} to ${show(after)} at ${earliestMs}–${latestMs}`;
}

function allows(
  before: SeatRow | undefined,
  after: SeatRow | undefined,
  circumstances: Circumstances,
): boolean {
  const asks = (method: string, accountId: string | null | undefined) =>
    circumstances.intents.some(
      (intent) => intent.method === method && intent.person.accountId === accountId,
    );
  const operates = circumstances.intents.some(({ method }) => method === "blockSeats");
  const isSwept = circumstances.intents.length === 0;
  switch (before?.state) {
    case undefined:
      if (after?.state === "held") return asks("hold", after.accountId);
      return after?.state === "blocked" && operates;
    case "booked":
      return isGivenBack(after) && asks("cancelBooking", before.accountId);
    case "blocked":
      return isGivenBack(after) && operates;
    case "held":
      break;
  }
  const untilMs = before?.untilMs ?? 0;
  const isOver = untilMs <= circumstances.latestMs;
  switch (after?.state) {
    case undefined:
      return (isSwept && isOver) || asks("release", before?.accountId);
    case "blocked":
      return operates && isOver;
    case "booked":
      return (
        after.accountId === before?.accountId &&
        asks("book", after.accountId) &&
        untilMs > circumstances.earliestMs
      );
    case "held":
      break;
  }
  if (after?.accountId === null) return asks("release", before?.accountId);
  if (after?.accountId === before?.accountId) {
    const isAsked = asks("hold", after?.accountId) || asks("extendHold", after?.accountId);
    return (isAsked || isSwept) && (after?.untilMs ?? 0) >= untilMs;
  }
  if (isSwept) return isOver && after?.offered === true;
  const graceMs = circumstances.isAwaited ? WAITLIST_GRACE_MS : 0;
  return asks("hold", after?.accountId) && untilMs <= circumstances.latestMs - graceMs;
}

/** Free, or held by nobody for the line. */
function isGivenBack(seat: SeatRow | undefined): boolean {
  return seat === undefined || (seat.state === "held" && seat.accountId === null);
}
