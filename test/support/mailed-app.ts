import { startTestApp, type TestApp } from "./app.ts";
import { createSmtpPeer, type SmtpPeer, textOf } from "./smtp-peer.ts";
import { waitFor } from "./wait-for.ts";

/** Where the links of this installation's mails lead. */
const FRONTEND = "https://chat.example";

/** An installation whose mails go to a real SMTP server. */
export interface MailedApp extends AsyncDisposable {
  readonly running: TestApp;
  readonly smtp: SmtpPeer;
  /** A request of a document, by its path below the installation's address. */
  ask(verb: string, path: string, body?: object, token?: string): Promise<Asked>;
  /** The token in the newest mail to somebody that leads to a page, as `reset-password`. */
  token(to: string, page: string): Promise<string>;
}

export interface Asked {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The same as JSON; empty when there is no body. */
  readonly body: Readonly<Record<string, unknown>>;
}

export async function startMailedApp(): Promise<MailedApp> {
  const smtp = await createSmtpPeer();
  const running = await startTestApp({
    config: {
      mail: { smtpUrl: `smtp://127.0.0.1:${smtp.port}`, from: "Stoa <stoa@chat.example>" },
      http: {
        host: "127.0.0.1",
        port: 0,
        publicUrl: undefined,
        frontendUrl: FRONTEND,
        allowedOrigins: [],
        trustedProxies: [],
        metricsAddress: undefined,
      },
    },
  });
  return {
    running,
    smtp,
    async ask(method, path, body, token) {
      const response = await fetch(`${running.url}${path}`, {
        method,
        headers: {
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      const { status, headers } = response;
      return { status, headers, text, body: text === "" ? {} : JSON.parse(text) };
    },
    async token(to, page) {
      const link = new RegExp(`^${FRONTEND}/#/${page}/([\\w-]{43})$`, "m");
      const find = () => {
        const mails = smtp.received.filter((mail) => mail.to.includes(to));
        return link.exec(mails.map(textOf).findLast((text) => link.test(text)) ?? "")?.[1];
      };
      await waitFor(() => find() !== undefined, { what: `a mail to ${to} that leads to ${page}` });
      return find() ?? "";
    },
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]();
      await smtp.close();
    },
  };
}
