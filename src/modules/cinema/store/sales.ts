import { sql } from "kysely";
import type { Tx } from "../../../core/database.ts";

/** A booking that nobody had to hold seats for. */
export interface Sale {
  readonly id: string;
  readonly reference: string;
  readonly seatIds: readonly string[];
  readonly amountMinor: number;
}

/** Books free seats of a screening for one account, any number of bookings in one statement. */
export async function insertSales(
  tx: Tx,
  screeningId: string,
  accountId: string,
  sales: readonly Sale[],
  currency: string,
  nowMs: number,
): Promise<void> {
  if (sales.length === 0) return;
  await sql`
    with sales as (
      select id, reference, "amountMinor" as amount_minor,
        array (select json_array_elements_text("seatIds")) as seat_ids
      from json_to_recordset(${JSON.stringify(sales)}::json)
        as sale (id uuid, reference text, "amountMinor" bigint, "seatIds" json)
    ), booked as (
      insert into cinema_bookings
        (id, reference, screening_id, account_id, seat_ids, amount_minor, currency, booked_at)
      select id, reference, ${screeningId}, ${accountId}, seat_ids, amount_minor, ${currency},
        ${new Date(nowMs)}
      from sales
    )
    insert into cinema_taken_seats (screening_id, seat_id, state, account_id, booking_id)
    select ${screeningId}, seat_id, 'booked', ${accountId}, id
    from sales, unnest(seat_ids) as seat_id
    order by seat_id
  `.execute(tx.as());
}
