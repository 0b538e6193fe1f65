import assert from "node:assert/strict";
import { test } from "node:test";
import { grouped, proposeNumber, readNumber } from "./numbers.ts";
import { SubmissionKey } from "./submission-key.ts";

test("a number is read as it is shown, typed or pasted", () => {
  assert.equal(grouped("482109375512"), "4821 0937 5512");
  assert.equal(grouped("12345"), "1234 5");
  assert.equal(readNumber(grouped("482109375512")), "482109375512");
  assert.equal(readNumber(" 4821-0937 5512\n"), "482109375512");
  assert.equal(readNumber("007"), "007", "what stands in front counts: it is a name");
  assert.equal(readNumber("1".repeat(64)), "1".repeat(64));
  for (const text of ["", " ", "12a", "+12", "1".repeat(65)]) {
    assert.equal(readNumber(text), undefined, text);
  }
});

test("a proposed number has twelve digits and is another one each time", () => {
  const proposed = Array.from({ length: 200 }, proposeNumber);
  for (const number of proposed) assert.match(number, /^[1-9]\d{11}$/);
  assert.equal(new Set(proposed).size, 200);
});

test("the same contents have one key until they are answered", () => {
  const key = new SubmissionKey();
  const first = key.of({ toId: "1", amount: "1.00" });
  assert.match(first, /^[0-9a-f]{32}$/);
  assert.equal(key.of({ toId: "1", amount: "1.00" }), first, "a retry is the same request");
  const other = key.of({ toId: "1", amount: "2.00" });
  assert.notEqual(other, first, "other contents are another request");
  key.answered();
  assert.notEqual(key.of({ toId: "1", amount: "2.00" }), other, "sent again on purpose");
});
