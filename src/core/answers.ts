import type { Schema } from "./schema.ts";

const parsed = new WeakMap<Schema, WeakMap<object, unknown>>();
const encoded = new WeakMap<object, string>();

/**
 * Holds an answer against its schema, so that only declared fields leave. A handler that keeps what
 * it answers freezes it, which says that it will never change: that is held against the schema
 * once, and encoded once, however many ask for it.
 */
export function parseAnswer(schema: Schema, answer: unknown): unknown {
  if (!isKept(answer)) return schema.parse(answer);
  let known = parsed.get(schema);
  if (known === undefined) {
    known = new WeakMap();
    parsed.set(schema, known);
  }
  let result = known.get(answer);
  if (result === undefined) {
    result = freezeDeep(schema.parse(answer));
    known.set(answer, result);
  }
  return result;
}

/** An answer of the pipeline as JSON. */
export function encodeAnswer(answer: unknown): string {
  if (!isKept(answer)) return JSON.stringify(answer);
  let text = encoded.get(answer);
  if (text === undefined) {
    text = JSON.stringify(answer);
    encoded.set(answer, text);
  }
  return text;
}

function isKept(answer: unknown): answer is object {
  return typeof answer === "object" && answer !== null && Object.isFrozen(answer);
}

function freezeDeep(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  for (const part of Object.values(value)) freezeDeep(part);
  return Object.freeze(value);
}
