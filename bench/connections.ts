import { type Audience, socketIoAudience, stoaAudience, wsAudience } from "./support/audience.ts";
import { startMeasured } from "./support/measured.ts";
import { createBenchDatabase } from "./support/postgres.ts";
import type { Answer, Question, Row } from "./support/question.ts";
import { alternate, median, pairedRatio, pick } from "./support/slices.ts";

const SOCKETS = 1_000;
/** Sockets that come and go before, so that what the first one loads is not counted. */
const WARM_UP_SOCKETS = 100;
const REPETITIONS = 3;

export const connections: Question = {
  name: "connections",
  asks: "how much memory does a connection keep that has subscribed and is idle?",
  answer,
};

async function answer(): Promise<Answer> {
  // The embedded database would be measured with it: its memory grows by what it is asked.
  await using database = await createBenchDatabase();
  const slices = await alternate(
    {
      stoa: () => measure(() => stoaAudience(database.url)),
      socketIo: () => measure(socketIoAudience),
      ws: () => measure(wsAudience),
    },
    { rounds: REPETITIONS, warmUps: 0 },
  );
  const row = (
    what: string,
    figure: "residentKiB" | "keptKiB",
    by: "socketIo" | "ws",
    aim?: Row["aim"],
  ): Row => {
    const [ours, reference] = [pick(slices.stoa, figure), pick(slices[by], figure)];
    const name = by === "ws" ? "ws" : "Socket.IO, in a room";
    return {
      what,
      ours: { value: median(ours), unit: "KiB" },
      reference: { value: median(reference), unit: "KiB", name },
      ratio: pairedRatio(ours, reference),
      ...(aim === undefined ? {} : { aim }),
    };
  };
  const resident = "resident memory a connection, of 1,000 that have subscribed";
  return {
    rows: [
      row(resident, "residentKiB", "socketIo", { atMost: 0.5 }),
      row(resident, "residentKiB", "ws"),
      row("of it what JavaScript keeps, buffers included", "keptKiB", "socketIo"),
    ],
    with: { PostgreSQL: database.version },
  };
}

/** A new server, its memory before and after a thousand sockets came to stay. */
async function measure(start: () => Promise<Audience>) {
  await using audience = await start();
  await using listeners = await startMeasured("listeners.ts");
  const { server } = audience;
  await audience.open(listeners, "first", WARM_UP_SOCKETS);
  await listeners.ask("close");
  const [resident, kept] = [await settled(server.residentBytes), await server.keptBytes()];
  await audience.open(listeners, "staying", SOCKETS);
  const perSocketKiB = (bytes: number) => bytes / SOCKETS / 1_024;
  return {
    residentKiB: perSocketKiB((await settled(server.residentBytes)) - resident),
    keptKiB: perSocketKiB((await server.keptBytes()) - kept),
  };
}

/** Memory is given back a little at a time: the least of some readings. */
async function settled(read: () => Promise<number>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let reading = 0; reading < 3; reading += 1) {
    least = Math.min(least, await read());
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return least;
}
