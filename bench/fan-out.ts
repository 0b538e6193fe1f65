import { type Audience, socketIoAudience, stoaAudience, wsAudience } from "./support/audience.ts";
import { type Measured, startMeasured } from "./support/measured.ts";
import type { Rhythm } from "./support/pushing.ts";
import type { Answer, Question, Row } from "./support/question.ts";
import { alternate, median, pairedRatio, pick } from "./support/slices.ts";

const SOCKETS = 1_000;
const SETTLE_MS = 45;
/** The lead-in of a slice is as long as pushes wait for each other. */
const STEADY: Rhythm = {
  atOnce: 1,
  intervalMs: 1_000 / 60,
  times: 12,
  leadIn: 2,
  settleMs: SETTLE_MS,
};
const BURSTS: Rhythm = {
  atOnce: 10,
  intervalMs: 100,
  times: 2,
  leadIn: 0,
  settleMs: SETTLE_MS,
};
const ROUNDS = 25;
const WARM_UPS = 6;

export const fanOut: Question = {
  name: "fan-out",
  asks: "what does a push to 1,000 sockets cost the server beside a room of Socket.IO?",
  answer,
};

async function answer(): Promise<Answer> {
  await using stoa = await stoaAudience();
  await using socketIo = await socketIoAudience();
  await using ws = await wsAudience();
  await using listeners = await startMeasured("listeners.ts");
  const audiences = { stoa, socketIo, ws };
  for (const [group, audience] of Object.entries(audiences)) {
    await audience.open(listeners, group, SOCKETS);
  }
  await listeners.ask("stayAwake");
  const steady = await compare(audiences, listeners, STEADY);
  const bursts = await compare(audiences, listeners, BURSTS);
  const what = "processor time a push that one of 1,000 sockets gets";
  return {
    rows: [
      row(`${what}, at a steady 60 a second`, steady, "socketIo", { atMost: 0.5 }),
      row(`${what}, at a steady 60 a second`, steady, "ws"),
      row(`${what}, in bursts of ten`, bursts, "socketIo", { atMost: 0.25 }),
      row(`${what}, in bursts of ten`, bursts, "ws"),
    ],
  };
}

const NAMES = { socketIo: "Socket.IO, a room", ws: "ws, a loop over its sockets" };

type Slices = Readonly<Record<keyof typeof NAMES | "stoa", readonly { cpuMicros: number }[]>>;

function row(what: string, slices: Slices, by: keyof typeof NAMES, aim?: Row["aim"]): Row {
  const [ours, reference] = [pick(slices.stoa, "cpuMicros"), pick(slices[by], "cpuMicros")];
  return {
    what,
    ours: { value: median(ours), unit: "µs" },
    reference: { value: median(reference), unit: "µs", name: NAMES[by] },
    ratio: pairedRatio(ours, reference),
    ...(aim === undefined ? {} : { aim }),
  };
}

function compare(
  audiences: Readonly<Record<keyof Slices, Audience>>,
  listeners: Measured,
  rhythm: Rhythm,
) {
  const slice = (group: keyof Slices) => async () => {
    const pushes = rhythm.atOnce * rhythm.times;
    const measured = rhythm.atOnce * (rhythm.times - rhythm.leadIn);
    await listeners.ask("reset", group);
    const { cpuMicros } = await audiences[group].push(rhythm);
    // Every socket has got every push, and no other frame.
    await listeners.ask("done", { group, frames: pushes });
    return { cpuMicros: cpuMicros / measured / SOCKETS };
  };
  return alternate(
    { stoa: slice("stoa"), socketIo: slice("socketIo"), ws: slice("ws") },
    { rounds: ROUNDS, warmUps: WARM_UPS },
  );
}
