/** Films that nobody has made, for the demo's programme. */
export interface Film {
  readonly title: string;
  readonly description: string;
  readonly durationMinutes: number;
}

export const FILMS: readonly Film[] = [
  {
    title: "The Lighthouse Keeper's Piano",
    description:
      "A piano is washed ashore. The keeper of a remote lighthouse begins to tune it, and the " +
      "ships that pass by night begin to answer.",
    durationMinutes: 112,
  },
  {
    title: "Nine Bridges",
    description:
      "Two couriers, one city, a parcel that must not cross water. A chase in real time.",
    durationMinutes: 97,
  },
  {
    title: "Salt and Cardamom",
    description:
      "Three sisters inherit a spice shop and its debts. What they cook up is not in the will.",
    durationMinutes: 104,
  },
  {
    title: "A Small Republic",
    description:
      "The last tenants of a condemned house declare independence, print stamps and wait for an " +
      "ambassador.",
    durationMinutes: 118,
  },
  {
    title: "Where the River Sleeps",
    description:
      "A cartographer follows a stream that is on none of her maps. Filmed over four winters.",
    durationMinutes: 131,
  },
  {
    title: "Orbit of Crows",
    description:
      "The crew of a weather station in orbit receives a forecast for a storm on the wrong planet.",
    durationMinutes: 126,
  },
  {
    title: "The Understudy",
    description:
      "After twenty years in the wings she knows every part by heart. Tonight nobody else turns up.",
    durationMinutes: 95,
  },
  {
    title: "Paper Tigers, Paper Moon",
    description: "A drawn fable about a folding contest, a stubborn apprentice and the wind.",
    durationMinutes: 84,
  },
];

/** What is played where there is a stage. */
export const CONCERTS: readonly Film[] = [
  {
    title: "An Evening with the Harbour Orchestra",
    description:
      "Dances from seven ports, and a symphony of which only the sketches had been known.",
    durationMinutes: 140,
  },
  {
    title: "Silent Giants, Live Score",
    description:
      "Restored pictures of the age before sound, with an organ, two pianos and forty voices.",
    durationMinutes: 150,
  },
];
