import type { Tx } from "../../../core/database.ts";
import { listTakenSeats } from "../store/seats.ts";
import type { SeatMap, SeatState } from "../types.ts";
import type { Tags } from "./tags.ts";

/**
 * The seats that are not free, as they are recorded: a hold that is over stays in the map until it
 * is swept or taken over, as it does in the maps of those who watch.
 */
export async function readSeatMap(tx: Tx, screeningId: string, tags: Tags): Promise<SeatMap> {
  const known = new Map<string, string>();
  const tagOf = (accountId: string) => {
    const tag = known.get(accountId) ?? tags.of(accountId, screeningId);
    known.set(accountId, tag);
    return tag;
  };
  const seats = await listTakenSeats(tx, screeningId);
  return Object.fromEntries(
    seats.map(({ seatId, state, accountId, untilMs }): [string, SeatState] => [
      seatId,
      {
        state,
        ...(accountId === null ? {} : { by: tagOf(accountId) }),
        ...(untilMs === null ? {} : { untilMs }),
      },
    ]),
  );
}
