import type { Parameters as FuzzParameters } from "fast-check";
import { createLog } from "../../src/adapters/log/pino.ts";
import { startTestApp } from "../support/app.ts";
import { createTalk } from "../support/chat-talk.ts";
import { callWithin, newPersonOf, operatorOf, PERSON_PASSWORD } from "../support/in-process.ts";
import type { KnownValues } from "../support/schema-arbitrary.ts";
import { createStage } from "../support/stage.ts";
import { createFunds, openWallet } from "../support/wallet-funds.ts";

/**
 * How long and with which dice: `FUZZ_RUNS=1000 FUZZ_SEED=7 npm test -- test/conformance` runs a
 * thousand calls an operation, from another seed than usual. A failure prints the seed and the
 * smallest call that fails.
 */
export const FUZZ: FuzzParameters<unknown> = {
  numRuns: Number(process.env["FUZZ_RUNS"] ?? 24),
  seed: Number(process.env["FUZZ_SEED"] ?? 1),
  endOnFailure: false,
};

export type FuzzRole = "anonymous" | "person" | "operator";

/** A server with something in it, and three kinds of callers. */
export interface FuzzWorld extends AsyncDisposable {
  readonly url: string;
  /** Ids of what is there. */
  readonly known: KnownValues;
  /** What the server wrote to its log, line by line. */
  readonly log: readonly string[];
  /** Somebody whom no call signs out, and his wallet, to which the others send money. */
  readonly watcher: { readonly token: string; readonly walletId: string };
  tokenOf(role: FuzzRole): Promise<string | undefined>;
  /** Signs the role in anew. */
  renew(role: FuzzRole): Promise<void>;
}

const LATER_MS = 48 * 3_600_000;

export async function startFuzzWorld(): Promise<FuzzWorld> {
  await using opened = new AsyncDisposableStack();
  const lines: string[] = [];
  const log = createLog({ level: "debug", write: (line) => void lines.push(line) });
  const { app, url } = opened.use(await startTestApp({ ports: { log } }));
  const tokens = new Map<FuzzRole, string>();
  const { token: watching } = await newPersonOf(app);
  const watched = await openWallet(callWithin(app, watching));
  const known: Record<string, readonly unknown[]> = {};
  let username = "";
  /** Somebody new, with money of his own. */
  const newPerson = async () => {
    const { token, account } = await newPersonOf(app);
    username = account.username ?? "";
    const funds = await createFunds(callWithin(app, token));
    const talk = await createTalk(callWithin(app, token), callWithin(app, watching));
    Object.assign(known, { ...funds, ...talk, toId: [...funds.toId, watched] });
    return { token };
  };
  const signIn = (role: Exclude<FuzzRole, "anonymous">) => {
    if (role === "operator") return operatorOf(app);
    const again = callWithin(app)("auth.login", { username, secret: PERSON_PASSWORD });
    // An earlier call may have given him another name.
    return again.catch(newPerson);
  };
  const renew = async (role: FuzzRole) => {
    if (role !== "anonymous") tokens.set(role, (await signIn(role)).token);
  };
  await renew("operator");
  tokens.set("person", (await newPerson()).token);
  const asOperator = callWithin(app, tokens.get("operator"));
  const asPerson = callWithin(app, tokens.get("person"));
  const { cinemaId, hallId, screeningId, seatIds } = await createStage(asOperator);
  const { plan } = await asOperator("cinema.getHall", { id: hallId });
  await asPerson("cinema.hold", { screeningId, seatIds: seatIds.slice(0, 2) });
  const booking = await asPerson("cinema.book", { screeningId });
  const { session } = await asPerson("auth.me", {});
  Object.assign(known, {
    id: [cinemaId, hallId, screeningId],
    cinemaId: [cinemaId],
    hallId: [hallId],
    screeningId: [screeningId],
    bookingId: [booking.id],
    before: [booking.id],
    sessionId: [session.id],
    seatIds,
    category: ["standard"],
    key: ["standard"],
    plan: [plan],
    prices: [{ standard: 900 }],
    count: [2],
    accessible: [0],
    startsAtMs: [Date.now() + LATER_MS],
    asset: ["COIN"],
    amount: ["0.01"],
  });
  const running = opened.move();
  return {
    url,
    log: lines,
    known,
    watcher: { token: watching, walletId: watched },
    tokenOf: async (role) => tokens.get(role),
    renew,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
