import { startMeasured } from "./support/measured.ts";
import { createBenchDatabase } from "./support/postgres.ts";
import type { Answer, Question } from "./support/question.ts";
import { alternate, median, pairedRatio, pick } from "./support/slices.ts";

const ROUNDS = 25;
const WARM_UPS = 5;

export const holds: Question = {
  name: "holds",
  asks: "how many seats a second can 500 people take who storm 200 of them?",
  answer,
};

type Storm = { readonly holdsPerS: number; readonly p99Ms: number };

async function answer(): Promise<Answer> {
  await using database = await createBenchDatabase();
  await using storms = await startMeasured("storms.ts", [database.url]);
  // A storm is a slice: it has to come to its end, and takes about as long as one.
  const slices = await alternate(
    {
      async ours() {
        await storms.ask("prepare");
        return storms.ask<Storm>("ours");
      },
      async reference() {
        await storms.ask("prepare");
        return storms.ask<Storm>("reference");
      },
    },
    { rounds: ROUNDS, warmUps: WARM_UPS },
  );
  const compare = (figure: keyof Storm, unit: string) => {
    const [ours, reference] = [pick(slices.ours, figure), pick(slices.reference, figure)];
    return {
      ours: { value: median(ours), unit },
      reference: { value: median(reference), unit, name: "SELECT FOR UPDATE + UPDATE a seat" },
      ratio: pairedRatio(ours, reference),
    };
  };
  return {
    rows: [
      {
        what: "500 people storm 200 seats, one owner each: holds a second",
        ...compare("holdsPerS", "/s"),
        aim: { atLeast: 3 },
      },
      { what: "the same: 99 of 100 people are answered within", ...compare("p99Ms", "ms") },
    ],
    with: { PostgreSQL: database.version },
  };
}
