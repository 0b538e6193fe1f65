/** Stoa, to be measured. Argument: the URL of its database, or none for the embedded one. */
import { subscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import type { StreamEvent } from "../../src/core/event-log.ts";
import { crowd } from "../../test/support/crowd.ts";
import { type Call, callWithin } from "../../test/support/in-process.ts";
import type { Stage, StageOptions } from "../../test/support/stage.ts";
import { startBenchApp } from "../support/app.ts";
import { answerCommands, nowMicros } from "../support/commands.ts";
import { atIntervals, pushInRhythm, pushOnSchedule, type Rhythm } from "../support/pushing.ts";

const [databaseUrl] = process.argv.slice(2);
const bench = await startBenchApp(databaseUrl);
const { app } = bench;

interface Pushing {
  readonly rhythm: Rhythm;
  readonly topic: string;
  readonly type: string;
  readonly data: Record<string, unknown>;
}

const offsets = new Map<string, number>();

/** Hands events to their followers as if they had just been committed. */
function push({ rhythm, ...event }: Pushing) {
  return pushInRhythm(() => publishNext(event), rhythm);
}

function publishNext({ topic, type, data }: Omit<Pushing, "rhythm">): void {
  const offset = (offsets.get(topic) ?? 0) + 1;
  offsets.set(topic, offset);
  app.streams.publish([{ topic, type, offset, data }]);
}

/** When events of the screening that is looked at were committed, since somebody last asked. */
let committedAtMicros: number[] = [];
let watched: Stage | undefined;
const people: Call[] = [];
const publish = app.streams.publish.bind(app.streams);
app.streams.publish = (events: readonly StreamEvent[]) => {
  const now = nowMicros();
  for (const { topic } of events) {
    if (topic === `cinema.screening.${watched?.screeningId}`) committedAtMicros.push(now);
  }
  publish(events);
};

function takeCommits(): readonly number[] {
  const taken = committedAtMicros;
  committedAtMicros = [];
  return taken;
}

/** A screening, and people who will want its seats. */
async function watch({ count, ...hall }: StageOptions & { readonly count: number }) {
  watched = await bench.newStage(hall);
  const made = await bench.newPeople(count);
  people.push(...made.map(({ token }) => callWithin(app, token)));
  return watched;
}

/** One person takes a seat and gives it back, one after the other. */
async function takeTurns({ intervalMs, times }: { intervalMs: number; times: number }) {
  const { screeningId, seatIds } = watched as Stage;
  const person = people[0] as Call;
  const seat = { screeningId, seatIds: seatIds.slice(0, 1) };
  await atIntervals(intervalMs, times, (time) =>
    time % 2 === 0 ? person("cinema.hold", seat) : person("cinema.release", seat),
  );
  return takeCommits();
}

/** Everybody wants a seat at once; answers who got one. */
async function storm() {
  const { screeningId, seatIds } = watched as Stage;
  const wanted = (at: number) => seatIds[(at * 7) % seatIds.length] ?? "";
  const { answers } = await crowd(
    people.map((person, at) => async () => {
      await person("cinema.hold", { screeningId, seatIds: [wanted(at)] });
      return at;
    }),
  );
  winners = answers;
  return takeCommits();
}

let winners: readonly number[] = [];
const RELEASES_AT_ONCE = 10;

async function giveBack() {
  const { screeningId } = watched as Stage;
  const release = (at: number) => () => (people[at] as Call)("cinema.release", { screeningId });
  await crowd(winners.map(release), RELEASES_AT_ONCE);
  return takeCommits();
}

/** Connections, from when somebody wants to know of them. */
const connections = new Set<Socket>();

function followConnections(): void {
  subscribe("net.server.socket", (message) => {
    const { socket } = message as { socket: Socket };
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  });
}

/** How many connections there are, and how much the kernel has not taken of the slowest. */
function backlog() {
  const unsent = [...connections].map((socket) => socket.writableLength);
  return { connections: connections.size, bytesMax: Math.max(0, ...unsent) };
}

answerCommands({
  url: () => app.url,
  newStage: bench.newStage,
  newPeople: (count: number) => bench.newPeople(count),
  push,
  pushOnSchedule: ({ afterMs, ...event }: Pushing & { readonly afterMs: readonly number[] }) =>
    pushOnSchedule(() => publishNext(event), afterMs),
  watch,
  takeTurns,
  storm,
  giveBack,
  followConnections,
  backlog,
  end: () => bench[Symbol.asyncDispose](),
});
