import { defineMethod } from "../../../core/method.ts";
import { cinemaNotFound, programmeFull } from "../errors.ts";
import { CINEMAS_MAX } from "../rules/programme.ts";
import { announceEdited } from "../seating/announce.ts";
import { countCinemas, insertCinema, updateCinema } from "../store/editing.ts";
import { lockProgramme } from "../store/locks.ts";
import { cinemaWire } from "../types.ts";

export const saveCinema = defineMethod({
  name: "cinema.saveCinema",
  ...cinemaWire.methods["cinema.saveCinema"],
  summary: "Adds a cinema, or changes the one with the id.",
  access: "operator",
  errors: [cinemaNotFound, programmeFull],
  transaction: "write",
  async handle({ input: { id, ...fields }, tx, events }) {
    await lockProgramme(tx);
    if (id !== undefined) {
      const cinema = { id, ...fields };
      if (!(await updateCinema(tx, cinema))) throw cinemaNotFound();
      announceEdited(events, id);
      return cinema;
    }
    if ((await countCinemas(tx)) >= CINEMAS_MAX) {
      throw programmeFull({ what: "cinemas", max: CINEMAS_MAX });
    }
    return { id: await insertCinema(tx, fields), ...fields };
  },
});
