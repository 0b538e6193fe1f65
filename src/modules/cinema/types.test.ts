import assert from "node:assert/strict";
import { test } from "node:test";
import { CategoryId, Cinema, SeatId } from "./types.ts";

test("labels are not named like what every object has, because they become keys", () => {
  for (const label of ["constructor", "toString", "valueOf", "hasOwnProperty"]) {
    assert.ok(!SeatId.safeParse(label).success, label);
  }
  assert.ok(!CategoryId.safeParse("constructor").success);
  assert.ok(SeatId.safeParse("Balcony L-3").success);
  assert.ok(CategoryId.safeParse("standard").success);
});

test("texts are what a database keeps and a page can show", () => {
  const takes = (name: string) =>
    Cinema.safeParse({ id: 1, name, city: "Graz", address: "" }).success;
  assert.ok(takes("Kino Rosengarten №3 👩\u200D👩\u200D👧"));
  for (const name of ["a\u0000b", "a\nb", "\u009Bb", "\uD800", "x\uDC00x"]) assert.ok(!takes(name));
});
