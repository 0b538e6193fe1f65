import fc, { type Arbitrary } from "fast-check";
import type { JsonSchema } from "../../src/transports/http/docs/json-schema.ts";

/** Values by the name of the field they stand in, so that generated calls reach what is there. */
export type KnownValues = Readonly<Record<string, readonly unknown[]>>;

/** A text that no answer may repeat when it stood where it is refused for its form. */
export const CANARY = "canary-3f9a1c-do-not-echo";

const ITEMS_MAX = 3;
const TEXT_CHARS_MAX = 40;
/** How many known values are tried for each made-up one. */
const KNOWN_WEIGHT = 4;

/** Anything that the schema says may be sent, with known values among them. */
export function validValue(schema: JsonSchema, known: KnownValues, field = ""): Arbitrary<unknown> {
  const made = madeValue(schema, known, field);
  const values = (known[field] ?? []).filter((value) => mayBe(value, schema));
  if (values.length === 0) return made;
  return fc.oneof(
    { arbitrary: fc.constantFrom(...values), weight: KNOWN_WEIGHT },
    { arbitrary: made, weight: 1 },
  );
}

/** Fields of one name are of several kinds: `id` is a number here and a UUID there. */
function mayBe(value: unknown, { type, pattern }: JsonSchema): boolean {
  if (type === "integer") return Number.isInteger(value);
  if (type !== "string" || typeof value !== "string") return type === typeof value;
  return pattern === undefined || new RegExp(pattern, "u").test(value);
}

function madeValue(schema: JsonSchema, known: KnownValues, field: string): Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const choices = schema.oneOf ?? (schema.type === undefined ? schema.anyOf : undefined);
  if (choices !== undefined) {
    return fc.oneof(...choices.map((choice) => validValue(choice, known, field)));
  }
  switch (schema.type) {
    case "object":
      return objectOf(schema, known);
    case "array":
      return arrayOf(schema, known, field);
    case "string":
      return textOf(schema);
    case "integer":
      return integerOf(schema);
    case "number":
      return fc.double({ ...range(schema, 1e6), noNaN: true });
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    default:
      throw new Error(`No arbitrary is known for ${JSON.stringify(schema)}.`);
  }
}

function objectOf(schema: JsonSchema, known: KnownValues): Arbitrary<unknown> {
  const { properties = {}, required = [], additionalProperties, propertyNames } = schema;
  if (typeof additionalProperties === "object") {
    const keys = textOf((propertyNames as JsonSchema | undefined) ?? { type: "string" });
    const key = fc.oneof(keys, fc.constantFrom(...((known["key"] as string[]) ?? ["standard"])));
    const value = validValue(additionalProperties, known);
    return fc.dictionary(key, value, { maxKeys: ITEMS_MAX, noNullPrototype: true });
  }
  const fields = Object.entries(properties).map(
    ([name, property]) => [name, validValue(property, known, name.split(" ").at(-1))] as const,
  );
  // `anyOf` beside properties says of which fields at least one has to be there.
  const choices = (schema.anyOf ?? []).map((choice) => choice.required ?? []);
  return fc
    .tuple(
      fc.record(Object.fromEntries(fields), {
        requiredKeys: [...required, ...(choices.length > 1 ? choices.flat() : [])],
        noNullPrototype: true,
      }),
      fc.nat(),
    )
    .map(([value, at]) => {
      const spared = new Set(choices[at % Math.max(choices.length, 1)]);
      const dropped = choices.flat().filter((name) => !spared.has(name) && at % 2 === 0);
      const kept = Object.entries(value).filter(([name]) => !dropped.includes(name));
      return withoutHalves(Object.fromEntries(kept), schema);
    });
}

/** Fields that only make sense beside others go when those are not there. */
function withoutHalves(value: Record<string, unknown>, schema: JsonSchema) {
  const dependencies = (schema["dependencies"] ?? {}) as Readonly<Record<string, string[]>>;
  const isWhole = ([name]: [string, unknown]) =>
    (dependencies[name] ?? []).every((other) => Object.hasOwn(value, other));
  return Object.fromEntries(Object.entries(value).filter(isWhole));
}

function arrayOf(schema: JsonSchema, known: KnownValues, field: string): Arbitrary<unknown> {
  const { items = {}, minItems = 0, maxItems = ITEMS_MAX, uniqueItems } = schema;
  const item = validValue(items, known, field);
  const length = { minLength: minItems, maxLength: Math.max(minItems, Math.min(maxItems, 3)) };
  return uniqueItems === true ? fc.uniqueArray(item, length) : fc.array(item, length);
}

/** Texts without outer white space and in Unicode's NFKC, which no reader changes. */
function textOf(schema: JsonSchema): Arbitrary<string> {
  const { pattern, minLength = 0, maxLength = Number.POSITIVE_INFINITY } = schema;
  const bounds = { minLength, maxLength: Math.max(minLength, Math.min(maxLength, TEXT_CHARS_MAX)) };
  const form = pattern === undefined ? undefined : new RegExp(pattern, "u");
  const fits = (text: string) =>
    text === text.trim() &&
    text === text.normalize("NFKC") &&
    [...text].length >= minLength &&
    text.length <= maxLength &&
    (form?.test(text) ?? true);
  const made = form === undefined ? fc.string({ unit: "grapheme", ...bounds }) : written(form);
  const odd = ODD_TEXTS.filter(fits);
  return fc.oneof(
    ...(isFruitful(made, fits) ? [{ arbitrary: made.filter(fits), weight: 4 }] : []),
    ...(odd.length > 0 ? [{ arbitrary: fc.constantFrom(...odd), weight: 1 }] : []),
  );
}

/** Forms with classes that say what they exclude are guessed at: fast-check cannot write them. */
function written(form: RegExp): Arbitrary<string> {
  return form.source.includes("[^") ? fc.string({ unit: "grapheme" }) : fc.stringMatching(form);
}

/** Whether filtering leaves enough of it. */
function isFruitful(made: Arbitrary<string>, fits: (text: string) => boolean): boolean {
  const samples = fc.sample(made, { numRuns: 20, seed: 1 });
  return samples.filter(fits).length >= samples.length / 4;
}

function integerOf(schema: JsonSchema): Arbitrary<number> {
  const { min, max } = range(schema, Number.MAX_SAFE_INTEGER);
  return fc.oneof(
    fc.integer({ min, max }),
    fc.constantFrom(min, max, Math.min(max, min + 1), Math.max(min, max - 1)),
  );
}

function range({ minimum, maximum }: JsonSchema, otherwise: number) {
  return { min: minimum ?? -otherwise, max: maximum ?? otherwise };
}

/** Texts that programs have stumbled over. Those that a schema takes are valid there. */
const ODD_TEXTS = [
  "mira@example.org",
  "a\u0000b",
  "line\nline",
  "\u202Egnihton",
  "👩\u200D👩\u200D👧",
  "\uD800",
  "Ω≈ç√∫",
  "null",
  "1e9",
  "%00%2e%2e",
  "'; drop table auth_accounts; --",
  "<script>alert(1)</script>",
  "{{7*7}}",
  "x".repeat(254),
  "x".repeat(1_000),
];

/** What stands in the place of something else. */
const STRANGE_VALUES: readonly unknown[] = [
  ...ODD_TEXTS,
  CANARY,
  "constructor",
  "__proto__",
  "",
  " ",
  "x".repeat(20_000),
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 31,
  -(2 ** 31) - 1,
  Number.MAX_SAFE_INTEGER,
  2 ** 53,
  1e308,
  [],
  [[]],
  [CANARY],
  {},
  { extra: CANARY },
  Array.from({ length: 600 }, (_, at) => at),
  nested(20),
  nested(40),
];

const STRANGE_KEYS = ["extra", "", "toString", "hasOwnProperty", "operator", "__proto__"];

function nested(depth: number): unknown {
  return depth === 0 ? CANARY : { a: nested(depth - 1) };
}

/** Nearly what the schema asks for: a valid value with one thing changed somewhere in it. */
export function nearValue(schema: JsonSchema, known: KnownValues): Arbitrary<unknown> {
  return fc
    .tuple(validValue(schema, known), fc.nat(), fc.constantFrom(...MUTATIONS), fc.nat())
    .map(([value, at, mutate, choice]) => {
      const sites = placesIn(value);
      return replaceAt(value, sites[at % sites.length] ?? [], (old) => mutate(old, choice));
    });
}

type Path = ReadonlyArray<string | number>;

function placesIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  const inner = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [path, ...inner.flatMap(([key, item]) => placesIn(item, [...path, key]))];
}

function replaceAt(value: unknown, path: Path, replace: (old: unknown) => unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return replace(value);
  if (Array.isArray(value)) {
    const at = Number(key);
    return value.with(at, replaceAt(value[at], rest, replace));
  }
  const object = value as Record<string, unknown>;
  return { ...object, [key]: replaceAt(object[key], rest, replace) };
}

/** Values with one text replaced by one that databases refuse, in every place of a text. */
export function valuesWithBadText(schema: JsonSchema, known: KnownValues): unknown[] {
  const samples = fc.sample(validValue(schema, known), { numRuns: BAD_TEXT_SAMPLES, seed: 1 });
  const byPlace = new Map<string, unknown[]>();
  for (const value of samples) {
    for (const path of placesIn(value)) {
      // Items of one array are alike.
      const place = path.map((part) => (typeof part === "number" ? "*" : part)).join(" ");
      if (typeof valueAt(value, path) !== "string" || byPlace.has(place)) continue;
      byPlace.set(
        place,
        BAD_TEXTS.map((text) => replaceAt(value, path, () => text)),
      );
    }
  }
  return [...byPlace.values()].flat();
}

const BAD_TEXT_SAMPLES = 10;
const BAD_TEXTS = ["a\u0000b", "\uD800", "x\uDC00x"];

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce((part, key) => (part as Record<string | number, unknown>)[key], value);
}

type Mutation = (old: unknown, choice: number) => unknown;

const MUTATIONS: readonly Mutation[] = [
  (_, choice) => STRANGE_VALUES[choice % STRANGE_VALUES.length],
  otherNumber,
  otherContent,
  otherContent,
];

/** Numbers a little and far beyond the ones that are there; other values become their text. */
function otherNumber(old: unknown, choice: number): unknown {
  if (typeof old !== "number") return String(old);
  const numbers = [old + 1, old - 1, old + 0.5, -old, old * 1e6, String(old), 2 ** 53 + 2];
  return numbers[choice % numbers.length];
}

/** Objects lose or gain a field, arrays an item, texts half of themselves. */
function otherContent(old: unknown, choice: number): unknown {
  if (Array.isArray(old)) return choice % 2 === 0 ? old.slice(1) : [...old, ...old.slice(0, 1)];
  if (typeof old === "string") return choice % 2 === 0 ? old.slice(0, -1) : old + old;
  if (typeof old !== "object" || old === null) return [old];
  const entries = Object.entries(old);
  if (choice % 2 === 0 && entries.length > 0) {
    return Object.fromEntries(entries.toSpliced(choice % entries.length, 1));
  }
  const more = Object.fromEntries(entries);
  const name = STRANGE_KEYS[choice % STRANGE_KEYS.length] ?? "extra";
  // Assigning to `__proto__` would make no field of it.
  return Object.defineProperty(more, name, { value: CANARY, enumerable: true });
}

/** JSON texts that are not read, or that two parsers would read differently. */
export function brokenText(schema: JsonSchema, known: KnownValues): Arbitrary<string> {
  return fc
    .tuple(validValue(schema, known), fc.constantFrom(...TEXT_MUTATIONS), fc.nat())
    .map(([value, mutate, choice]) => mutate(JSON.stringify(value), choice))
    .filter((text) => text !== "" && text !== "{}");
}

const TEXT_MUTATIONS: ReadonlyArray<(text: string, choice: number) => string> = [
  (text, choice) => text.slice(0, choice % text.length),
  (text) => `${text}${text}`,
  (text) => `${text},`,
  (text) => `\uFEFF${text}`,
  (text) => text.replace(/^\{/, `{"a":1,"a":2,`).replace(/,\}$/, "}"),
  (text) => text.replace(/^\{/, `{"__proto__":{"operator":true},`).replace(/,\}$/, "}"),
  (text) => text.replace(/^\{/, `{"\\u0063onstructor":{},`).replace(/,\}$/, "}"),
  (text) => text.replace(/^\{/, `{"n":1${"0".repeat(400)},`).replace(/,\}$/, "}"),
  (text) => text.replace(/^\{/, `{"n":9007199254740993,`).replace(/,\}$/, "}"),
  (text) => text.replace(/^\{/, "{'a':1,"),
  (text) => text.replaceAll(/"/g, "'"),
  () => "[".repeat(10_000),
  () => `${"[".repeat(1_000)}${"]".repeat(1_000)}`,
  () => '{"a":'.repeat(5_000),
  () => "NaN",
  () => "undefined",
  () => '"',
  () => "\u0000",
  () => '{"a":01}',
  () => '{"a":"\u0001"}',
  () => "// comment\n{}",
];
