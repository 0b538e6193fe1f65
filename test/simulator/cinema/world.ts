import type { Caller, Person } from "../../../src/core/actor.ts";
import type { Call } from "../../../src/core/dispatch.ts";
import type { Connection } from "../engine/connection.ts";
import type { Dice } from "../engine/dice.ts";
import type { Simulation } from "../engine/simulation.ts";
import type { Oracle } from "./oracle.ts";
import type { CinemaProgram } from "./program.ts";

/** A screening as far as visitors need to know it. */
export interface Stage {
  readonly screeningId: string;
  readonly seatIds: readonly string[];
}

/** What everybody in a run shares. */
export interface World {
  readonly simulation: Simulation<CinemaProgram>;
  readonly oracle: Oracle;
  readonly cinemaId: number;
  readonly stages: readonly Stage[];
  /** All clocks together are set forward by no more than this, so that screenings stay listed. */
  readonly forwardMsMax: number;
}

/** A connection, and the program at its other end. */
export interface Line {
  readonly connection: Connection;
  readonly program: CinemaProgram;
}

/** Waits for a node that runs, and connects to it. */
export async function connect(simulation: Simulation<CinemaProgram>, dice: Dice): Promise<Line> {
  while (simulation.alive.length === 0) {
    await simulation.scheduler.sleep(dice.between(5, 100), "client looks for a node");
  }
  const node = dice.pick(simulation.alive);
  return { connection: simulation.connect(node), program: node.program };
}

/** A call as a transport would make it. */
export function callOf(
  name: string,
  input: unknown,
  person: Person | undefined,
  more: Pick<Call, "signal" | "repeatKey">,
): Call {
  const caller: Caller = {
    transport: "process",
    address: "127.0.0.1",
    userAgent: "simulator",
    // The harness takes the bearer for the person.
    credentials: person === undefined ? {} : { bearer: JSON.stringify(person) },
  };
  const inputBytes = JSON.stringify(input).length;
  return { name: `cinema.${name}`, input, inputBytes, caller, requestId: "simulated", ...more };
}

/** A person of a fresh account. */
export function newPerson(dice: Dice, wallMs: number, operator = false): Person {
  const uuid = () => {
    const hex = Buffer.from(dice.bytes(16)).toString("hex");
    const parts = [hex.slice(0, 8), hex.slice(8, 12), `7${hex.slice(13, 16)}`];
    return [...parts, `8${hex.slice(17, 20)}`, hex.slice(20)].join("-");
  };
  return {
    kind: "person",
    accountId: uuid(),
    sessionId: uuid(),
    operator,
    signedInAtMs: wallMs,
  };
}
