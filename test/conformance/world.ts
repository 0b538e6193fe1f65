import type { App } from "../../src/app.ts";
import { DEMO_PASSWORD } from "../../src/modules/auth/types.ts";
import type { Plan } from "../../src/modules/cinema/types.ts";

/** Who acts in the table. */
export type Role = "nobody" | "ada" | "ben" | "operator";

/** What a run of the table works on: people and a hall of its own. */
export interface World {
  readonly tokens: Readonly<Record<Exclude<Role, "nobody">, string>>;
  /** What earlier steps left for later ones. */
  readonly kept: Map<string, unknown>;
  readonly startsAtMs: number;
  /** No other world of the run has it. */
  readonly serial: number;
}

export const PASSWORD = "rosebud in the snow";

let worlds = 0;

export async function createWorld(app: App): Promise<World> {
  worlds += 1;
  const serial = worlds;
  const suffix = `${process.pid}-${serial}`;
  const [ada, ben] = await Promise.all([
    signIn(app, "auth.register", { username: `ada-${suffix}`, password: PASSWORD }),
    signIn(app, "auth.register", { username: `ben-${suffix}`, password: PASSWORD }),
  ]);
  const operator = await signIn(app, "auth.login", { username: "olivia", secret: DEMO_PASSWORD });
  // A whole minute in a few hours, so that bodies are alike however long the run takes.
  const startsAtMs = Math.ceil(Date.now() / 60_000) * 60_000 + 6 * 3_600_000;
  return { tokens: { ada, ben, operator }, kept: new Map(), startsAtMs, serial };
}

/** Two rows of four seats and one place for a wheelchair. */
export function smallPlan(): Plan {
  const row = (label: string, y: number) => ({
    label,
    seats: [1, 2, 3, 4].map((n) => ({ id: `${label}${n}`, x: n, y, category: "standard" })),
  });
  const wheelchair = { id: "W1", x: 1, y: 3, category: "standard", accessible: true };
  return {
    screen: { x: 2.5, y: -1, width: 4 },
    categories: [{ id: "standard", name: "Standard" }],
    sections: [
      { name: "Stalls", rows: [row("A", 1), row("B", 2), { label: "W", seats: [wheelchair] }] },
    ],
  };
}

async function signIn(app: App, name: string, input: object): Promise<string> {
  const answer = await app.dispatch.call({
    name,
    input,
    inputBytes: 0,
    caller: { transport: "process", address: "127.0.0.1", userAgent: "world", credentials: {} },
    requestId: `world-${name}`,
  });
  return (answer as { token: string }).token;
}
