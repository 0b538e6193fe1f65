import assert from "node:assert/strict";
import { test } from "node:test";
import {
  clock,
  count,
  dayKey,
  dayName,
  device,
  length,
  list,
  money,
  sortLabels,
} from "./format.ts";

test("amounts follow the digits of their currency", () => {
  assert.match(money(1250, "EUR"), /12\.50/);
  assert.match(money(1250, "JPY"), /1,250/);
});

test("a countdown rounds up, so that it ends when the time does", () => {
  assert.equal(clock(600_000), "10:00");
  assert.equal(clock(59_001), "1:00");
  assert.equal(clock(1), "0:01");
  assert.equal(clock(0), "0:00");
  assert.equal(clock(-5), "0:00");
  assert.equal(clock(3_600_000), "1:00:00");
});

test("today and tomorrow are told by the local calendar, not by 24 hours", () => {
  const lateEvening = new Date(2026, 2, 28, 23, 30).getTime();
  const nextMorning = new Date(2026, 2, 29, 1, 0).getTime();
  assert.equal(dayName(lateEvening, lateEvening), "Today");
  assert.equal(dayName(nextMorning, lateEvening), "Tomorrow");
  assert.match(dayName(new Date(2026, 2, 30, 12).getTime(), lateEvening), /Monday/);
  assert.equal(dayKey(lateEvening), "2026-03-28");
});

test("lengths, numbers and lists read as people say them", () => {
  assert.equal(length(45), "45 min");
  assert.equal(length(120), "2 h");
  assert.equal(length(105), "1 h 45 min");
  assert.equal(count(1, "seat"), "1 seat");
  assert.equal(count(2, "category", "categories"), "2 categories");
  assert.equal(list(["A1", "A2", "A3"]), "A1, A2 and A3");
  assert.deepEqual(sortLabels(["A10", "A2", "B1", "A1"]), ["A1", "A2", "A10", "B1"]);
});

test("a user agent is named by browser and system", () => {
  const edge = "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0";
  assert.equal(device(edge), "Edge on Windows");
  assert.equal(device("curl/8.5.0"), "curl/8.5.0");
  assert.equal(device(""), "An unknown program");
});
