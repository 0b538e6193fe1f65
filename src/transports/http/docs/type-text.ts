import { Uuid } from "../../../core/schema.ts";
import { type JsonSchema, jsonSchema, TIMESTAMP_MS_MAX } from "./json-schema.ts";

const INDENT = "  ";
const INLINE_CHARS_MAX = 60;
const UUID = jsonSchema(Uuid, "output", "draft-2020-12").pattern;

/** A schema as people read types: `{ screeningId: uuid, seatIds: string[] (1 to 10) }`. */
export function typeText(schema: JsonSchema, indent = ""): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((v) => JSON.stringify(v)).join(" | ");
  const choices = schema.anyOf ?? schema.oneOf;
  // Choices beside the fields of an object only say which of them have to be there.
  if (choices !== undefined && schema.type !== "object") {
    return choices.map((choice) => typeText(choice, indent)).join(" | ");
  }
  if (Array.isArray(schema.type)) return schema.type.join(" | ");
  switch (schema.type) {
    case "object":
      return objectText(schema, indent);
    case "array":
      return arrayText(schema, indent);
    case "string":
      if (schema.pattern === UUID) return "uuid";
      return `string${range(schema.minLength, schema.maxLength, "characters")}`;
    case "integer":
    case "number":
      if (schema.maximum === TIMESTAMP_MS_MAX) return "time in ms";
      return `${schema.type}${range(schema.minimum, safe(schema.maximum), "")}`;
    case undefined:
      return "anything";
    default:
      return String(schema.type);
  }
}

function objectText(schema: JsonSchema, indent: string): string {
  const { properties = {}, required = [], additionalProperties } = schema;
  const inner = `${indent}${INDENT}`;
  const fields = Object.entries(properties).map(([name, property]) => {
    const optional = required.includes(name) ? "" : "?";
    const standard = property.default === undefined ? "" : ` = ${JSON.stringify(property.default)}`;
    return `${name}${optional}: ${typeText(property, inner)}${standard}`;
  });
  if (typeof additionalProperties === "object" && Object.keys(additionalProperties).length > 0) {
    fields.push(`[name]: ${typeText(additionalProperties, inner)}`);
  }
  if (fields.length === 0) return "{}";
  const inline = `{ ${fields.join(", ")} }`;
  if (inline.length <= INLINE_CHARS_MAX && !inline.includes("\n")) return inline;
  return `{\n${fields.map((field) => `${inner}${field}\n`).join("")}${indent}}`;
}

function arrayText({ items, minItems, maxItems }: JsonSchema, indent: string): string {
  const item = items === undefined ? "anything" : typeText(items, indent);
  const list = item.includes(" | ") || item.includes(" (") ? `(${item})[]` : `${item}[]`;
  return `${list}${range(minItems, maxItems, "items")}`;
}

function range(low: number | undefined, max: number | undefined, unit: string): string {
  const min = low === Number.MIN_SAFE_INTEGER ? undefined : low;
  const tail = unit === "" ? "" : ` ${unit}`;
  if (min !== undefined && max !== undefined) {
    return min === max ? ` (${min}${tail})` : ` (${min} to ${max}${tail})`;
  }
  if (max !== undefined) return ` (at most ${max}${tail})`;
  return min === undefined || min === 0 ? "" : ` (at least ${min}${tail})`;
}

/** Bounds that only say "a number of JavaScript" are not worth telling. */
function safe(max: number | undefined): number | undefined {
  return max === undefined || max === Number.MAX_SAFE_INTEGER ? undefined : max;
}
