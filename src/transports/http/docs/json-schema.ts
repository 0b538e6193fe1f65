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

type Dialect = "draft-2020-12" | "draft-7";

/**
 * A wire schema as JSON Schema, without references, so that it can stand anywhere in a document.
 *
 * @param io `input` is what a client may send, `output` what it gets
 */
export function jsonSchema(schema: Schema, io: "input" | "output", target: Dialect): JsonSchema {
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
