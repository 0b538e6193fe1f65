import assert from "node:assert/strict";
import { test } from "node:test";
import { href, parseHash, safeNext } from "./router.ts";

test("a hash is read as path and query", () => {
  const { path, query } = parseHash("#/sign-in?next=%23%2Fscreenings%2F1");
  assert.deepEqual(path, ["sign-in"]);
  assert.equal(query.get("next"), "#/screenings/1");
  assert.deepEqual(parseHash("").path, []);
  assert.deepEqual(parseHash("#/").path, []);
});

test("what href writes, parseHash reads", () => {
  const parts = ["a b", "c/d", "ä?", "%"];
  assert.deepEqual(parseHash(href(...parts)).path, parts);
});

test("a part that is no encoding stays as it is", () => {
  assert.deepEqual(parseHash("#/cinemas/%E0%A4%A").path, ["cinemas", "%E0%A4%A"]);
});

test("after signing in one goes to a page of ours only", () => {
  assert.equal(safeNext("#/bookings"), "#/bookings");
  for (const next of [null, "", "https://example.org/", "//example.org", "javascript:alert(1)"]) {
    assert.equal(safeNext(next), "#/");
  }
  assert.equal(safeNext("#/sign-in?next=%23%2Fsign-in"), "#/");
});
