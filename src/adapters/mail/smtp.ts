import { createTransport, type NodemailerError } from "nodemailer";
import { checkMail } from "../../core/mail-delivery.ts";
import { MailRefused, type MailTransport } from "../../core/mailer.ts";
import { parseSender } from "./sender.ts";

const CONNECT_TIMEOUT_MS = 10_000;
const SILENCE_TIMEOUT_MS = 15_000;
/** A whole delivery, against a server that answers one letter at a time. */
const DELIVERY_TIMEOUT_MS = 45_000;
const RESPONSE_BYTES_MAX = 16_384;

export interface SmtpOptions {
  /**
   * `smtps://user:password@host:465` speaks TLS from the start. `smtp://…` upgrades when the
   * server offers it, and insists on it before it sends a password. Certificates are verified.
   */
  readonly url: string;
  readonly from: string;
  /** Certificates to trust instead of the well-known authorities', PEM. */
  readonly ca?: string;
}

/** Hands each mail to an SMTP server over a connection of its own. */
export function createSmtpTransport({ url, from, ca }: SmtpOptions): MailTransport {
  const sender = parseSender(from);
  const transporter = createTransport({
    ...serverOf(new URL(url)),
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    dnsTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENCE_TIMEOUT_MS,
    maxResponseSize: RESPONSE_BYTES_MAX,
    tls: { minVersion: "TLSv1.2", rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) },
  });
  const closing = new AbortController();

  return {
    async deliver(mail) {
      checkMail(mail);
      try {
        await transporter.sendMail({
          from: sender.from,
          to: { name: "", address: mail.to },
          envelope: { from: sender.address, to: [mail.to] },
          subject: mail.subject,
          text: mail.text,
          messageId: sender.messageId(mail.id),
          headers: { "Auto-Submitted": "auto-generated" },
          disableFileAccess: true,
          disableUrlAccess: true,
          xMailer: false,
          signal: AbortSignal.any([closing.signal, AbortSignal.timeout(DELIVERY_TIMEOUT_MS)]),
        });
      } catch (error) {
        throw refusalOf(error) ?? error;
      }
    },
    async close() {
      closing.abort();
      transporter.close();
    },
  };
}

function serverOf(url: URL) {
  const secure = url.protocol === "smtps:";
  const hasPassword = url.password !== "";
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port || (secure ? 465 : 587)),
    secure,
    requireTLS: !secure && hasPassword,
    ...(hasPassword
      ? {
          auth: {
            user: decodeURIComponent(url.username),
            pass: decodeURIComponent(url.password),
          },
        }
      : {}),
  };
}

/**
 * A refusal is final when the server refuses, with a permanent code, this recipient or this mail.
 * What it refuses of us, as our password or our sender, an operator can mend within a day.
 */
function refusalOf(error: unknown): MailRefused | undefined {
  if (!(error instanceof Error)) return undefined;
  const { permanent, command, message }: NodemailerError = error;
  const isOfMail = command === "RCPT TO" || command === "DATA";
  return permanent && isOfMail ? new MailRefused(message, { cause: error }) : undefined;
}
