import { confirmationDiffers } from "./errors.ts";

interface TypedTwice {
  readonly new_password: string;
  readonly new_password_confirmation: string;
}

/** Both texts are the caller's own. @throws CONFIRMATION_DIFFERS */
export function requireSameTwice(input: TypedTwice): void {
  const { new_password: first, new_password_confirmation: second } = input;
  if (first !== second) throw confirmationDiffers();
}
