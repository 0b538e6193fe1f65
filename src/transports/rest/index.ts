import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { INPUT_BYTES_MAX } from "../../core/limits.ts";
import { isWriting, type Method } from "../../core/method.ts";
import type { Registry } from "../../core/registry.ts";
import { type RestRoute, restPaths } from "../../core/rest.ts";
import { inputMerger, readQuery } from "./input.ts";

/** The server that the routes are hung into, as far as this transport knows it. */
export interface RestHost {
  readonly fastify: FastifyInstance;
  /** Takes a request to a method; what it resolves to is the body. */
  answer(
    request: FastifyRequest,
    reply: FastifyReply,
    call: { transport: string; name: string; input: unknown; status: number },
  ): Promise<string | undefined>;
}

interface RestGeneric {
  Params: Record<string, string>;
  Querystring: { text?: string };
}

/**
 * The documents' own paths, from each module's `rest` table: `/<module>/<path>`, and at the root
 * for the module that is served alone.
 */
export function registerRest(host: RestHost, registry: Registry, only?: string): void {
  for (const { module, route } of registry.routes()) {
    const method = registry.methods.get(route.method);
    if (method === undefined) throw new Error(`${route.path} leads to no method.`);
    if (route.verb === "GET" && isWriting(method)) {
      throw new Error(`GET ${route.path} would change something, which GET never does.`);
    }
    for (const path of restPaths(module.name, route, only)) addRoute(host, path, route, method);
  }
}

function addRoute(host: RestHost, url: string, route: RestRoute, method: Method): void {
  const { name, inputBytesMax = INPUT_BYTES_MAX } = method;
  const toInput = route.input ?? inputMerger(method.input, route.lists);
  const status = route.status ?? 200;
  host.fastify.route<RestGeneric>({
    method: route.verb,
    url,
    bodyLimit: inputBytesMax,
    handler: async (request, reply) => {
      const { params, query, body } = request;
      const input = toInput({ params, query: readQuery(query.text), body });
      return host.answer(request, reply, { transport: "rest", name, input, status });
    },
  });
}
