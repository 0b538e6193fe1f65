/** Fastify with one route and nothing around it, to hold the pipeline against. */
import { fastify } from "fastify";
import { answerCommands } from "../support/commands.ts";

const PATH = "/api/cinema.getOne";

let text = "{}";
let headers: Record<string, string> = {};
const app = fastify({ logger: false });
// The bytes as they are: nothing is faster.
app.post(PATH, (_request, reply) => {
  reply.type("application/json; charset=utf-8");
  return reply.send(text);
});
// The whole answer as ours is, security headers and all.
app.post("/whole", (_request, reply) => {
  reply.headers(headers);
  return reply.send(text);
});
const url = await app.listen({ host: "127.0.0.1", port: 0 });

answerCommands({
  url: () => url,
  answerWith(answer: { text: string; headers: Record<string, string> }) {
    ({ text, headers } = answer);
  },
  end: () => app.close(),
});
