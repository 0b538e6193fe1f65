import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAmount, writeAmount, writeLocal } from "./inputs.ts";
import { type ReportLine, reportCsv } from "./report-csv.ts";

test("amounts are read with point or comma, in the digits of the currency", () => {
  assert.equal(parseAmount("12.5", "EUR"), 1250);
  assert.equal(parseAmount(" 12,50 ", "EUR"), 1250);
  assert.equal(parseAmount("12", "EUR"), 1200);
  assert.equal(parseAmount("1200", "JPY"), 1200);
  for (const text of ["", "12.505", "-3", "1e3", "twelve", "1.2.3"]) {
    assert.equal(parseAmount(text, "EUR"), undefined, text);
  }
  assert.equal(parseAmount("1.5", "JPY"), undefined);
});

test("what is written is read back", () => {
  for (const amount of [0, 5, 1250, 999_999_999]) {
    assert.equal(parseAmount(writeAmount(amount, "EUR"), "EUR"), amount);
  }
});

test("a moment is written as the input for local times has it", () => {
  const at = new Date(2026, 10, 5, 9, 7).getTime();
  assert.equal(writeLocal(at), "2026-11-05T09:07");
  assert.equal(new Date(writeLocal(at)).getTime(), at);
});

test("a report is written so that spreadsheets read texts as texts", () => {
  const line: ReportLine = {
    screeningId: "01890000-0000-7000-8000-000000000000",
    title: '=cmd|"x", and more',
    hallName: "Blue",
    startsAtMs: 0,
    seatCount: 10,
    counts: { free: 5, held: 1, booked: 3, blocked: 1 },
    bookings: 2,
    revenueMinor: 3600,
    currency: "EUR",
  };
  const [titles, row, rest] = reportCsv([line]).split("\r\n");
  assert.equal(titles?.split(",").length, 11);
  assert.equal(row, `1970-01-01T00:00:00.000Z,"'=cmd|""x"", and more",Blue,10,5,1,3,1,2,3600,EUR`);
  assert.equal(rest, "");
});
