import { defineSubscription } from "../../../core/subscription.ts";
import { cinemaNotFound } from "../errors.ts";
import { SHOWN_AFTER_START_MS } from "../rules/programme.ts";
import { cinemaTopic } from "../seating/announce.ts";
import { cinemaExists } from "../store/editing.ts";
import { findProgramme } from "../store/programme.ts";
import { cinemaWire, PAGE_MAX } from "../types.ts";

export const subscribe = defineSubscription({
  name: "cinema.subscribe",
  ...cinemaWire.subscriptions["cinema.subscribe"],
  summary: "The programme of a cinema, and how the seats of its screenings fill.",
  access: "anyone",
  errors: [cinemaNotFound],
  topic: ({ input }) => cinemaTopic(input.cinemaId),
  async admit({ input: { cinemaId }, tx }) {
    if (!(await cinemaExists(tx, cinemaId))) throw cinemaNotFound();
  },
  async snapshot({ input: { cinemaId }, tx, clock }) {
    const fromMs = clock.nowMs() - SHOWN_AFTER_START_MS;
    const screenings = await findProgramme(tx, cinemaId, fromMs, PAGE_MAX);
    if (screenings === null) throw cinemaNotFound();
    return { cinemaId, screenings };
  },
});
