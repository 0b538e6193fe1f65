import type { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestHookHandler } from "fastify";
import type { Clock } from "../../core/clock.ts";
import { INPUT_BYTES_MAX } from "../../core/limits.ts";
import { isWriting, type Method } from "../../core/method.ts";
import type { Registry } from "../../core/registry.ts";
import type { RestRoute } from "../../core/rest.ts";
import { inputMerger, readQuery } from "./input.ts";
import { type Respond, respondPages, respondWhole } from "./respond.ts";

/** The server that the routes are hung into, as far as this transport knows it. */
export interface RestHost {
  readonly fastify: FastifyInstance;
  readonly clock: Clock;
  /** Refuses requests of a method before they are read, when there is no place. */
  door(name: string, transport: string): onRequestHookHandler;
  /** Takes a request to a method; what it resolves to is the body. */
  answer(
    request: FastifyRequest,
    reply: FastifyReply,
    call: {
      transport: string;
      name: string;
      input: unknown;
      status: number;
      respond?: Respond | undefined;
    },
  ): Promise<string | Readable | undefined>;
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
  for (const { route, path } of registry.paths(only)) {
    const method = registry.methods.get(route.method);
    if (method === undefined) throw new Error(`${route.path} leads to no method.`);
    if (route.verb === "GET" && isWriting(method)) {
      throw new Error(`GET ${route.path} would change something, which GET never does.`);
    }
    addRoute(host, path, route, method);
  }
}

function addRoute(host: RestHost, url: string, route: RestRoute, method: Method): void {
  const { name, inputBytesMax = INPUT_BYTES_MAX } = method;
  const toInput = route.input ?? inputMerger(method.input, route);
  const status = route.status ?? 200;
  const responder = responderOf(host.clock, route);
  host.fastify.route<RestGeneric>({
    method: route.verb,
    url,
    bodyLimit: inputBytesMax,
    config: { errorStatus: route.errorStatus },
    onRequest: host.door(name, "rest"),
    handler: async (request, reply) => {
      const { params, body } = request;
      const query = readQuery(request.query.text);
      const input = toInput({ params, query, body });
      const respond = responder?.(query, input);
      return host.answer(request, reply, { transport: "rest", name, input, status, respond });
    },
  });
}

type Responder = (query: Readonly<Record<string, string>>, input: unknown) => Respond;

/** How a request of this route is answered; undefined when with the method's answer as it is. */
function responderOf(clock: Clock, route: RestRoute): Responder | undefined {
  const { pages } = route;
  if (route.answer === undefined) return undefined;
  const translate = (output: unknown) => route.answer?.(output) ?? {};
  const whole = respondWhole(route, translate);
  if (pages === undefined) return () => whole;
  return (query, first) => {
    const asksForOne = pages.parameters.some((name) => name in query);
    return asksForOne ? whole : respondPages(route, translate, pages, { first, clock });
  };
}
