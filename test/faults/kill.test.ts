import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { fraction, type Random } from "../../src/core/random.ts";
import { CallLedger } from "../support/call-ledger.ts";
import { type DatabasePlace, freshPglite, freshPostgres, onPostgres } from "../support/database.ts";
import { scaled } from "../support/fault-scale.ts";
import { lasting } from "../support/lasting.ts";
import { callOver, newPersonOver, operatorOver } from "../support/over-http.ts";
import { auditSeats } from "../support/seat-audit.ts";
import { SeatLoad } from "../support/seat-load.ts";
import { createSeededRandom } from "../support/seeded-random.ts";
import {
  type ServerOptions,
  type ServerProcess,
  spawnStoa,
  startServerProcess,
} from "../support/server-process.ts";
import { createStage } from "../support/stage.ts";
import { waitFor } from "../support/wait-for.ts";

/**
 * SIGKILL of the real program while people hold and book, and while it starts: what was
 * acknowledged is there afterwards and nothing else is, the tables agree with each other, and
 * starting again needs no hand.
 */

const ROUNDS = scaled(30);
const PEOPLE = 4;
/** New people now and then: tokens live for some minutes only. */
const ROUNDS_PER_CAST = 100;
const LOAD_MS = { least: 0, most: 300 };
/** Killed while it starts: in the beginning on an empty database, later now and then. */
const KILLED_STARTS_AT_FIRST = 2;
const ROUNDS_PER_KILLED_START = 5;
const KILLED_START_MS = { least: 100, most: 1_500 };
/** PGlite's tables can be read only while no server runs, and opening them takes a while. */
const ROUNDS_PER_AUDIT = 10;
/** However busy the machine is, the kill hits people who have something to lose. */
const ACKNOWLEDGED_BEFORE = 3;

const between = (random: Random, { least, most }: { least: number; most: number }) =>
  least + fraction(random) * (most - least);

describe("killed under load, on PGlite", () => {
  test(`nothing acknowledged is lost, ${ROUNDS} times`, async (t) => {
    await using place = await freshPglite();
    await killRepeatedly(t, place);
  });
});

onPostgres("killed under load", (_database, serverUrl) => {
  test(`nothing acknowledged is lost, ${ROUNDS} times`, async (t) => {
    await using place = await freshPostgres(serverUrl);
    await killRepeatedly(t, place);
  });
});

/** What goes on from round to round. */
interface Siege {
  readonly place: DatabasePlace;
  readonly options: ServerOptions;
  readonly random: Random;
  /** Of the server that runs. */
  readonly where: { url: string };
  readonly readyMs: number[];
  acknowledged: number;
  cast: Cast;
  /** The load of the round before, whose server was killed. */
  last: SeatLoad | undefined;
}

async function killRepeatedly(t: TestContext, place: DatabasePlace): Promise<void> {
  const siege: Siege = {
    place,
    options: { dataFolder: place.dataFolder, databaseUrl: place.url },
    random: createSeededRandom("kill"),
    where: { url: "" },
    readyMs: [],
    acknowledged: 0,
    cast: { operator: "", people: [] },
    last: undefined,
  };
  for (let round = 1; round <= ROUNDS; round += 1) {
    // Each has a name of its own, so that the runner sees that something happens.
    await t.test(`round ${round}`, async () => {
      await killOnce(siege, round);
      if (round % ROUNDS_PER_AUDIT === 0 || round === ROUNDS) await audit(place);
    });
  }
  await using server = await startAgain(siege);
  await siege.last?.check(server.url);
  assert.equal(await server.stop(), 0, server.output());
  report(t, siege);
}

/** Starts the server, and tells how long it takes until it is ready again. */
async function startAgain(siege: Siege): Promise<ServerProcess> {
  const startedMs = performance.now();
  const server = await startServerProcess(siege.options);
  siege.readyMs.push(performance.now() - startedMs);
  siege.where.url = server.url;
  return server;
}

async function killOnce(siege: Siege, round: number): Promise<void> {
  const { where, random } = siege;
  await killStarts(siege.options, round, random);
  await using server = await startAgain(siege);
  await siege.last?.check(server.url);
  if (round % ROUNDS_PER_CAST === 1) siege.cast = await newCast(server.url);
  const ledger = new CallLedger(() => where.url);
  siege.last = await loadUntilKilled(server, ledger, siege.cast, `kill ${round}`, random);
  siege.acknowledged += ledger.acknowledged.length;
}

function report(t: TestContext, { readyMs, acknowledged }: Siege): void {
  readyMs.sort((a, b) => a - b);
  const [median = 0, longest = 0] = [readyMs[readyMs.length >> 1], readyMs.at(-1)];
  t.diagnostic(
    `${ROUNDS} rounds, ${acknowledged} acknowledged, 0 lost; ready again after ` +
      `${Math.round(median)} ms in the median, ${Math.round(longest)} ms at most`,
  );
}

/** Kills the program at random moments of its start, that of migrations included. */
async function killStarts(options: ServerOptions, round: number, random: Random): Promise<void> {
  const kills =
    round === 0 ? KILLED_STARTS_AT_FIRST : round % ROUNDS_PER_KILLED_START === 0 ? 1 : 0;
  for (let count = 0; count < kills; count += 1) {
    await using starting = spawnStoa(options);
    await lasting(between(random, KILLED_START_MS));
    await starting.kill();
  }
}

/** Access tokens. */
interface Cast {
  readonly operator: string;
  readonly people: readonly string[];
}

async function newCast(url: string): Promise<Cast> {
  const people: string[] = [];
  for (let index = 0; index < PEOPLE; index += 1) people.push(await newPersonOver(url));
  return { operator: await operatorOver(url), people };
}

/** A screening of the round's own, and a kill in the middle of it. */
async function loadUntilKilled(
  server: ServerProcess,
  ledger: CallLedger,
  { operator, people }: Cast,
  seed: string,
  random: Random,
): Promise<SeatLoad> {
  const { url } = server;
  const stage = await createStage(callOver(url, operator));
  const load = new SeatLoad({ ...stage, ledger, people, seed });
  const running = load.run(new AbortController().signal);
  const begun = () => ledger.acknowledged.length >= ACKNOWLEDGED_BEFORE;
  await waitFor(begun, { what: "the load has begun", timeoutMs: 20_000 });
  await lasting(between(random, LOAD_MS));
  await server.kill();
  await running;
  return load;
}

/** With the server gone, as whoever looks for the cause would find the tables. */
async function audit(place: DatabasePlace): Promise<void> {
  const database = await place.openEmpty();
  try {
    await auditSeats(database);
  } finally {
    await database.close();
  }
}
