import { defineError } from "../../core/errors.ts";

/** Answers a handshake, before the 101. */
export const tooManySockets = defineError({
  code: "TOO_MANY_SOCKETS",
  kind: "too_many",
  message: "Too many sockets are open from here. Close one, or try again later.",
});

export const subscriptionLost = defineError({
  code: "SUBSCRIPTION_LOST",
  kind: "unavailable",
  message: "This subscription has ended with pushes missing. Subscribe again from a snapshot.",
});
