import assert from "node:assert/strict";
import { sql } from "kysely";
import type { Database, Tx } from "../../src/core/database.ts";

/**
 * Holds the tables against each other, whoever wrote them and whatever became of the writer: the
 * outbox in general, and bookings, seats and events of the cinema.
 */
export async function auditSeats(database: Database): Promise<void> {
  const options = { isolation: "repeatable read", readOnly: true } as const;
  await database.transaction(options, async (tx) => {
    assert.deepEqual(await rowsOf(tx, BOOKED_SEATS_THAT_DIFFER), []);
    assert.deepEqual(await rowsOf(tx, TOPICS_WITH_GAPS), []);
    assert.deepEqual(await rowsOf(tx, UNSETTLED_REPEATS), []);
    assert.deepEqual(await rowsOf(tx, SEATS_THAT_NO_EVENT_EXPLAINS), []);
  });
}

async function rowsOf(tx: Tx, text: string): Promise<readonly unknown[]> {
  const { rows } = await sql.raw(text).execute(tx.as());
  return rows;
}

/** A booking has its seats, and a booked seat its booking, of the same person. */
const BOOKED_SEATS_THAT_DIFFER = `
  with owned as (
    select id, screening_id, account_id, unnest(seat_ids) as seat_id
    from cinema_bookings where status = 'booked'
  ), taken as (
    select booking_id as id, screening_id, account_id, seat_id
    from cinema_taken_seats where state = 'booked'
  )
  (select 'without its seat' as what, * from (select * from owned except select * from taken) a)
  union all
  (select 'without its booking', * from (select * from taken except select * from owned) b)
`;

/** Nothing is trimmed within a test, so that every topic has its events from the first on. */
const TOPICS_WITH_GAPS = `
  select topic, topics."offset", count(events."offset") as events, max(events."offset") as newest
  from stoa_topics topics left join stoa_events events using (topic)
  group by topic, topics."offset"
  having count(events."offset") <> topics."offset"
    or max(events."offset") is distinct from topics."offset"
`;

/** A key whose answer is missing was committed without its effect. */
const UNSETTLED_REPEATS = "select key from stoa_repeats where answer is null";

/**
 * What watchers were pushed adds up to the seats. A seat that no event tells of comes from the demo
 * data, which nobody watches while it is made.
 */
const SEATS_THAT_NO_EVENT_EXPLAINS = `
  with told as (
    select distinct on (screening_id, seat_id)
      (data->>'screeningId')::uuid as screening_id, change->>'seatId' as seat_id,
      change->>'state' as state
    from stoa_events, json_array_elements(data->'changes') change
    where type = 'cinema.seats'
    order by screening_id, seat_id, "offset" desc
  )
  select screening_id, seat_id, told.state as told, taken.state as taken
  from told left join cinema_taken_seats taken using (screening_id, seat_id)
  where told.state is distinct from coalesce(taken.state, 'free')
`;
