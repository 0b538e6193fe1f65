import assert from "node:assert/strict";
import { test } from "node:test";
import { decimal } from "../format.ts";
import { fromMinor, readDecimal, readTyped, scaleOf, toMinor } from "./amounts.ts";

const COIN = { asset: "COIN", scale: 2 };

test("an amount is read as people type it, and written with all its digits", () => {
  for (const [typed, amount] of [
    ["12", "12.00"],
    ["12.5", "12.50"],
    ["12,5", "12.50"],
    [".5", "0.50"],
    ["12.", "12.00"],
    [" 1 000.05 ", "1000.05"],
    ["0012", "12.00"],
    ["9999999999999999.99", "9999999999999999.99"],
  ] as const) {
    assert.deepEqual(readTyped(typed, COIN), { amount }, typed);
  }
  assert.deepEqual(readTyped("7", { asset: "YEN", scale: 0 }), { amount: "7" });
});

test("what is no amount is told why, and nothing is rounded", () => {
  for (const [typed, problem] of [
    ["", /Type an amount/],
    ["twelve", /in digits, such as 12\.50/],
    [".", /in digits/],
    ["-3", /in digits/],
    ["1e3", /in digits/],
    ["1.2.3", /in digits/],
    ["0.00", /above zero/],
    ["12.505", /COIN has 2 digits behind the point/],
    ["1,000", /thousands without a comma/],
    ["1,000.00", /in digits/],
    ["99999999999999999.99", /more than can be counted/],
  ] as const) {
    assert.match(readTyped(typed, COIN).problem ?? "", problem, typed);
  }
  assert.match(readTyped("1.5", { asset: "YEN", scale: 0 }).problem ?? "", /no digits behind/);
  assert.match(readTyped("x", { asset: "YEN", scale: 0 }).problem ?? "", /such as 12\./);
});

test("amounts are counted exactly, beyond what a float can", () => {
  assert.equal(toMinor("9007199254740993.01") - toMinor("9007199254740993.00"), 1n);
  for (const amount of ["0.00", "0.05", "-0.05", "-12.50", "123456789012345678"]) {
    assert.equal(fromMinor(toMinor(amount), scaleOf(amount)), amount);
  }
  assert.equal(decimal("9007199254740993.01"), "9,007,199,254,740,993.01");
  assert.equal(decimal("+12.50"), "+12.50");
  assert.equal(decimal("-0.05"), "-0.05");
  assert.equal(decimal("0.000000000001"), "0.000000000001");
});

test("operators type decimals of any asset; a comma is no guess", () => {
  assert.equal(readDecimal(" 12.5 "), "12.5");
  assert.equal(readDecimal("0"), "0");
  for (const text of ["", "1,000", "-1", "1e3", "."]) assert.equal(readDecimal(text), undefined);
});
