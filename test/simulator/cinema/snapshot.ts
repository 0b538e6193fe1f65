import type { SqlSession } from "../engine/sql-session.ts";

/** A row of `cinema_taken_seats`. */
export interface SeatRow {
  readonly screeningId: string;
  readonly seatId: string;
  readonly state: "held" | "booked" | "blocked";
  readonly accountId: string | null;
  readonly bookingId: string | null;
  readonly untilMs: number | null;
  readonly extendableUntilMs: number | null;
  readonly offered: boolean;
}

/** A row of `cinema_bookings`. */
export interface BookingRow {
  readonly id: string;
  readonly screeningId: string;
  readonly accountId: string;
  readonly status: "booked" | "cancelled";
  readonly seatIds: readonly string[];
}

/** A row of `cinema_waitings`. */
export interface WaitingRow {
  readonly screeningId: string;
  readonly accountId: string;
  readonly count: number;
}

export interface RecordedEvent {
  readonly topic: string;
  readonly offset: number;
  readonly type: string;
  readonly data: object;
}

/** All that the rules speak of. */
export interface Tables {
  readonly seats: readonly SeatRow[];
  readonly bookings: readonly BookingRow[];
  /** In the order of the line. */
  readonly line: readonly WaitingRow[];
}

export const EMPTY_TABLES: Tables = { seats: [], bookings: [], line: [] };

/** What a transaction leaves: its events, its answers, and the tables as they are after it. */
export interface Snapshot {
  readonly events: readonly RecordedEvent[];
  /** Keys under which the transaction stored answers. */
  readonly repeatKeys: readonly string[];
  /** The tables as text; most transactions that write elsewhere leave it as it was. */
  readonly tables: string;
}

const LOOK = `
  select (
    select coalesce(json_agg(json_build_object(
      'topic', topic, 'offset', "offset", 'type', type, 'data', data
    ) order by topic, "offset"), '[]')
    from stoa_events where xmin = pg_current_xact_id_if_assigned()::xid
  ) as events, (
    select coalesce(json_agg(key order by key), '[]')
    from stoa_repeats where xmin = pg_current_xact_id_if_assigned()::xid
  ) as keys, (
    select json_build_object('seats', coalesce(json_agg(json_build_object(
      'screeningId', screening_id, 'seatId', seat_id, 'state', state, 'accountId', account_id,
      'bookingId', booking_id, 'untilMs', round(extract(epoch from until) * 1000),
      'extendableUntilMs', round(extract(epoch from extendable_until) * 1000), 'offered', offered
    ) order by screening_id, seat_id), '[]'), 'bookings', (
      select coalesce(json_agg(json_build_object(
        'id', id, 'screeningId', screening_id, 'accountId', account_id, 'status', status,
        'seatIds', seat_ids
      ) order by id), '[]') from cinema_bookings
    ), 'line', (
      select coalesce(json_agg(json_build_object(
        'screeningId', screening_id, 'accountId', account_id, 'count', count
      ) order by place), '[]') from cinema_waitings
    ))::text
    from cinema_taken_seats
  ) as tables
  where $1
`;

/** Looks around in the transaction of the session. */
export async function takeSnapshot(session: SqlSession): Promise<Snapshot> {
  const { rows } = await session.query(LOOK, [true]);
  const [row] = rows;
  return { events: row.events, repeatKeys: row.keys, tables: row.tables };
}
