import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { StoaError } from "./errors.ts";
import { parseJson } from "./json.ts";

const refused = (text: string) =>
  assert.throws(
    () => parseJson(text),
    (error) => error instanceof StoaError && error.code === "MALFORMED",
    text,
  );

describe("parseJson", () => {
  it("reads what JSON.stringify writes", () => {
    const value = fc.jsonValue({ maxDepth: 6 }).filter(isPlain);
    fc.assert(
      fc.property(value, (original) => {
        assert.deepEqual(parseJson(JSON.stringify(original)), JSON.parse(JSON.stringify(original)));
      }),
    );
  });

  it("refuses the same key twice, however it is written", () => {
    refused('{"a":1,"a":2}');
    refused('{"a":1,"\\u0061":2}');
    refused('[{"b":{"a":1, "c":0,"a":2}}]');
  });

  it("is not confused by colons, quotes and backslashes in strings", () => {
    assert.deepEqual(parseJson('{"a:b":"c:\\"d:e\\\\"}'), { "a:b": 'c:"d:e\\' });
  });

  it("refuses keys that reach the prototype", () => {
    refused('{"__proto__":{"operator":true}}');
    refused('{"a":[{"constructor":{"prototype":{}}}]}');
  });

  it("refuses numbers that a double cannot hold", () => {
    refused('{"amount":9007199254740993}');
    refused("1e30");
    refused('{"ts":-1e400}');
    assert.equal(parseJson("9007199254740991"), 9007199254740991);
  });

  it("refuses a byte order mark, deep nesting and what is not JSON", () => {
    refused("\ufeff{}");
    refused(`${"[".repeat(33)}${"]".repeat(33)}`);
    for (const text of ["", "{", "undefined", "NaN", "{'a':1}", "[1,]"]) refused(text);
  });
});

function isPlain(value: unknown): boolean {
  if (typeof value === "number") return !Number.isInteger(value) || Number.isSafeInteger(value);
  if (typeof value !== "object" || value === null) return true;
  const banned = ["__proto__", "constructor", "prototype"];
  return Object.entries(value).every(([key, item]) => !banned.includes(key) && isPlain(item));
}
