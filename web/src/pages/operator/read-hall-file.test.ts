import assert from "node:assert/strict";
import { test } from "node:test";
import { writeHallFile } from "./hall-file.ts";
import { jsonPlace } from "./json-place.ts";
import { placeWords } from "./plan-places.ts";
import { FILE_BYTES_MAX, readHallFile } from "./read-hall-file.ts";
import { rowLabel, simplePlan } from "./simple-plan.ts";

const plan = simplePlan({ rows: 5, seatsPerRow: 8 });

function problemsOf(text: string) {
  const read = readHallFile(text);
  assert.ok(!read.ok, "the file was taken");
  return read.problems;
}

test("what is exported is taken back, unchanged", () => {
  const file = { name: "Blue hall", plan };
  const text = writeHallFile(file);
  assert.deepEqual(readHallFile(text), { ok: true, file });
  const seatLine = text.split("\n").find((line) => line.includes('"A1"'));
  assert.match(seatLine ?? "", /^\s+\{ "id": "A1", .*\},?$/, "a seat is a line");
});

test("a plan alone is taken as well", () => {
  assert.deepEqual(readHallFile(JSON.stringify(plan)), { ok: true, file: { name: "", plan } });
});

test("text that is no JSON is refused with the place", () => {
  const [problem] = problemsOf('{\n  "name": "x",\n  "plan": oops\n}');
  assert.equal(problem?.where, "Line 3, column 11");
  assert.equal(problemsOf("").length, 1);
  assert.match(problemsOf("[]")[0]?.message ?? "", /object/);
});

test("the place where JSON ends is the one where it parses no further", () => {
  const texts = [
    '{"a": [1, 2,, 3]}',
    '{"a": 01}',
    '["\\x"]',
    '{"a"}',
    "[1, 2",
    "{} {}",
    "nul",
    '"a',
  ];
  for (const text of texts) {
    assert.throws(() => JSON.parse(text), SyntaxError);
    assert.ok(jsonPlace(text) !== undefined, text);
  }
  assert.deepEqual(jsonPlace('{\n "a": [1,\n 2,, 3]}'), { line: 3, column: 4 });
  assert.ok(jsonPlace("[".repeat(1_000_000)) !== undefined);
  for (const text of ["{}", " [ ] ", '{"a": [1.5e-3, true, null, "\\u00e4"], "b": {}}', "0"]) {
    assert.equal(jsonPlace(text), undefined, text);
  }
});

test("every mistake is named, in the words of the plan", () => {
  const broken = structuredClone(plan) as unknown as {
    sections: { rows: { seats: Record<string, unknown>[] }[] }[];
  };
  const row = broken.sections[0]?.rows[1];
  assert.ok(row?.seats[2] && row.seats[3]);
  row.seats[2]["x"] = "far";
  row.seats[3]["id"] = "";
  const problems = problemsOf(JSON.stringify(broken));
  assert.deepEqual(
    problems.map(({ where }) => where),
    ["Section “Stalls”, row “B”, seat “B3”, x", "Section “Stalls”, row “B”, seat “”, id"],
  );
  for (const { message } of problems) assert.match(message, /^[a-z].*\.$/);
});

test("a file beyond what the service takes is refused before it is parsed", () => {
  assert.match(problemsOf(" ".repeat(FILE_BYTES_MAX + 1))[0]?.message ?? "", /larger/);
});

test("places without names are told by number", () => {
  assert.equal(placeWords(["sections", 0, "rows", 2], {}), "Section 1, row 3");
  assert.equal(placeWords(["screen", "width"], plan), "screen, width");
  assert.equal(placeWords([], plan), "The plan");
});

test("simple plans have distinct labels and an aisle", () => {
  const seats = plan.sections.flatMap(({ rows }) => rows.flatMap((row) => row.seats));
  assert.equal(new Set(seats.map(({ id }) => id)).size, 40);
  const [first] = plan.sections[0]?.rows ?? [];
  assert.ok((first?.seats[4]?.x ?? 0) - (first?.seats[3]?.x ?? 0) > 2);
  assert.equal(rowLabel(25), "Z");
  assert.equal(rowLabel(26), "AA");
});
