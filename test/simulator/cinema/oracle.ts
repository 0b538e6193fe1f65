import { REPEAT_WINDOW_MS } from "../../../src/core/limits.ts";
import { createTags } from "../../../src/modules/cinema/seating/tags.ts";
import type { CommitWatch } from "../engine/database-server.ts";
import type { Simulation } from "../engine/simulation.ts";
import type { Wall } from "../engine/wall.ts";
import { type Commit, type Intent, repeatKeyOf } from "./intents.ts";
import type { CinemaProgram } from "./program.ts";
import { Replay } from "./replay.ts";
import { judgeBookings, judgeLimits, judgeLine, judgeOffers, judgeSeats } from "./rules.ts";
import { EMPTY_TABLES, type Snapshot, type Tables, takeSnapshot } from "./snapshot.ts";

/** The secret of the tags that the program is built with. */
export const TAG_SECRET = new Uint8Array(32).fill(5);
/** What clocks, and the time between a look at them and a commit, may make of a window's end. */
const WINDOW_SLACK_MS = 60_000;

/** When a transaction began: in simulated time, and by the clock furthest behind. */
interface Beginning {
  readonly atMs: number;
  readonly earliestMs: number;
}

/**
 * Sees every transaction at its COMMIT and holds it against the rules, the transaction before it,
 * and whoever asked for it. What it has seen is what clients and watchers are held against.
 */
export class Oracle implements CommitWatch {
  readonly replay: Replay;
  readonly tagOf = createTags(TAG_SECRET).of;
  readonly #simulation: Simulation<CinemaProgram>;
  readonly #intents = new Map<string, Intent>();
  #tables: Tables = EMPTY_TABLES;
  #tablesText = "";
  commits = 0;

  constructor(simulation: Simulation<CinemaProgram>) {
    this.#simulation = simulation;
    this.replay = new Replay(this.tagOf);
  }

  get tables(): Tables {
    return this.#tables;
  }

  /** Whoever asks for something that is written says so first. */
  expect(intent: Intent): void {
    this.#intents.set(repeatKeyOf(intent), intent);
  }

  readonly began = (): Beginning => ({
    atMs: this.#simulation.scheduler.elapsedMs,
    earliestMs: this.#simulation.wall.earliestMs(),
  });

  readonly look = takeSnapshot;

  readonly committed = (seen: unknown, began: unknown): void => {
    const wrong = this.#judge(seen as Snapshot, began as Beginning);
    if (wrong !== undefined) this.#simulation.fail(wrong);
  };

  #judge({ events, repeatKeys, tables }: Snapshot, began: Beginning): string | undefined {
    const { wall, scheduler } = this.#simulation;
    this.commits += 1;
    const intents = repeatKeys.flatMap((key) => this.#intents.get(key) ?? []);
    if (intents.length < repeatKeys.length) return "A transaction answers what nobody asked";
    const before = this.#tables;
    if (tables !== this.#tablesText) {
      this.#tables = JSON.parse(tables) as Tables;
      this.#tablesText = tables;
    }
    const after = this.#tables;
    const latestMs = wall.latestMs();
    const atMs = scheduler.elapsedMs;
    const commit: Commit = { beganAtMs: began.atMs, atMs, before, after };
    for (const intent of intents) {
      const wrong = judgeOnce(intent, commit, wall);
      if (wrong !== undefined) return wrong;
    }
    const ordered = this.replay.apply(events, atMs);
    if (ordered !== undefined) return ordered;
    if (after === before) return this.replay.compare(after.seats);
    const earliestMs = Math.min(began.earliestMs, wall.earliestMs());
    const circumstancesOf = (screeningId: string) => {
      const isAwaited = before.line.some((waiting) => waiting.screeningId === screeningId);
      return { intents, earliestMs, latestMs, isAwaited };
    };
    return (
      this.replay.compare(after.seats) ??
      judgeSeats(before, after, circumstancesOf) ??
      judgeLimits(after, latestMs) ??
      judgeBookings(after) ??
      judgeLine(before, after) ??
      judgeOffers(events, before, this.tagOf, latestMs, earliestMs)
    );
  }
}

/** One effect a key, within the time in which repeats are recognised. */
function judgeOnce(intent: Intent, commit: Commit, wall: Wall): string | undefined {
  const last = intent.commits.at(-1);
  intent.commits.push(commit);
  if (last === undefined) return undefined;
  // An answer is forgotten when some clock says that it is time, wherever clocks go afterwards.
  if (wall.advanceSince(last.beganAtMs) > REPEAT_WINDOW_MS - WINDOW_SLACK_MS) return undefined;
  return `${intent.who} ${intent.method} (${intent.key}) had two effects`;
}
