import assert from "node:assert/strict";

/** What no answer may show, whoever asks: the inside of the program. */
const LEAKS: readonly RegExp[] = [
  /\bat .+\.(ts|js|mjs):\d+/,
  /node_modules|file:\/\/|\.ts\b/,
  /\b(select|insert into|update|delete from)\b.+\b(from|set|values|where)\b/i,
  // Tables. Document 002 has a field of its own that looks like one.
  /\b(?!auth_token\b)(auth|cinema|wallet|chat|stoa)_[a-z]+/,
  /postgres|pglite|sqlstate|\b(22|23|42)[0-9A-Z]{3}\b/i,
  /\[object \w+\]|\bTypeError\b|\bZodError\b/,
];

export function assertNoLeak(text: string, where: string): void {
  for (const leak of LEAKS) assert.doesNotMatch(text, leak, where);
}

/** Parts of what tests send, and of what they are given, that are nobody's but the sender's. */
const PRIVATE: readonly RegExp[] = [
  /eyJ[\w-]{10}/,
  /rosebud|stoa demo seats/,
  /canary-/,
  /alert\(1\)|drop table|\{\{7/,
  /mira@example/,
];

/** A log that tells of no failure, and nothing that was said in confidence. */
export function assertCleanLog(lines: readonly string[]): void {
  for (const line of lines) {
    const { level } = JSON.parse(line) as { level: number };
    assert.ok(level < ERROR_LEVEL, line);
    for (const secret of PRIVATE) assert.doesNotMatch(line, secret);
  }
}

/** Of pino's levels. */
const ERROR_LEVEL = 50;
