import type { ObjectSchema } from "./schema.ts";

export type Verb = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** What a document's request brings, before it becomes a method's input. */
export interface RestRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** The parsed JSON body, undefined when there is none. */
  readonly body: unknown;
}

/** A document's own path: verb, path, status, and the translation to a method. */
export interface RestRoute {
  readonly verb: Verb;
  /** Below the module's base URL, with `:name` parameters: `/screenings/:screeningId`. */
  readonly path: string;
  /** The wire name of the method that answers. */
  readonly method: string;
  /** The status of success; 200 when absent. 204 sends no body. */
  readonly status?: number;
  /** Parameters of the query that are lists, their items separated by commas. */
  readonly lists?: readonly string[];
  /** The method's input; absent, it is path parameters, query and body merged. */
  readonly input?: (request: RestRequest) => unknown;
  /** What query and body hold, for the documentation, where `input` translates other names. */
  readonly query?: ObjectSchema;
  readonly body?: ObjectSchema;
}

/** Reads an integer from a path or query; anything else stays text, for the schema to refuse. */
export function integer(text: string | undefined): number | string | undefined {
  if (text === undefined || !/^-?\d{1,16}$/.test(text)) return text;
  return Number.isSafeInteger(Number(text)) ? Number(text) : text;
}

/** Where a route is served: under its module's base URL and, run alone, at the root as well. */
export function restPaths(
  module: string,
  route: Pick<RestRoute, "path">,
  only: string | undefined,
): string[] {
  const path = route.path === "/" ? "" : route.path;
  return only === module ? [`/${module}${path}`, path || "/"] : [`/${module}${path}`];
}
