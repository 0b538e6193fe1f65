import { type Measured, startMeasured } from "./support/measured.ts";
import type { Pushed, Rhythm } from "./support/pushing.ts";
import type { Answer, Question } from "./support/question.ts";
import { alternate, median, pairedRatio, pick } from "./support/slices.ts";

const ROOMS = 20;
const MEMBERS = 50;
const SETTLE_MS = 45;
/** Many type in each channel. The lead-in of a slice is as long as pushes wait for each other. */
const MANY: Rhythm = {
  atOnce: 1,
  intervalMs: 1_000 / 60,
  times: 12,
  leadIn: 2,
  settleMs: SETTLE_MS,
};
/** A few do, and no signal finds another one to go out with. */
const FEW: Rhythm = {
  atOnce: 1,
  intervalMs: 1_000 / 12,
  times: 3,
  leadIn: 0,
  settleMs: SETTLE_MS,
};
const ROUNDS = 25;
const WARM_UPS = 6;
const SAMPLE = { account_id: "01935a52-0000-7000-8000-000000000000", note: "typing" };

export const channels: Question = {
  name: "channels",
  asks: "what does a signal to 50 members of a channel cost the server beside rooms of Socket.IO?",
  answer,
};

async function answer(): Promise<Answer> {
  await using stoa = await startMeasured("channels.ts");
  await using socketIo = await startMeasured("socket-io.ts", [String(MEMBERS)]);
  await using listeners = await startMeasured("listeners.ts");
  const join = (room: number) => JSON.stringify(["1", "1", `room:${room}`, "phx_join", {}]);
  await openRooms(listeners, "stoa", { url: await stoa.ask("url"), greeting: join, welcomes: 1 });
  const greeting = () => "40";
  await openRooms(listeners, "socketIo", { url: await socketIo.ask("url"), greeting, welcomes: 2 });
  await listeners.ask("stayAwake");
  const what = `processor time a signal that one of ${MEMBERS} members gets, in ${ROOMS} channels`;
  const many = await compare(listeners, { stoa, socketIo }, MANY);
  const few = await compare(listeners, { stoa, socketIo }, FEW);
  return {
    rows: [
      { what: `${what}, 60 a second in each`, ...many, aim: { atMost: 0.5 } },
      { what: `${what}, 12 a second in each`, ...few },
    ],
  };
}

type Sides = Readonly<Record<"stoa" | "socketIo", Measured>>;

async function compare(listeners: Measured, sides: Sides, rhythm: Rhythm) {
  const slices = await alternate(
    {
      stoa: () => slice(listeners, "stoa", sides.stoa, rhythm),
      socketIo: () => slice(listeners, "socketIo", sides.socketIo, rhythm),
    },
    { rounds: ROUNDS, warmUps: WARM_UPS },
  );
  const [ours, reference] = [pick(slices.stoa, "cpuMicros"), pick(slices.socketIo, "cpuMicros")];
  return {
    ours: { value: median(ours), unit: "µs" },
    reference: { value: median(reference), unit: "µs", name: "Socket.IO, rooms" },
    ratio: pairedRatio(ours, reference),
  };
}

interface Rooms {
  readonly url: string;
  readonly greeting: (room: number) => string;
  readonly welcomes: number;
}

/** Socket.IO's server puts those who come together into one room. */
async function openRooms(listeners: Measured, side: string, rooms: Rooms): Promise<void> {
  for (let room = 0; room < ROOMS; room += 1) {
    const { url, welcomes } = rooms;
    const greeting = rooms.greeting(room);
    await listeners.ask("open", {
      group: `${side} ${room}`,
      url,
      greeting,
      welcomes,
      count: MEMBERS,
    });
  }
}

async function slice(listeners: Measured, side: string, server: Measured, rhythm: Rhythm) {
  const groups = Array.from({ length: ROOMS }, (_, room) => `${side} ${room}`);
  for (const group of groups) await listeners.ask("reset", group);
  const pushing = { rhythm, rooms: ROOMS, type: "waved", data: SAMPLE };
  const { cpuMicros } = await server.ask<Pushed>("push", pushing);
  // Every member has got every signal, and no other frame.
  for (const group of groups) await listeners.ask("done", { group, frames: rhythm.times });
  const measured = rhythm.times - rhythm.leadIn;
  return { cpuMicros: cpuMicros / (measured * ROOMS * MEMBERS) };
}
