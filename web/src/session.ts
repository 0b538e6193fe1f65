import { computed, signal } from "@preact/signals";
import { call, codeOf, connection, type Output, post, reconnect, subscribe } from "./api.ts";

export type Account = Output<"auth.me">["account"];

/** `undefined` until the server has said who is signed in, `null` when nobody is. */
export const account = signal<Account | null | undefined>(undefined);
export const isOperator = computed(() => account.value?.operator === true);

/** Count what was told of sessions and security events: lists of them read themselves anew. */
export const sessionNews = signal(0);
export const securityNews = signal(0);

let endWatch: (() => void) | undefined;

function watchAccount(): void {
  endWatch?.();
  endWatch = subscribe(
    "auth.subscribe",
    {},
    {
      onState: (state) => {
        account.value = state.account;
      },
      onEvent: (...[type, data]) => {
        if (type === "auth.accountChanged") account.value = data.account;
        else if (type === "auth.sessionsChanged") sessionNews.value += 1;
        else securityNews.value += 1;
      },
      onError: () => {
        // The session has ended; the next connection says so below.
      },
    },
  );
}

async function readAccount(): Promise<void> {
  try {
    const { account: mine } = await call("auth.me", {});
    const wasSomebodyElse = account.peek()?.id !== mine.id;
    account.value = mine;
    if (wasSomebodyElse) watchAccount();
  } catch (error) {
    if (codeOf(error) !== "UNAUTHENTICATED") return;
    endWatch?.();
    endWatch = undefined;
    account.value = null;
  }
}

/** Asks who is signed in, now and whenever a connection is made: a session may have ended. */
export function startSession(): void {
  connection.subscribe((status) => {
    if (status === "open") void readAccount();
  });
}

/** After an answer that set the cookie: the socket is opened again and belongs to the person. */
export function signedIn(mine: Account): void {
  account.value = mine;
  reconnect();
  watchAccount();
}

export async function signOut(everywhere = false): Promise<void> {
  // The server closes the socket with the session: what is to be said on it is said before.
  endWatch?.();
  endWatch = undefined;
  try {
    await post(everywhere ? "auth.signOutEverywhere" : "auth.signOut", {});
  } catch (error) {
    watchAccount();
    throw error;
  }
  account.value = null;
  reconnect();
}
