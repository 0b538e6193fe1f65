import assert from "node:assert/strict";
import { test } from "node:test";
import { rest } from "./rest.ts";
import { cinemaWire } from "./types.ts";

test("every method has a path, and no path is there twice", () => {
  const reached = new Set(rest.map(({ method }) => method));
  assert.deepEqual([...reached].sort(), Object.keys(cinemaWire.methods).sort());
  const paths = rest.map(({ verb, path }) => `${verb} ${path}`);
  assert.equal(new Set(paths).size, paths.length);
});
