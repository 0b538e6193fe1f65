import type { MethodBudget } from "../../../core/method.ts";

/**
 * How often a network may call what needs no sign-in, where the general budget is the default one.
 * Everybody counts, also who is signed in: accounts are made here, so an account proves nothing. A
 * class or an office that shares an address and begins at the same hour stays within the bursts.
 */

/** Making accounts, each of which costs a slow hash, rows that stay, and perhaps a mail. */
export const REGISTRATION_BUDGET: MethodBudget = { burst: 60, perSecond: 0.1, by: "network" };
/** Asking for mails. */
export const MAIL_BUDGET: MethodBudget = { burst: 30, perSecond: 0.1, by: "network" };
/** What a person fills in by hand. */
export const FORM_BUDGET: MethodBudget = { burst: 120, perSecond: 2, by: "network" };
/** What programs do for people who are signed in. */
export const TOKEN_BUDGET: MethodBudget = { burst: 300, perSecond: 10, by: "network" };
