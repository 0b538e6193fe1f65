import { post } from "../test/support/http-client.ts";
import { type Measured, startMeasured } from "./support/measured.ts";
import { createBenchDatabase } from "./support/postgres.ts";
import type { Answer, Question, Row } from "./support/question.ts";
import { alternate, median, pairedRatio, pick } from "./support/slices.ts";

const SLICE_MS = 200;
const ROUNDS = 40;
/** The compiler goes on for some ten thousand requests, and its threads are processor time too. */
const WARM_UPS = 30;
/** Requests in flight: enough that the server never waits for the clients. */
const CONNECTIONS = 32;

export const pipeline: Question = {
  name: "pipeline",
  asks: "what does a method call cost beside a bare fastify route that answers the same bytes?",
  answer,
};

async function answer(): Promise<Answer> {
  await using database = await createBenchDatabase();
  await using stoa = await startMeasured("stoa.ts", [database.url]);
  await using bare = await startMeasured("bare-fastify.ts");
  await using requesters = await startMeasured("requesters.ts");
  const { cinemaId } = await stoa.ask<{ cinemaId: number }>("newStage");
  const url = `${await stoa.ask<string>("url")}/api/cinema.getOne`;
  const token = await register(await stoa.ask<string>("url"));
  const body = JSON.stringify({ id: cinemaId });
  const headers = { authorization: `Bearer ${token}` };
  const { text, headers: answered } = await post(url, { id: cinemaId }, headers);
  await bare.ask("answerWith", { text, headers: lasting(answered) });
  const bareUrl = await bare.ask<string>("url");
  const open = (group: string, to: string) =>
    requesters.ask("open", { group, url: to, headers, body, connections: CONNECTIONS });
  await open("stoa", url);
  await open("body", `${bareUrl}/api/cinema.getOne`);
  await open("whole", `${bareUrl}/whole`);

  const slices = await alternate(
    {
      stoa: () => slice(stoa, requesters, "stoa"),
      body: () => slice(bare, requesters, "body"),
      whole: () => slice(bare, requesters, "whole"),
    },
    { rounds: ROUNDS, warmUps: WARM_UPS },
  );
  const compare = (figure: "perCpuSecond" | "perSecond", side: "body" | "whole") => {
    const [ours, reference] = [pick(slices.stoa, figure), pick(slices[side], figure)];
    return {
      ours: { value: median(ours), unit: "/s" },
      reference: { value: median(reference), unit: "/s", name: REFERENCES[side] },
      ratio: pairedRatio(ours, reference),
    };
  };
  const what = `\`cinema.getOne\`, signed in, ${text.length} bytes`;
  // The aim is held against the same bytes; what our headers cost beside it is shown as well.
  const aims = { whole: { aim: { atLeast: 0.6 } }, body: {} };
  const rows: Row[] = (["whole", "body"] as const).flatMap((side) => [
    {
      what: `${what}: requests a second by the clock`,
      ...compare("perSecond", side),
      ...aims[side],
    },
    {
      what: `${what}: requests a second of the server's processor time`,
      ...compare("perCpuSecond", side),
      ...aims[side],
    },
  ]);
  return { rows, with: { PostgreSQL: database.version } };
}

const REFERENCES = {
  whole: "bare fastify, the same bytes",
  body: "bare fastify, the same body without our headers",
};

/** The headers that every answer has alike; those of the connection the server writes itself. */
function lasting(headers: Readonly<Record<string, string>>): Record<string, string> {
  const own = new Set(["date", "connection", "keep-alive", "content-length"]);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !own.has(name)));
}

async function slice(server: Measured, requesters: Measured, group: string) {
  const before = await server.cpuMicros();
  const { answers, elapsedMs } = await requesters.ask<{ answers: number; elapsedMs: number }>(
    "run",
    { group, sliceMs: SLICE_MS },
  );
  const cpuS = ((await server.cpuMicros()) - before) / 1e6;
  return { perCpuSecond: answers / cpuS, perSecond: (answers / elapsedMs) * 1_000 };
}

/** Somebody who came as everybody does. */
async function register(url: string): Promise<string> {
  const person = { username: "reader", password: "seven quiet rows of seats" };
  const answered = await post(`${url}/api/auth.register`, person);
  if (answered.status !== 200) throw new Error(answered.text);
  return (answered.json() as { token: string }).token;
}
