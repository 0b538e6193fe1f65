import type { Clock } from "../../../core/clock.ts";
import type { Tx } from "../../../core/database.ts";
import { newToken } from "../../../core/random.ts";
import { hashToken } from "../credentials/tokens.ts";
import { putMailToken } from "../store/mail-tokens.ts";
import type { MailPurpose } from "../types.ts";
import type { AuthKit } from "../wiring/parts.ts";
import { confirmationMail, resetMail } from "./mails.ts";

/** How long a link is good for. One that stands in for a password is short (ASVS 6.5.5). */
const LINK_MS_MAX: Readonly<Record<MailPurpose, number>> = {
  confirm_email: 24 * 60 * 60_000,
  change_email: 24 * 60 * 60_000,
  reset_password: 10 * 60_000,
};

export interface MailLink {
  readonly accountId: string;
  readonly purpose: MailPurpose;
  /** Where it goes, and what it proves. */
  readonly email: string;
}

/** Mails a link. Earlier links of the same purpose are void. */
export async function mailLink(
  kit: Pick<AuthKit, "mailer" | "issuer" | "publicUrl" | "random">,
  { tx, clock }: { readonly tx: Tx; readonly clock: Clock },
  link: MailLink,
): Promise<void> {
  const token = newToken(kit.random);
  const expiresAtMs = clock.nowMs() + LINK_MS_MAX[link.purpose];
  await putMailToken(tx, hashToken(token), { ...link, expiresAtMs });
  const letterhead = { issuer: kit.issuer, publicUrl: kit.publicUrl() };
  const write = link.purpose === "reset_password" ? resetMail : confirmationMail;
  await kit.mailer.send(tx, write(letterhead, link.email, token));
}
