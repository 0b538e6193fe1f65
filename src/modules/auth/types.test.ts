import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { authWire } from "./types.ts";

const { input } = authWire.methods["auth.register"];
const takes = (password: string) => input.safeParse({ username: "mira", password }).success;

test("a password has eight characters at least, as people count them", () => {
  assert.ok(takes("12345678"));
  assert.ok(!takes("1234567"));
  assert.ok(takes("🌱🌿🌳🌲🌴🌵🌾🍀"));
  // Four characters, in eight of UTF-16's units.
  assert.ok(!takes("🌱🌿🌳🌲"));
  const { properties } = z.toJSONSchema(input, { io: "input" });
  assert.partialDeepStrictEqual(properties?.["password"], { minLength: 8, maxLength: 128 });
});
