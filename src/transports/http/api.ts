import { INPUT_BYTES_MAX } from "../../core/limits.ts";
import type { Registry } from "../../core/registry.ts";
import { socketOnly } from "./errors.ts";
import type { HttpServer } from "./server.ts";

/** Where a method is called: `POST /api/cinema.hold`. */
export function apiPath(name: string): string {
  return `/api/${name}`;
}

/** `POST /api/<namespace.method>` for every method. */
export function registerApi({ fastify, answer, door }: HttpServer, registry: Registry): void {
  for (const { name, inputBytesMax = INPUT_BYTES_MAX } of registry.methods.values()) {
    const options = { bodyLimit: inputBytesMax, onRequest: door(name, "http") };
    fastify.post(apiPath(name), options, (request, reply) =>
      answer(request, reply, { transport: "http", name, input: request.body, status: 200 }),
    );
  }
  fastify.post<{ Params: { name: string } }>("/api/:name", (request, reply) => {
    const { name } = request.params;
    if (registry.subscriptions.has(name) || registry.endings.has(name)) throw socketOnly();
    return answer(request, reply, { transport: "http", name, input: request.body, status: 200 });
  });
}
