/**
 * Storms of people for the seats of a screening: through the whole pipeline, and as the
 * transaction that everybody would write first. Both in this process, one after the other, with as
 * many connections each.
 *
 * Argument: the URL of a database that is empty.
 */
import { Pool } from "pg";
import { StoaError } from "../../src/core/errors.ts";
import { callWithin } from "../../test/support/in-process.ts";
import type { Stage } from "../../test/support/stage.ts";
import { startBenchApp } from "../support/app.ts";
import { answerCommands } from "../support/commands.ts";
import { quantile } from "../support/slices.ts";

const PEOPLE = 500;
const ROWS = 10;
const SEATS_PER_ROW = 20;
const SEATS = ROWS * SEATS_PER_ROW;
/** What the app has when nobody says otherwise. */
const CONNECTIONS = 10;

const [databaseUrl = ""] = process.argv.slice(2);
const bench = await startBenchApp(databaseUrl);
const people = await bench.newPeople(PEOPLE);
const calls = people.map(({ token }) => callWithin(bench.app, token));
const pool = new Pool({ connectionString: databaseUrl, max: CONNECTIONS });
await pool.query(`
  create table bench_seats (
    screening_id uuid not null,
    seat_id text not null,
    owner uuid,
    primary key (screening_id, seat_id)
  )
`);
const stages: Stage[] = [];

/** True when the person got the seat. */
type Attempt = (person: number, seatId: string) => Promise<boolean>;

/** Everybody wants one seat, at once; each seat is wanted by two or three. */
async function storm(seatIds: readonly string[], attempt: Attempt) {
  const tookMs: number[] = [];
  const owners = new Map<string, string>();
  let holds = 0;
  const startedMs = performance.now();
  await Promise.all(
    people.map(async ({ accountId }, person) => {
      const seatId = seatIds[(person * 7) % SEATS] ?? "";
      const isMine = await attempt(person, seatId);
      tookMs.push(performance.now() - startedMs);
      if (!isMine) return;
      holds += 1;
      owners.set(seatId, accountId);
    }),
  );
  const elapsedS = (performance.now() - startedMs) / 1_000;
  if (holds !== SEATS || owners.size !== SEATS) {
    throw new Error(`${holds} were told that they hold ${owners.size} of ${SEATS} seats.`);
  }
  return { owners, figures: { holdsPerS: SEATS / elapsedS, p99Ms: quantile(tookMs, 0.99) } };
}

/** The table says the same as the answers did. */
async function checkOwners(query: string, screeningId: string, owners: Map<string, string>) {
  const { rows } = await pool.query<{ seat_id: string; owner: string }>(query, [screeningId]);
  const taken = rows.filter(({ owner }) => owner !== null);
  const isRight = taken.every(({ seat_id, owner }) => owners.get(seat_id) === owner);
  if (!isRight || taken.length !== SEATS) throw new Error("Seats are not whose they should be.");
}

async function prepare(): Promise<void> {
  const stage = await bench.newStage({ rows: ROWS, seatsPerRow: SEATS_PER_ROW });
  await pool.query("insert into bench_seats select $1, unnest($2::text[])", [
    stage.screeningId,
    stage.seatIds,
  ]);
  stages.push(stage);
}

async function ours() {
  const { screeningId, seatIds } = stages.at(-1) as Stage;
  const { owners, figures } = await storm(seatIds, async (person, seatId) => {
    try {
      await calls[person]?.("cinema.hold", { screeningId, seatIds: [seatId] });
      return true;
    } catch (error) {
      if (error instanceof StoaError && error.code === "SEAT_TAKEN") return false;
      throw error;
    }
  });
  const query = `
    select seat_id, account_id as owner from cinema_taken_seats where screening_id = $1
  `;
  await checkOwners(query, screeningId, owners);
  return figures;
}

async function reference() {
  const { screeningId, seatIds } = stages.at(-1) as Stage;
  const { owners, figures } = await storm(seatIds, (person, seatId) =>
    takeSeat(screeningId, seatId, people[person]?.accountId ?? ""),
  );
  const query = "select seat_id, owner from bench_seats where screening_id = $1";
  await checkOwners(query, screeningId, owners);
  return figures;
}

/** One transaction a seat: lock it, see whose it is, take it. */
async function takeSeat(screeningId: string, seatId: string, accountId: string): Promise<boolean> {
  const client = await pool.connect();
  try {
    await client.query("begin");
    const { rows } = await client.query<{ owner: string | null }>(
      "select owner from bench_seats where screening_id = $1 and seat_id = $2 for update",
      [screeningId, seatId],
    );
    const isFree = rows[0]?.owner === null;
    if (isFree) {
      await client.query(
        "update bench_seats set owner = $3 where screening_id = $1 and seat_id = $2",
        [screeningId, seatId, accountId],
      );
    }
    await client.query(isFree ? "commit" : "rollback");
    return isFree;
  } finally {
    client.release();
  }
}

answerCommands({
  prepare,
  ours,
  reference,
  async end() {
    await pool.end();
    await bench[Symbol.asyncDispose]();
  },
});
