import { z } from "zod";
import type { Schema } from "../../../core/schema.ts";

/** A part of a generated document. */
export type Json = { readonly [key: string]: unknown };

/** The parts of JSON Schema that our definitions lead to. */
export interface JsonSchema extends Json {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** By this bound times are told from other numbers (ECMA-262: 100 million days). */
export const TIMESTAMP_MS_MAX = 8_640_000_000_000_000;

type Dialect = "draft-2020-12" | "draft-7";

/** The same definition stands in several documents and is translated once. */
const translated = new WeakMap<Schema, Map<string, JsonSchema>>();

/**
 * A wire schema as JSON Schema, without references, so that it can stand anywhere in a document.
 *
 * @param io `input` is what a client may send, `output` what it gets
 */
export function jsonSchema(schema: Schema, io: "input" | "output", target: Dialect): JsonSchema {
  const known = translated.get(schema) ?? new Map<string, JsonSchema>();
  translated.set(schema, known);
  const key = `${io} ${target}`;
  const json = known.get(key) ?? translate(schema, io, target);
  known.set(key, json);
  return json;
}

function translate(schema: Schema, io: "input" | "output", target: Dialect): JsonSchema {
  const { $schema: _, ...plain } = z.toJSONSchema(schema, { io, target, unrepresentable: "any" });
  return JSON.parse(JSON.stringify(plain));
}

/** The schema without some of its properties. */
export function without(schema: JsonSchema, names: readonly string[]): JsonSchema {
  const { properties = {}, required = [], ...more } = schema;
  const kept = Object.entries(properties).filter(([name]) => !names.includes(name));
  const needed = required.filter((name) => !names.includes(name));
  const rest = { ...more, properties: Object.fromEntries(kept) };
  return needed.length > 0 ? { ...rest, required: needed } : rest;
}

/** The schema with other names. @param names the new ones, each to the one it replaces */
export function renamed(
  schema: JsonSchema,
  names: Readonly<Record<string, string>> = {},
): JsonSchema {
  const { properties = {}, required } = schema;
  const newNames = new Map(Object.entries(names).map(([name, before]) => [before, name]));
  const rename = (name: string) => newNames.get(name) ?? name;
  const entries = Object.entries(properties).map(([name, value]) => [rename(name), value]);
  return {
    ...schema,
    properties: Object.fromEntries(entries),
    ...(required === undefined ? {} : { required: required.map(rename) }),
  };
}
