import type { SEATS_PER_PERSON_MAX as Max } from "../../../src/modules/cinema/types.ts";

/**
 * Seats one person may have in a screening. The contract's own constant stands among schemas, and
 * would bring their library to every visitor; its type is a literal, so the compiler sees to it
 * that both are one number.
 */
export const SEATS_PER_PERSON_MAX: typeof Max = 10;
