import { defineError } from "../../../core/errors.ts";

export const confirmationDiffers = defineError({
  code: "CONFIRMATION_DIFFERS",
  kind: "rejected",
  message: "The new password and its confirmation are not the same. Type both again.",
});
