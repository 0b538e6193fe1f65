import type { Dice } from "./dice.ts";

/** How likely each fault is where it can happen: at a statement, a message, a moment. */
export interface FaultRates {
  /** No connection to the database can be had. */
  connectRefused: number;
  /** The connection breaks at a statement, whose transaction is rolled back. */
  statementLost: number;
  /** A statement ends with a serialization failure or a deadlock. */
  statementConflict: number;
  /** An answer of the database takes long. */
  statementStalled: number;
  /** The connection breaks at COMMIT, which did not happen. */
  commitLost: number;
  /** COMMIT happened, and its answer is lost. */
  commitUnknown: number;
  busDrop: number;
  busDouble: number;
  busDelay: number;
  /** The connection of a client breaks at a message. */
  clientLost: number;
  /** A timer of a node fires late. */
  timerLate: number;
  /** Each time the world is shaken: */
  crash: number;
  pause: number;
  cutOff: number;
  wallJump: number;
}

/** What each of them is at the most. */
export const HIGHEST_RATES: Readonly<FaultRates> = {
  connectRefused: 0.01,
  statementLost: 0.02,
  statementConflict: 0.03,
  statementStalled: 0.01,
  commitLost: 0.08,
  commitUnknown: 0.15,
  busDrop: 0.5,
  busDouble: 0.3,
  busDelay: 0.4,
  clientLost: 0.04,
  timerLate: 0.1,
  crash: 0.6,
  pause: 0.3,
  cutOff: 0.3,
  wallJump: 0.8,
};

/**
 * Which faults a run has, and how many. Each is left out of half of the runs: what only one fault
 * shows is not hidden by the noise of all others.
 *
 * @param highest what each rate is at the most
 */
export function drawRates<Fault extends string>(
  dice: Dice,
  highest: Readonly<Record<Fault, number>>,
): Record<Fault, number> {
  const rates: Record<Fault, number> = { ...highest };
  for (const fault of Object.keys(rates) as Fault[]) {
    rates[fault] = dice.chance(0.5) ? 0 : highest[fault] * dice.fraction();
  }
  return rates;
}

/** From here on nothing goes wrong any more. */
export function calm<Fault extends string>(rates: Record<Fault, number>): void {
  for (const fault of Object.keys(rates) as Fault[]) rates[fault] = 0;
}
