import { sql } from "kysely";
import type { Tx } from "../../core/database.ts";
import type { EventLog, NewEvent, StreamEvent } from "../../core/event-log.ts";

/** The tables of the core migration, as the query builder sees them. */
interface Tables {
  readonly stoa_meta: { key: string; value: string };
  readonly stoa_topics: { topic: string; offset: bigint };
  readonly stoa_events: {
    topic: string;
    offset: bigint;
    type: string;
    data: object;
    recorded_at: Date;
  };
}

export function createEventLog(): EventLog {
  return { append, epoch, positions, range, trim };
}

/**
 * One statement for all events. The topics are advanced, and thereby locked, in the order of their
 * names, so that two appends never wait for each other in a circle.
 */
async function append(tx: Tx, events: readonly NewEvent[], nowMs: number): Promise<StreamEvent[]> {
  if (events.length === 0) return [];
  const topics = events.map(({ topic }) => topic);
  const types = events.map(({ type }) => type);
  const data = events.map((event) => JSON.stringify(event.data));
  const { rows } = await sql<{ topic: string; before: bigint }>`
    with given as (
      select * from unnest(${topics}::text[], ${types}::text[], ${data}::text[])
        with ordinality as given (topic, type, data, place)
    ), advanced as (
      insert into stoa_topics as topics (topic, "offset")
      select topic, count(*) from given group by topic order by topic
      on conflict (topic) do update set "offset" = topics."offset" + excluded."offset"
      returning topic, "offset"
    ), counted as (
      select topic, advanced."offset" - count(*) as before
      from advanced join given using (topic)
      group by topic, advanced."offset"
    ), recorded as (
      insert into stoa_events (topic, "offset", type, data, recorded_at)
      select topic, before + row_number() over (partition by topic order by place),
        type, data::json, ${new Date(nowMs)}::timestamptz
      from given join counted using (topic)
    )
    select topic, before from counted
  `.execute(tx.as());
  const offsets = new Map(rows.map(({ topic, before }) => [topic, Number(before)]));
  return events.map((event) => {
    const offset = (offsets.get(event.topic) ?? Number.NaN) + 1;
    offsets.set(event.topic, offset);
    return { ...event, offset };
  });
}

async function epoch(tx: Tx): Promise<string> {
  const { value } = await tx
    .as<Tables>()
    .selectFrom("stoa_meta")
    .select("value")
    .where("key", "=", "epoch")
    .executeTakeFirstOrThrow();
  return value;
}

async function positions(tx: Tx, topics: readonly string[]): Promise<Map<string, number>> {
  if (topics.length === 0) return new Map();
  const { rows } = await sql<{ topic: string; offset: bigint }>`
    select topic, "offset" from stoa_topics where topic = any(${topics}::text[])
  `.execute(tx.as());
  return new Map(rows.map(({ topic, offset }) => [topic, Number(offset)]));
}

async function range(
  tx: Tx,
  topic: string,
  afterOffset: number,
  eventsMax: number,
): Promise<StreamEvent[]> {
  const rows = await tx
    .as<Tables>()
    .selectFrom("stoa_events")
    .select(["topic", "offset", "type", "data"])
    .where("topic", "=", topic)
    .where("offset", ">", BigInt(afterOffset))
    .orderBy("offset")
    .limit(eventsMax)
    .execute();
  return rows.map((row) => ({ ...row, offset: Number(row.offset) }));
}

/** The rows of `stoa_topics` stay, so that a trimmed topic goes on counting. */
async function trim(tx: Tx, beforeMs: number, eventsMax: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from stoa_events where (topic, "offset") in (
      select topic, "offset" from stoa_events
      where recorded_at < ${new Date(beforeMs)}
      order by recorded_at, "offset"
      limit ${eventsMax}
      for update skip locked
    )
  `.execute(tx.as());
  return Number(numAffectedRows ?? 0n);
}
