import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { encodeAnswer, parseAnswer } from "./answers.ts";

const Seat = z.object({ seat: z.string(), by: z.array(z.string()) });

test("an answer is held against its schema, and loses what is not declared", () => {
  const answer = { seat: "A1", by: ["ann"], secret: 1 };
  assert.deepEqual(parseAnswer(Seat, answer), { seat: "A1", by: ["ann"] });
  answer.seat = "A2";
  assert.deepEqual(parseAnswer(Seat, answer), { seat: "A2", by: ["ann"] });
  assert.throws(() => parseAnswer(Seat, { seat: 1 }));
});

test("a frozen answer is held against each schema once, and nobody can change what all share", () => {
  const kept = Object.freeze({ seat: "A1", by: ["ann"] });
  const first = parseAnswer(Seat, kept);
  assert.equal(parseAnswer(Seat, kept), first);
  assert.throws(() => (first as { by: string[] }).by.push("ben"), TypeError);
  const Name = z.object({ seat: z.string() });
  assert.deepEqual(parseAnswer(Name, kept), { seat: "A1" });
  assert.throws(() => parseAnswer(z.object({ row: z.string() }), kept));
  assert.equal(encodeAnswer(first), '{"seat":"A1","by":["ann"]}');
  assert.equal(encodeAnswer(first), encodeAnswer({ seat: "A1", by: ["ann"] }));
});
