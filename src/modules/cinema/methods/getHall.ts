import { defineMethod } from "../../../core/method.ts";
import { hallNotFound } from "../errors.ts";
import { findHall } from "../store/editing.ts";
import { cinemaWire } from "../types.ts";

export const getHall = defineMethod({
  name: "cinema.getHall",
  ...cinemaWire.methods["cinema.getHall"],
  summary: "A hall with its seating plan, in the form in which `cinema.saveHall` takes it.",
  access: "operator",
  errors: [hallNotFound],
  transaction: "single",
  async handle({ input: { id }, tx }) {
    const hall = await findHall(tx, id);
    if (hall === null) throw hallNotFound();
    return hall;
  },
});
