/** Fastify with one route and nothing around it, to hold the pipeline against. */
import { fastify } from "fastify";
import { answerCommands } from "../support/commands.ts";

const PATH = "/api/cinema.getOne";

let text = "{}";
let value: unknown = {};
const app = fastify({ logger: false });
// The bytes as they are: nothing is faster.
app.post(PATH, (_request, reply) => {
  reply.type("application/json; charset=utf-8");
  return reply.send(text);
});
// What a route does that has the answer as an object.
app.post("/object", (_request, reply) => reply.send(value));
const url = await app.listen({ host: "127.0.0.1", port: 0 });

answerCommands({
  url: () => url,
  answerWith(body: string) {
    text = body;
    value = JSON.parse(body);
  },
  end: () => app.close(),
});
