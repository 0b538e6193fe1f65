import { defineMethod } from "../../../core/method.ts";
import { CINEMAS_MAX } from "../rules/programme.ts";
import { listCinemas } from "../store/programme.ts";
import { cinemaWire } from "../types.ts";

export const list = defineMethod({
  name: "cinema.list",
  ...cinemaWire.methods["cinema.list"],
  summary: "All cinemas.",
  access: "anyone",
  errors: [],
  transaction: "single",
  handle: async ({ tx }) => ({ cinemas: await listCinemas(tx, CINEMAS_MAX) }),
});
