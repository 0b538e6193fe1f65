import { defineSubscription } from "../../../core/subscription.ts";
import { screeningNotFound } from "../errors.ts";
import { screeningTopic } from "../seating/announce.ts";
import type { SeatingParts } from "../seating/parts.ts";
import { readSeatMap } from "../seating/seat-map.ts";
import { findScreening } from "../store/programme.ts";
import { cinemaWire } from "../types.ts";

export const watch = ({ tags }: SeatingParts) =>
  defineSubscription({
    name: "cinema.watch",
    ...cinemaWire.subscriptions["cinema.watch"],
    summary: "The seats of a screening that are not free, and each change of a seat.",
    access: "anyone",
    errors: [screeningNotFound],
    topic: ({ input }) => screeningTopic(input.screeningId),
    async admit({ input: { screeningId }, tx }) {
      if ((await findScreening(tx, screeningId)) === null) throw screeningNotFound();
    },
    async snapshot({ input: { screeningId }, actor, tx, clock }) {
      return {
        screeningId,
        seats: await readSeatMap(tx, screeningId, tags),
        you: actor.kind === "person" ? tags.of(actor.accountId, screeningId) : null,
        serverTimeMs: clock.nowMs(),
      };
    },
  });
