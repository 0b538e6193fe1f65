import { type AnyErrorDefinition, defineError } from "../../core/errors.ts";
import { subscriptionLost } from "../websocket/errors.ts";

/** What only the native socket can answer; everything else is the pipeline's or an operation's. */

export const eidInUse = defineError({
  code: "EID_IN_USE",
  kind: "conflict",
  message: "A subscription with this eid is open on this socket. Take another eid.",
});
export const notSubscribed = defineError({
  code: "NOT_SUBSCRIBED",
  kind: "not_found",
  message: "No subscription of this name with this eid is open on this socket.",
});
export const tooManySubscriptions = defineError({
  code: "TOO_MANY_SUBSCRIPTIONS",
  kind: "too_many",
  message: "This socket has as many subscriptions as it may have. End one first.",
});
export const subscriptionEnded = defineError({
  code: "SUBSCRIPTION_ENDED",
  kind: "not_found",
  message: "This subscription has ended: what is told there is not for you any more.",
});

/** What the socket itself may answer to a request, beside the pipeline's own. */
export const SOCKET_ERRORS: readonly AnyErrorDefinition[] = [
  eidInUse,
  notSubscribed,
  tooManySubscriptions,
  subscriptionLost,
  subscriptionEnded,
];
