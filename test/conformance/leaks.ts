import assert from "node:assert/strict";

/** What no answer may show, whoever asks: the inside of the program. */
const LEAKS: readonly RegExp[] = [
  /\bat .+\.(ts|js|mjs):\d+/,
  /node_modules|file:\/\/|\.ts\b/,
  /\b(select|insert into|update|delete from)\b.+\b(from|set|values|where)\b/i,
  /\b(auth|cinema|stoa)_[a-z]+/,
  /postgres|pglite|sqlstate|\b(22|23|42)[0-9A-Z]{3}\b/i,
  /\[object \w+\]|\bTypeError\b|\bZodError\b/,
];

export function assertNoLeak(text: string, where: string): void {
  for (const leak of LEAKS) assert.doesNotMatch(text, leak, where);
}
