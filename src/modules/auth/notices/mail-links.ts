import type { Caller } from "../../../core/actor.ts";
import type { Clock } from "../../../core/clock.ts";
import type { Tx } from "../../../core/database.ts";
import type { Mail } from "../../../core/mailer.ts";
import { newToken } from "../../../core/random.ts";
import { hashToken } from "../credentials/tokens.ts";
import { insertEmailUndo } from "../store/email-undos.ts";
import { putMailToken } from "../store/mail-tokens.ts";
import type { MailPurpose } from "../types.ts";
import type { AuthKit } from "../wiring/parts.ts";
import { confirmationMail, type Letterhead, permitMail, resetMail, undoMail } from "./mails.ts";

/** How long a link is good for. One that stands in for a password is short (ASVS 6.5.5). */
const LINK_MS_MAX: Readonly<Record<MailPurpose, number>> = {
  confirm_email: 24 * 60 * 60_000,
  change_email: 24 * 60 * 60_000,
  reset_password: 10 * 60_000,
  permit_email: 24 * 60 * 60_000,
};
/** How long a change of address can be undone: mailboxes are not looked into every day. */
const UNDO_MS_MAX = 7 * 24 * 60 * 60_000;

type Letter = (letterhead: Letterhead, to: string, token: string) => Mail;

const LETTERS: Readonly<Record<MailPurpose, Letter>> = {
  confirm_email: confirmationMail,
  change_email: confirmationMail,
  reset_password: resetMail,
  permit_email: permitMail,
};

type Post = Pick<AuthKit, "mailer" | "issuer" | "frontendUrl" | "random">;

export interface MailLink {
  readonly accountId: string;
  readonly purpose: MailPurpose;
  /** Where it goes, and what it proves whose it is. */
  readonly email: string;
}

/** Mails a link. Earlier links of the same purpose are void. */
export async function mailLink(
  kit: Post,
  { tx, clock }: { readonly tx: Tx; readonly clock: Clock },
  link: MailLink,
): Promise<void> {
  const token = newToken(kit.random);
  const expiresAtMs = clock.nowMs() + LINK_MS_MAX[link.purpose];
  await putMailToken(tx, hashToken(token), { ...link, expiresAtMs });
  const letterhead = { issuer: kit.issuer, frontendUrl: kit.frontendUrl() };
  await kit.mailer.send(tx, LETTERS[link.purpose](letterhead, link.email, token));
}

/** Tells the address that an account had before of the change, with a link that takes it back. */
export async function mailUndo(
  kit: Post,
  { tx, clock, caller }: { readonly tx: Tx; readonly clock: Clock; readonly caller: Caller },
  { accountId, email }: { readonly accountId: string; readonly email: string },
): Promise<void> {
  const token = newToken(kit.random);
  const atMs = clock.nowMs();
  const expiresAtMs = atMs + UNDO_MS_MAX;
  const undo = { accountId, email, createdAtMs: atMs, expiresAtMs };
  await insertEmailUndo(tx, hashToken(token), undo);
  const letterhead = { issuer: kit.issuer, frontendUrl: kit.frontendUrl() };
  const news = { token, atMs, address: caller.address };
  await kit.mailer.send(tx, undoMail(letterhead, email, news));
}
