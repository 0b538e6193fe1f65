import type { Booking, Hold } from "../../../src/modules/cinema/types.ts";
import type { Commit, Intent } from "./intents.ts";
import { canonical } from "./replay.ts";
import type { SeatRow, Tables } from "./snapshot.ts";

/** Methods whose effect is seen by the answer that its transaction stores. */
export const WRITING = new Set([
  "hold",
  "extendHold",
  "release",
  "book",
  "cancelBooking",
  "joinWaitlist",
  "leaveWaitlist",
  "blockSeats",
  "saveCinema",
  "saveHall",
  "saveScreening",
]);

/**
 * Holds what a person was told against what happened: what was acknowledged is in the history,
 * what was refused is not, and the answer tells what the transaction did.
 *
 * @returns what is wrong
 */
export function judgeOutcome(intent: Intent): string | undefined {
  const { outcome, commits, method, who } = intent;
  const commit = commits.at(-1);
  if (outcome === undefined || outcome.kind === "unknown") return undefined;
  if (outcome.kind === "error") {
    // A repeat that was on its way when the first attempt got through is another matter.
    const isKnown = commits.some(({ atMs }) => atMs < outcome.attemptAtMs);
    return isKnown
      ? `${who} was refused ${method} with ${outcome.code}, and it happened`
      : undefined;
  }
  if (!WRITING.has(method)) return undefined;
  if (commit === undefined) return `${who} was told that ${method} happened, and it did not`;
  const wrong = judgeAnswer(intent, outcome.answer, commit);
  return wrong && `${who} ${method} ${canonical(intent.input)}: ${wrong}`;
}

function judgeAnswer(
  { method, input, person: { accountId } }: Intent,
  answer: unknown,
  commit: Commit,
): string | undefined {
  switch (method) {
    case "hold":
    case "extendHold":
      return judgeHold(answer as Hold, accountId, input["seatIds"], commit);
    case "book":
    case "cancelBooking":
      return judgeBooking(answer as Booking, accountId, commit.after);
    case "release": {
      const { released } = answer as { released: string[] };
      const gone = changed(commit, (was, is) => was?.accountId === accountId && was !== is);
      return same(released, gone) ? undefined : `it says ${released}, and did ${gone}`;
    }
    case "blockSeats": {
      const { changed: told } = answer as { changed: string[] };
      const done = changed(commit, (was, is) => was?.state !== is?.state);
      return same(told, done) ? undefined : `it says ${told}, and did ${done}`;
    }
    default:
      return undefined;
  }
}

function judgeHold(
  hold: Hold,
  accountId: string,
  asked: unknown,
  { after }: Commit,
): string | undefined {
  const held = after.seats.filter(
    (seat) =>
      seat.screeningId === hold.screeningId &&
      seat.accountId === accountId &&
      seat.state === "held" &&
      // When clocks were set back, a hold that was over lives on beside a later one: what counts
      // is that nobody is promised more than is recorded.
      (seat.untilMs ?? 0) >= hold.untilMs,
  );
  const seatIds = held.map(({ seatId }) => seatId);
  if (!same(hold.seatIds, seatIds)) return `it says ${hold.seatIds}, and there are ${seatIds}`;
  const missing = ((asked ?? []) as string[]).filter((seatId) => !seatIds.includes(seatId));
  return missing.length === 0 ? undefined : `${missing} are not among them`;
}

function judgeBooking(booking: Booking, accountId: string, after: Tables): string | undefined {
  const row = after.bookings.find(({ id }) => id === booking.id);
  if (row === undefined) return `there is no booking ${booking.id}`;
  const { status, seatIds } = booking;
  const isSame = row.status === status && row.accountId === accountId && same(row.seatIds, seatIds);
  return isSame ? undefined : `it says ${canonical(booking)}, and there is ${canonical(row)}`;
}

/** The seats whose rows before and after are so. */
function changed(
  { before, after }: Commit,
  isSo: (was: SeatRow | undefined, is: SeatRow | undefined) => boolean,
): string[] {
  const placeOf = ({ screeningId, seatId }: SeatRow) => `${screeningId} ${seatId}`;
  const earlier = new Map(before.seats.map((seat) => [placeOf(seat), seat]));
  const later = new Map(after.seats.map((seat) => [placeOf(seat), seat]));
  return [...new Set([...earlier.keys(), ...later.keys()])]
    .map((place) => [earlier.get(place), later.get(place)] as const)
    .filter(([was, is]) => canonical(was ?? null) !== canonical(is ?? null) && isSo(was, is))
    .map(([was, is]) => (was ?? is)?.seatId ?? "");
}

function same(some: readonly string[], others: readonly string[]): boolean {
  return canonical([...some].sort()) === canonical([...others].sort());
}
