import { useEffect, useState } from "preact/hooks";
import { type Output, type Push, subscribe } from "../api.ts";

export type ScreeningSummary = Output<"cinema.getOne">["screenings"][number];

export interface Programme {
  /** By time; `undefined` until they are here. */
  readonly screenings: readonly ScreeningSummary[] | undefined;
  readonly error: unknown;
}

/** A cinema's screenings with their counts, live. */
export function useProgramme(cinemaId: number): Programme {
  const [programme, setProgramme] = useState<Programme>({
    screenings: undefined,
    error: undefined,
  });
  useEffect(
    () =>
      subscribe(
        "cinema.subscribe",
        { cinemaId },
        {
          onState: ({ screenings }) => setProgramme({ screenings, error: undefined }),
          onEvent: (...push) => setProgramme((before) => follow(before, push)),
          onError: (error) => setProgramme({ screenings: undefined, error }),
        },
      ),
    [cinemaId],
  );
  return programme;
}

function follow(programme: Programme, [type, data]: Push<"cinema.subscribe">): Programme {
  const { screenings } = programme;
  if (screenings === undefined) return programme;
  if (type === "cinema.counts") {
    const { screeningId, change } = data;
    return {
      ...programme,
      screenings: screenings.map((screening) =>
        screening.id === screeningId
          ? { ...screening, counts: addCounts(screening.counts, change) }
          : screening,
      ),
    };
  }
  const others = screenings.filter(({ id }) => id !== data.id);
  return {
    ...programme,
    screenings: [...others, data].sort((a, b) => a.startsAtMs - b.startsAtMs),
  };
}

type Counts = ScreeningSummary["counts"];

function addCounts(counts: Counts, change: Counts): Counts {
  return {
    free: counts.free + change.free,
    held: counts.held + change.held,
    booked: counts.booked + change.booked,
    blocked: counts.blocked + change.blocked,
  };
}
