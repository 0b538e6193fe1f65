import { malformed } from "./errors.ts";
import { JSON_DEPTH_MAX } from "./limits.ts";

const BANNED_KEYS = new Set(["__proto__", "constructor", "prototype"]);

/**
 * Parses JSON so that no two parsers could read it differently (OWASP ASVS 1.5.3): duplicate keys,
 * prototype keys, numbers beyond 2^53, a byte order mark and deep nesting are refused.
 *
 * @param valuesMax more values than that are refused too, those inside of others included
 *
 * @throws MALFORMED
 */
export function parseJson(text: string, valuesMax = Number.POSITIVE_INFINITY): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw malformed({ reason: "It is not valid JSON." }, { cause });
  }
  const keysRead = countKeys(value, 0, { values: valuesMax });
  if (keysRead !== countColons(text)) {
    throw malformed({ reason: "An object names the same key twice." });
  }
  return value;
}

/** How many keys the objects of a parsed value have together. */
function countKeys(value: unknown, depth: number, left: { values: number }): number {
  left.values -= 1;
  if (left.values < 0) throw malformed({ reason: "It has too many values." });
  if (typeof value === "number") {
    if (Math.abs(value) > Number.MAX_SAFE_INTEGER) {
      throw malformed({ reason: "A number is beyond 2^53; write it as a string." });
    }
    return 0;
  }
  if (typeof value !== "object" || value === null) return 0;
  if (depth >= JSON_DEPTH_MAX) throw malformed({ reason: "It is nested too deeply." });
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) count += countKeys(item, depth + 1, left);
    return count;
  }
  for (const [key, item] of Object.entries(value)) {
    if (BANNED_KEYS.has(key)) throw malformed({ reason: "An object has a key with this name." });
    count += 1 + countKeys(item, depth + 1, left);
  }
  return count;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/** How many keys the text writes: in valid JSON, one a colon outside of strings. */
function countColons(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === COLON) {
      count += 1;
    } else if (unit === QUOTE) {
      at = endOfString(text, at);
    }
  }
  return count;
}

/** The index of the quote that ends the string which begins at `start`. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

function isEscaped(text: string, quoteAt: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(quoteAt - 1 - backslashes) === BACKSLASH) backslashes += 1;
  return backslashes % 2 === 1;
}
