import { type AnyErrorDefinition, PIPELINE_ERRORS } from "./errors.ts";
import type { ObjectSchema, Schema } from "./schema.ts";

export type Verb = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** What a document's request brings, before it becomes a method's input. */
export interface RestRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** The parsed JSON body, undefined when there is none. */
  readonly body: unknown;
}

/** A document's answer, where it is another than the method's. */
export interface RestAnswer {
  /** Held against the route's `output`; none when absent. */
  readonly body?: unknown;
  /** Those that the route lists in `answerHeaders`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** How a list that the method answers in pages is answered whole: as one array, page by page. */
export interface RestPages {
  /** Parameters of the query that ask for a single page; any of them counts. */
  readonly parameters: readonly string[];
  /** What the next page's input has instead of the first one's; undefined after the last page. */
  next(output: unknown): Readonly<Record<string, unknown>> | undefined;
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
  /** Fields of path, query and body that the document names otherwise: its name to the method's. */
  readonly names?: Readonly<Record<string, string>>;
  /** The method's input, where `names` are not enough; absent, it is all three merged. */
  readonly input?: (request: RestRequest) => unknown;
  /** What query and body hold, for the documentation, where `input` makes something else of it. */
  readonly query?: ObjectSchema;
  readonly body?: ObjectSchema;
  /**
   * Makes the document's answer out of the method's. As a method, so that it may name the type of
   * what it gets: the answer as the method's `output` declares it.
   */
  answer?(output: unknown): RestAnswer;
  /** What the body of {@link answer} holds; without it there is no body. */
  readonly output?: Schema;
  /** The status where {@link answer} leaves out the body that {@link output} declares. */
  readonly emptyStatus?: number;
  /** Headers that {@link answer} sets, each with what it holds, for the documentation. */
  readonly answerHeaders?: Readonly<Record<string, string>>;
  /** The body is an array then. Headers belong to single pages: a whole list has none. */
  readonly pages?: RestPages;
  /** The statuses of failures for which the document has others, by code. */
  readonly errorStatus?: Readonly<Record<string, number>>;
}

/** What contradicts itself in a route, in a sentence; undefined when nothing does. */
export function contradictionIn(
  route: RestRoute,
  { errors, input }: { readonly errors: readonly AnyErrorDefinition[]; input: ObjectSchema },
): string | undefined {
  const unknown = Object.values(route.names ?? {}).find((name) => !(name in input.shape));
  if (unknown !== undefined) return `Its method takes no ${unknown}.`;
  if (route.names !== undefined && route.input !== undefined) return "It is translated twice.";
  const { answer, output, emptyStatus, answerHeaders, pages, errorStatus = {} } = route;
  const hasShape = [output, emptyStatus, answerHeaders, pages].some((part) => part !== undefined);
  if (answer === undefined && hasShape) return "It describes an answer that nothing makes.";
  if (output !== undefined && route.status === 204) return "204 has no body.";
  if (emptyStatus !== undefined && output === undefined) return "It has no body to leave out.";
  if (pages !== undefined && (output === undefined || route.verb !== "GET")) {
    return "A list in pages is read by GET and has a body.";
  }
  for (const [code, status] of Object.entries(errorStatus)) {
    const isKnown = [...errors, ...PIPELINE_ERRORS].some((error) => error.code === code);
    if (!isKnown) return `Its method never ends with ${code}.`;
    if (!Number.isInteger(status) || status < 400 || status > 599)
      return `${status} is no failure.`;
  }
  return undefined;
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
