import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { startBackgroundLoad } from "../support/background-load.ts";
import { freshPostgres, SERVER_URL } from "../support/database.ts";
import { scaled } from "../support/fault-scale.ts";
import { lasting } from "../support/lasting.ts";
import { callOver } from "../support/over-http.ts";
import { auditSeats } from "../support/seat-audit.ts";
import { startServerProcess } from "../support/server-process.ts";
import { visit } from "../support/visitor.ts";
import { waitFor } from "../support/wait-for.ts";

/**
 * One of two nodes stands still for seconds, SIGSTOP, in the middle of its calls, as when a machine
 * is moved. Its callers lose their patience and send the same calls to the other node; when it goes
 * on, so do the calls it had begun, and every call has one effect nevertheless.
 */

const PAUSES = scaled(2);
/** The first is shorter than an idle transaction may be, the second longer. */
const PAUSED_MS = [3_000, 7_000];
/** A caller lets go of a request after so long, and asks the other node. */
const HANGS_MS = 1_000;
const GOES_ON_MS_MAX = 15_000;

const BUS_URL = process.env["AMQP_URL"];
const skip =
  SERVER_URL === undefined || BUS_URL === undefined
    ? "two nodes need DATABASE_URL and AMQP_URL"
    : false;

describe("a node that stands still under load", { skip }, () => {
  test("what it had begun happens once, and its watchers miss nothing", async (t) => {
    await using place = await freshPostgres(SERVER_URL ?? "");
    const { dataFolder, url: databaseUrl } = place;
    const options = { dataFolder, databaseUrl, busUrl: BUS_URL };
    await using paused = await startServerProcess(options);
    await using other = await startServerProcess(options);
    /** Requests take turns, so that what one node began is asked of the other one. */
    let turn = 0;
    const url = () => {
      turn += 1;
      return turn % 2 === 0 ? paused.url : other.url;
    };
    const load = await startBackgroundLoad({ url, seed: "paused", hangsMs: HANGS_MS });
    const { screeningId } = load.stage;
    using here = visit(() => paused.url);
    using there = visit(() => other.url);
    const shown = [here.watch(screeningId), there.watch(screeningId)];
    await waitFor(() => shown.every(({ states }) => states === 1), { what: "both have the map" });
    for (let round = 0; round < PAUSES; round += 1) {
      await load.goesOn();
      paused.pause();
      await lasting(PAUSED_MS[round % PAUSED_MS.length] ?? 0);
      paused.resume();
      const backMs = await load.goesOn(GOES_ON_MS_MAX);
      t.diagnostic(`on again ${Math.round(backMs)} ms after the pause`);
    }
    await load.finish();
    const { seats } = await callOver(other.url)("cinema.getScreening", { screeningId });
    const isUpToDate = (one: { seats: object }) => {
      try {
        assert.deepEqual(one.seats, seats);
        return true;
      } catch {
        return false;
      }
    };
    const upToDate = { what: "both watchers see what is there", timeoutMs: 20_000 };
    await waitFor(() => shown.every(isUpToDate), upToDate);
    for (const { errors } of shown) assert.deepEqual(errors, []);
    const database = await place.openEmpty();
    await auditSeats(database).finally(() => database.close());
    const { acknowledged, statuses } = load.ledger;
    assert.ok((statuses.get(0) ?? 0) > 0, "nobody lost patience: the load missed the pauses");
    t.diagnostic(
      `${acknowledged.length} acknowledged, 0 lost, none twice; ` +
        `${statuses.get(0)} requests were let go of and sent again`,
    );
  });
});
