import { post } from "../test/support/http-client.ts";
import { type Measured, startMeasured } from "./support/measured.ts";
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
  await using stoa = await startMeasured("stoa.ts");
  await using bare = await startMeasured("bare-fastify.ts");
  await using requesters = await startMeasured("requesters.ts");
  const { cinemaId } = await stoa.ask<{ cinemaId: number }>("newStage");
  const url = `${await stoa.ask<string>("url")}/api/cinema.getOne`;
  const token = await register(await stoa.ask<string>("url"));
  const body = JSON.stringify({ id: cinemaId });
  const headers = { authorization: `Bearer ${token}` };
  const { text } = await post(url, { id: cinemaId }, headers);
  await bare.ask("answerWith", text);
  const bareUrl = await bare.ask<string>("url");
  const open = (group: string, to: string) =>
    requesters.ask("open", { group, url: to, headers, body, connections: CONNECTIONS });
  await open("stoa", url);
  await open("bare", `${bareUrl}/api/cinema.getOne`);
  await open("object", `${bareUrl}/object`);

  const slices = await alternate(
    {
      stoa: () => slice(stoa, requesters, "stoa"),
      bare: () => slice(bare, requesters, "bare"),
      object: () => slice(bare, requesters, "object"),
    },
    { rounds: ROUNDS, warmUps: WARM_UPS },
  );
  const compare = (figure: "perCpuSecond" | "perSecond", side: "bare" | "object") => {
    const [ours, reference] = [pick(slices.stoa, figure), pick(slices[side], figure)];
    return {
      ours: { value: median(ours), unit: "/s" },
      reference: { value: median(reference), unit: "/s", name: REFERENCES[side] },
      ratio: pairedRatio(ours, reference),
    };
  };
  const what = `\`cinema.getOne\`, signed in, ${text.length} bytes`;
  const rows: Row[] = [
    {
      what: `${what}: requests a second of the server's processor time`,
      ...compare("perCpuSecond", "bare"),
      aim: { atLeast: 0.6 },
    },
    {
      what: `${what}: requests a second by the clock`,
      ...compare("perSecond", "bare"),
      aim: { atLeast: 0.6 },
    },
    {
      what: `${what}: requests a second of processor time`,
      ...compare("perCpuSecond", "object"),
    },
  ];
  return { rows };
}

const REFERENCES = {
  bare: "bare fastify, constant bytes",
  object: "bare fastify, JSON of an object",
};

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
