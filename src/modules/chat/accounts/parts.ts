import type { Clock } from "../../../core/clock.ts";
import type { Tx } from "../../../core/database.ts";
import type { Events } from "../../../core/events.ts";
import type { AuthMethods } from "../../auth/index.ts";
import type { Account, SignedIn } from "../../auth/types.ts";
import type { Overview } from "../types/shapes.ts";

/** The transaction of a sign-in. */
export interface Entering {
  readonly tx: Tx;
  readonly events: Events;
  readonly clock: Clock;
}

/** What chat keeps of people beside their accounts. */
export interface People {
  /** There is somebody new: others may want to know. */
  registered(entering: Entering, account: Account): Promise<void>;
  overview(tx: Tx, account: Account): Promise<Overview>;
  /** Whether there is a root key, which no password opens. */
  hasAccountKeys(tx: Tx, accountId: string): Promise<boolean>;
}

/** What the requests about accounts share. */
export interface AccountsKit {
  readonly auth: AuthMethods;
  readonly people: People;
}

/** The document's answer to a sign-in. */
export async function signedInAnswer(
  people: People,
  tx: Tx,
  { account, token, refreshToken }: SignedIn,
) {
  const overview = await people.overview(tx, account);
  return { ...overview, auth_token: token, refresh_token: refreshToken };
}
