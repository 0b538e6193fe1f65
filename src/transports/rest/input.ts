import { z } from "zod";
import { malformed } from "../../core/errors.ts";
import { integer, type RestRequest, type RestRoute } from "../../core/rest.ts";
import type { ObjectSchema } from "../../core/schema.ts";

const QUERY_PARAMETERS_MAX = 50;

const PROTOTYPE_KEYS = new Set(["__proto__", "constructor", "prototype"]);

/**
 * Reads a query strictly: each name once, so that nobody in between can read it otherwise.
 *
 * @throws MALFORMED
 */
export function readQuery(text: string | undefined): Record<string, string> {
  const query: Record<string, string> = Object.create(null);
  if (text === undefined || text === "") return query;
  const pairs = text.split("&");
  if (pairs.length > QUERY_PARAMETERS_MAX) {
    throw malformed({ reason: `The query has more than ${QUERY_PARAMETERS_MAX} parameters.` });
  }
  for (const pair of pairs) {
    const equals = pair.indexOf("=");
    const name = decode(equals === -1 ? pair : pair.slice(0, equals));
    if (PROTOTYPE_KEYS.has(name) || name === "") {
      throw malformed({ reason: "A query parameter cannot have this name." });
    }
    if (name in query) throw malformed({ reason: "A query parameter is given twice." });
    query[name] = equals === -1 ? "" : decode(pair.slice(equals + 1));
  }
  return query;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch (cause) {
    throw malformed({ reason: "The query is not percent-encoded UTF-8." }, { cause });
  }
}

/** Turns the text of one path or query parameter into what the input's schema wants there. */
type Reader = (text: string) => unknown;

/**
 * Makes the input of a method out of path parameters, query and body together. Parameters are
 * text; where the schema wants a number or a boolean they are read as one. What cannot be read
 * stays text, for the schema to refuse.
 *
 * @param route its `lists` are parameters with several values, separated by commas; its `names` are
 * the document's
 */
export function inputMerger(
  schema: ObjectSchema,
  { lists = [], names = {} }: Pick<RestRoute, "lists" | "names"> = {},
): (request: RestRequest) => unknown {
  const readers = readersOf(schema);
  for (const name of lists) readers.set(name, (text) => text.split(","));
  const renamed = new Map(Object.entries(names));
  const replaced = new Set(renamed.values());
  const nameOf = (given: string): string => {
    const name = renamed.get(given);
    if (name === undefined && replaced.has(given)) {
      throw malformed({ reason: `The field ${given} has another name at this path.` });
    }
    return name ?? given;
  };
  return ({ params, query, body }) => {
    const input: Record<string, unknown> = {};
    for (const [given, value] of Object.entries(readObject(body))) input[nameOf(given)] = value;
    for (const texts of [params, query]) {
      for (const [given, text] of Object.entries(texts)) {
        const name = nameOf(given);
        const value = readers.get(name)?.(text) ?? text;
        if (Object.hasOwn(input, name) && input[name] !== value) {
          throw malformed({ reason: "A field is given in two places with different values." });
        }
        input[name] = value;
      }
    }
    return input;
  };
}

function readObject(body: unknown): object {
  if (body === undefined) return {};
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw malformed({ reason: "The body is not a JSON object." });
  }
  return body;
}

function readersOf(schema: ObjectSchema): Map<string, Reader> {
  const { properties = {} } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  const readers = new Map<string, Reader>();
  for (const [name, property] of Object.entries(properties)) {
    const type = typeof property === "object" ? property.type : undefined;
    if (type === "integer") readers.set(name, integer);
    if (type === "number") readers.set(name, decimal);
    if (type === "boolean") readers.set(name, boolean);
  }
  return readers;
}

function decimal(text: string): number | string {
  return /^-?\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : text;
}

function boolean(text: string): boolean | string {
  return text === "true" ? true : text === "false" ? false : text;
}
