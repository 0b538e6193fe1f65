import type { Cinema, Plan } from "../types.ts";
import { CONCERTS, FILMS, type Film } from "./films.ts";
import { arena, curved, studio, twoAisles } from "./halls.ts";

export interface DemoHall {
  readonly name: string;
  readonly plan: () => Plan;
  readonly films: readonly Film[];
  /** In minutes after midnight, universal time. */
  readonly showsAtMinutes: readonly number[];
  /** In cents, by category. */
  readonly prices: Readonly<Record<string, number>>;
}

export interface DemoCinema extends Omit<Cinema, "id"> {
  readonly halls: readonly DemoHall[];
}

const at = (hour: number, minute: number) => hour * 60 + minute;

/** Two cinemas: together somewhat fewer screenings in a week than a page has. */
export const DEMO_CINEMAS: readonly DemoCinema[] = [
  {
    name: "Meridian",
    city: "Trieste",
    address: "Riva del Faro 12",
    halls: [
      {
        name: "Studio",
        plan: studio,
        films: FILMS.slice(4),
        showsAtMinutes: [at(14, 0), at(16, 30), at(19, 0), at(21, 30)],
        prices: { standard: 950, premium: 1_250 },
      },
      {
        name: "Hall 2",
        plan: twoAisles,
        films: FILMS.slice(2, 7),
        showsAtMinutes: [at(13, 30), at(16, 15), at(18, 45), at(21, 15)],
        prices: { front: 850, standard: 1_150, premium: 1_450 },
      },
      {
        name: "Grand Hall",
        plan: curved,
        films: FILMS.slice(0, 5),
        showsAtMinutes: [at(15, 0), at(18, 0), at(20, 45)],
        prices: { front: 900, standard: 1_300, premium: 1_700 },
      },
    ],
  },
  {
    name: "Aurora Amphitheatre",
    city: "Piraeus",
    address: "Akti Themistokleous 40",
    halls: [
      {
        name: "Amphitheatre",
        plan: arena,
        films: CONCERTS,
        showsAtMinutes: [at(18, 30)],
        prices: { standard: 3_200, premium: 5_400, circle: 2_400, balcony: 1_600 },
      },
      {
        name: "Rehearsal Room",
        plan: studio,
        films: FILMS.slice(5),
        showsAtMinutes: [at(17, 0), at(20, 0)],
        prices: { standard: 700, premium: 900 },
      },
    ],
  },
];

/** Days of the programme, today included. */
export const DEMO_DAYS = 7;
