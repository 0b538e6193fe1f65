import { type Measured, startMeasured } from "./support/measured.ts";
import { createBenchDatabase } from "./support/postgres.ts";
import type { Answer, Question, Row } from "./support/question.ts";
import { alternate, pairedRatio, quantile } from "./support/slices.ts";

const WATCHERS = 500;
const PEOPLE = 500;
/** Commits that come one at a time: far enough apart that none waits for another. */
const ALONE = { intervalMs: 60, times: 4 };
const ALONE_ROUNDS = 60;
const STORM_ROUNDS = 12;
const WARM_UPS = 3;
/** Slices whose delays are put together for one p99. */
const BLOCK = { alone: 10, storm: 1 };

export const watchers: Question = {
  name: "watchers",
  asks: "how long after a commit does the last of 500 watchers know of it?",
  answer,
};

interface Parties {
  readonly stoa: Measured;
  readonly ws: Measured;
  readonly listeners: Measured;
  /** The bytes of a push. */
  readonly text: string;
}

async function answer(): Promise<Answer> {
  await using database = await createBenchDatabase();
  await using stoa = await startMeasured("stoa.ts", [database.url]);
  await using ws = await startMeasured("bare-ws.ts");
  await using listeners = await startMeasured("listeners.ts");
  const hall = { rows: 10, seatsPerRow: 20, count: PEOPLE };
  const { screeningId } = await stoa.ask<{ screeningId: string }>("watch", hall);
  const url = `${(await stoa.ask<string>("url")).replace("http", "ws")}/socket`;
  const request = { type: "cinema.watch", data: { screeningId }, eid: screeningId, ts: 0 };
  const greeting = JSON.stringify(request);
  await listeners.ask("open", { group: "stoa", url, greeting, welcomes: 1, count: WATCHERS });
  const wsUrl = await ws.ask<string>("url");
  await listeners.ask("open", { group: "ws", url: wsUrl, welcomes: 0, count: WATCHERS });

  const committed = await stoa.ask<number[]>("takeTurns", ALONE);
  await listeners.ask("done", { group: "stoa", frames: committed.length });
  const text = await listeners.ask<string>("latest", "stoa");
  const parties = { stoa, ws, listeners, text };
  const alone = await commitsAlone(parties);
  const storm = await commitsInStorms(parties);
  const until = "from the commit until the last of 500 watchers has it, 99 of 100 times within";
  return {
    rows: [
      row(`a hold alone, ${until}`, alone, BLOCK.alone, 0.99, { atMost: 3 }),
      row("the same, half of the times within", alone, BLOCK.alone, 0.5),
      row(`a storm of 500 people, ${until}`, storm, BLOCK.storm, 0.99, { atMost: 3 }),
      row("the same, half of the times within", storm, BLOCK.storm, 0.5),
    ],
    with: { PostgreSQL: database.version },
  };
}

/** Delays in milliseconds of the commits of each slice. */
interface Delays {
  readonly ours: number[][];
  readonly reference: number[][];
}

async function commitsAlone({ stoa, ws, listeners, text }: Parties): Promise<Delays> {
  const delays: Delays = { ours: [], reference: [] };
  const afterMs = Array.from({ length: ALONE.times }, (_, at) => at * ALONE.intervalMs);
  await alternate(
    {
      ours: () =>
        slice(listeners, "stoa", delays.ours, () => stoa.ask<number[]>("takeTurns", ALONE)),
      reference: () =>
        slice(listeners, "ws", delays.reference, () =>
          ws.ask<number[]>("pushOnSchedule", { afterMs, text }),
        ),
    },
    { rounds: ALONE_ROUNDS, warmUps: 0 },
  );
  return withoutFirst(delays, WARM_UPS * 4);
}

/** The reference pushes as many times and at the same moments as there were commits. */
async function commitsInStorms({ stoa, ws, listeners, text }: Parties): Promise<Delays> {
  const delays: Delays = { ours: [], reference: [] };
  for (let round = 0; round < WARM_UPS + STORM_ROUNDS; round += 1) {
    let afterMs: number[] = [];
    await slice(listeners, "stoa", delays.ours, async () => {
      const committed = await stoa.ask<number[]>("storm");
      afterMs = committed.map((at) => (at - (committed[0] ?? 0)) / 1_000);
      return committed;
    });
    await slice(listeners, "stoa", [], () => stoa.ask<number[]>("giveBack"));
    await slice(listeners, "ws", delays.reference, () =>
      ws.ask<number[]>("pushOnSchedule", { afterMs, text }),
    );
  }
  return withoutFirst(delays, WARM_UPS);
}

async function slice(
  listeners: Measured,
  group: string,
  delays: number[][],
  act: () => Promise<readonly number[]>,
) {
  await listeners.ask("reset", group);
  const committed = await act();
  const frames = committed.length;
  const done = await listeners.ask<number[]>("done", { group, frames });
  delays.push(committed.map((at, push) => ((done[push] ?? Number.NaN) - at) / 1_000));
  return { pushes: frames };
}

function withoutFirst({ ours, reference }: Delays, warmUps: number): Delays {
  return { ours: ours.slice(warmUps), reference: reference.slice(warmUps) };
}

function row(
  what: string,
  { ours, reference }: Delays,
  block: number,
  share: number,
  aim?: Row["aim"],
): Row {
  const within = (slices: readonly number[][]) => quantile(slices.flat(), share);
  const ratio = pairedRatio(blocks(ours, block).map(within), blocks(reference, block).map(within));
  return {
    what,
    ours: { value: within(ours), unit: "ms" },
    reference: { value: within(reference), unit: "ms", name: "ws, a loop over its sockets" },
    ratio,
    ...(aim === undefined ? {} : { aim }),
  };
}

function blocks<T>(values: readonly T[], size: number): T[][] {
  const count = Math.floor(values.length / size);
  return Array.from({ length: count }, (_, at) => values.slice(at * size, (at + 1) * size));
}
