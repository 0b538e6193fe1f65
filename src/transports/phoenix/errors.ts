import { defineError } from "../../core/errors.ts";

/** These answer a handshake, before the 101. */

export const connectRefused = defineError({
  code: "CONNECT_REFUSED",
  kind: "forbidden",
  message: "This socket is for people who are signed in, and no valid token came with it.",
});
export const unknownVersion = defineError({
  code: "UNKNOWN_VERSION",
  kind: "forbidden",
  message: "This version of the protocol is not spoken here. Versions 1 and 2 are.",
});
