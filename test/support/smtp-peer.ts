import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";
import { createSelfSigned } from "./self-signed.ts";

/**
 * How the peer answers: it takes the mail; takes it and does not say so; does not even answer the
 * recipient; or refuses at a stage with a code.
 */
export type Answer =
  | "accept"
  | "accept, say nothing"
  | "never"
  | { readonly at: "RCPT" | "DATA"; readonly code: number };

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly encrypted: boolean;
  readonly user: string | undefined;
  /** Header and body as they came. */
  readonly raw: string;
}

/** The text of a mail, its long lines put together again (RFC 2045 §6.7). */
export function textOf({ raw }: Pick<ReceivedMail, "raw">): string {
  const body = raw.slice(raw.indexOf("\r\n\r\n") + 4).replaceAll("\r\n", "\n");
  if (!/^Content-Transfer-Encoding: quoted-printable\r$/im.test(raw)) return body;
  const bytes = body
    .replaceAll("=\n", "")
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number(`0x${hex}`)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}

/** A real SMTP server for tests, which answers as it is told. */
export interface SmtpPeer {
  readonly port: number;
  /** Its certificate, for those who are to trust it. */
  readonly ca: string;
  readonly received: readonly ReceivedMail[];
  /** How many mails it was offered, refused ones included. */
  offered(): number;
  answer(answer: Answer): void;
  close(): Promise<void>;
}

export interface SmtpPeerOptions {
  /** 0, the default, takes any free one. */
  readonly port?: number;
  /** TLS from the first byte, an upgrade on request, or none at all. */
  readonly tls?: "implicit" | "starttls" | "none";
  /** The host name of its certificate. */
  readonly host?: string;
}

export async function createSmtpPeer(options: SmtpPeerOptions = {}): Promise<SmtpPeer> {
  const { port = 0, tls = "none", host = "localhost" } = options;
  const certificate = createSelfSigned(host);
  const received: ReceivedMail[] = [];
  let answer: Answer = "accept";
  let offered = 0;

  const refusalAt = (stage: "RCPT" | "DATA"): Error | null =>
    typeof answer === "object" && answer.at === stage
      ? Object.assign(new Error("not now, not here"), { responseCode: answer.code })
      : null;

  const server = new SMTPServer({
    ...certificate,
    secure: tls === "implicit",
    disabledCommands: tls === "none" ? ["STARTTLS"] : [],
    authOptional: true,
    allowInsecureAuth: true,
    logger: false,
    onAuth: ({ username }, _session, done) => done(null, { user: username }),
    onRcptTo(_address, _session, done) {
      offered += 1;
      if (answer !== "never") done(refusalAt("RCPT"));
    },
    async onData(stream, session, done) {
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      const refusal = refusalAt("DATA");
      if (refusal === null) {
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          from: mailFrom === false ? "" : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          encrypted: session.secure,
          user: typeof session.user === "string" ? session.user : undefined,
          raw: Buffer.concat(chunks).toString("utf8"),
        });
      }
      if (answer !== "accept, say nothing") done(refusal);
    },
    closeTimeout: 100,
  });
  server.on("error", () => {});
  const listening = server.listen(port, "127.0.0.1");
  await once(listening, "listening");

  return {
    port: (listening.address() as AddressInfo).port,
    ca: certificate.cert,
    received,
    offered: () => offered,
    answer(next) {
      answer = next;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
