import type { z } from "zod";
import type { Input, MethodName, Output } from "../../client/index.ts";
import type { App } from "../../src/app.ts";
import { DEMO_PASSWORD, type SignedIn } from "../../src/modules/auth/types.ts";

/** Calls a method, whatever carries it. */
export type Call = <N extends MethodName>(name: N, input: Input<N>) => Promise<Output<N>>;

/** An address that no request over the network comes from: its throttles are not the test's. */
const ADDRESS = "192.0.2.1";
/** Of every person that tests make here. */
export const PERSON_PASSWORD = "rosebud in the snow";
let calls = 0;
let people = 0;

/** Calls past the transports: what a test does beside what it tests. */
export function callWithin(app: Pick<App, "dispatch">, bearer?: string): Call {
  return async (name, input) => {
    calls += 1;
    const answer = await app.dispatch.call({
      name,
      input,
      inputBytes: 0,
      caller: {
        transport: "process",
        address: ADDRESS,
        userAgent: "test",
        credentials: { bearer },
      },
      requestId: `within-${calls}`,
    });
    return answer as Output<typeof name>;
  };
}

type Session = z.output<typeof SignedIn>;

/** A person whom nobody else has to do with. */
export function newPersonOf(app: Pick<App, "dispatch">): Promise<Session> {
  people += 1;
  const username = `person-${process.pid}-${people}`;
  return callWithin(app)("auth.register", { username, password: PERSON_PASSWORD });
}

/** The demo operator, in a session of its own. */
export function operatorOf(app: Pick<App, "dispatch">): Promise<Session> {
  return callWithin(app)("auth.login", { username: "olivia", secret: DEMO_PASSWORD });
}
