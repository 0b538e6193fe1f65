import assert from "node:assert/strict";
import { test } from "node:test";
import { typeText } from "./type-text.ts";

test("an object whose fields are needed in one way or another is shown with its fields", () => {
  const text = typeText({
    type: "object",
    properties: { name: { type: "string" }, email: { type: "string" } },
    anyOf: [{ required: ["name"] }, { required: ["email"] }],
  });
  assert.equal(text, "{ name?: string, email?: string }");
});

test("a choice of types is shown as such", () => {
  assert.equal(typeText({ anyOf: [{ type: "string" }, { type: "null" }] }), "string | null");
});
