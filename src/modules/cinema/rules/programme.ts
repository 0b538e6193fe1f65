/** What an installation can have. */
export const CINEMAS_MAX = 500;

/** Halls of one cinema. */
export const HALLS_MAX = 100;

/** Screenings to come in one hall: changing its plan changes all of them in one transaction. */
export const UPCOMING_MAX = 300;

/** So many of the seats, screenings or prices that stand against a change are named. */
export const LISTED_MAX = 50;

/** How long a screening is shown in the programme after it has started. */
export const SHOWN_AFTER_START_MS = 2 * 3_600_000;
