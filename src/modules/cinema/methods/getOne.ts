import { defineMethod } from "../../../core/method.ts";
import { cinemaNotFound } from "../errors.ts";
import { SHOWN_AFTER_START_MS } from "../rules/programme.ts";
import type { PageCache } from "../seating/page-cache.ts";
import { findCinemaPage } from "../store/programme.ts";
import { cinemaWire, PAGE_MAX } from "../types.ts";

export const getOne = ({ pages }: { readonly pages: PageCache }) =>
  defineMethod({
    name: "cinema.getOne",
    ...cinemaWire.methods["cinema.getOne"],
    summary: "A cinema with its halls and its programme.",
    access: "anyone",
    errors: [cinemaNotFound],
    transaction: "single",
    async handle({ input: { id }, tx, clock }) {
      const page = await pages.get(id, () =>
        findCinemaPage(tx, id, clock.nowMs() - SHOWN_AFTER_START_MS, PAGE_MAX),
      );
      if (page === null) throw cinemaNotFound();
      return page;
    },
  });
