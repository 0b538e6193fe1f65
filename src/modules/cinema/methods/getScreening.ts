import { defineMethod } from "../../../core/method.ts";
import { screeningNotFound } from "../errors.ts";
import { screeningTopic } from "../seating/announce.ts";
import type { SeatingParts } from "../seating/parts.ts";
import { readSeatMap } from "../seating/seat-map.ts";
import { findScreening } from "../store/programme.ts";
import { cinemaWire } from "../types.ts";

export const getScreening = ({ plans, tags, eventLog }: SeatingParts) =>
  defineMethod({
    name: "cinema.getScreening",
    ...cinemaWire.methods["cinema.getScreening"],
    summary: "A screening with its seating plan, its prices and the seats that are not free.",
    access: "anyone",
    errors: [screeningNotFound],
    transaction: "snapshot",
    async handle({ input: { screeningId }, actor, tx, clock }) {
      const found = await findScreening(tx, screeningId);
      if (found === null) throw screeningNotFound();
      const topic = screeningTopic(screeningId);
      const offsets = await eventLog.positions(tx, [topic]);
      const { plan } = await plans.get(tx, found.planId);
      return {
        screening: found.screening,
        cinemaName: found.cinemaName,
        plan,
        seats: await readSeatMap(tx, screeningId, tags),
        version: offsets.get(topic) ?? 0,
        you: actor.kind === "person" ? tags.of(actor.accountId, screeningId) : null,
        serverTimeMs: clock.nowMs(),
      };
    },
  });
