import type { Schema } from "../../../core/schema.ts";
import { type JsonSchema, TIMESTAMP_MS_MAX } from "./json-schema.ts";

/** Texts of the forms our schemas ask for; the first that fits is the example. */
const TEXTS = [
  "example",
  "A12",
  "Mira",
  "mira@example.org",
  "018f4f6e-9c1b-7a34-8f0e-5d2c7b9a1e60",
  "EUR",
  "123456",
  "standard",
  "Zm9yIGRvY3VtZW50YXRpb24gb25seSwgbm90IHVzZWQ",
];
const EXAMPLE_TIME_MS = Date.UTC(2026, 0, 1);
const ITEMS_MAX = 2;
const DEPTH_MAX = 12;

/** An example of the schema, or undefined when none can be made up that it takes. */
export function exampleOf(schema: Schema, json: JsonSchema): unknown {
  const example = build(json, 0);
  return schema.safeParse(example).success ? example : undefined;
}

function build(schema: JsonSchema, depth: number): unknown {
  if (depth > DEPTH_MAX) return undefined;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.default !== undefined) return schema.default;
  const choice = schema.anyOf?.[0] ?? schema.oneOf?.at(-1);
  if (choice !== undefined) return build(choice, depth + 1);
  switch ([schema.type].flat()[0]) {
    case "object":
      return buildObject(schema, depth);
    case "array":
      return buildArray(schema, depth);
    case "string":
      return buildText(schema);
    case "integer":
    case "number":
      return buildNumber(schema);
    case "boolean":
      return true;
    case "null":
      return null;
    default:
      return undefined;
  }
}

function buildObject({ properties = {}, additionalProperties }: JsonSchema, depth: number) {
  const entries = Object.entries(properties).map(
    ([name, property]) => [name, build(property, depth + 1)] as const,
  );
  if (entries.length === 0 && typeof additionalProperties === "object") {
    return { standard: build(additionalProperties, depth + 1) };
  }
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function buildArray({ items, minItems = 0, maxItems = ITEMS_MAX }: JsonSchema, depth: number) {
  if (items === undefined) return [];
  const count = Math.min(Math.max(minItems, 1), maxItems);
  return Array.from({ length: count }, () => build(items, depth + 1));
}

function buildText({ pattern, minLength = 0, maxLength = 1_000 }: JsonSchema): string | undefined {
  const form = pattern === undefined ? undefined : new RegExp(pattern, "u");
  const fits = (text: string) =>
    text.length >= minLength && text.length <= maxLength && (form?.test(text) ?? true);
  return TEXTS.find(fits);
}

function buildNumber({ type, minimum = 0, maximum = Number.MAX_SAFE_INTEGER }: JsonSchema): number {
  if (maximum === TIMESTAMP_MS_MAX) return EXAMPLE_TIME_MS;
  const number = minimum <= 1 && maximum >= 1 ? 1 : minimum;
  return type === "integer" ? Math.ceil(number) : number;
}
