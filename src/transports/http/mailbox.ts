import { isIP } from "node:net";
import { pathNotFound } from "./errors.ts";
import { escapeHtml, page } from "./page.ts";
import type { HttpParts, ShownMail } from "./parts.ts";
import type { HttpServer } from "./server.ts";

/**
 * `/dev/mail`: what would have been sent, for trying out; never in production. Only under a name
 * that is this machine's or its neighbours': a page of any site can have its own name lead here for
 * its visitors (DNS rebinding), and would read the links by which passwords are reset.
 */
export function registerMailbox({ fastify, asPage }: HttpServer, parts: HttpParts): void {
  const { mailbox, config } = parts;
  if (mailbox === undefined || config.production) return;
  const own = config.publicUrl === undefined ? undefined : new URL(config.publicUrl).hostname;
  fastify.get("/dev/mail", asPage, async ({ hostname }, reply) => {
    if (hostname !== own && !isNearby(hostname)) throw pathNotFound();
    reply.type("text/html; charset=utf-8");
    return mailboxPage(await mailbox());
  });
}

/** An address, or a name that nobody far away can register. */
function isNearby(hostname: string): boolean {
  const name = hostname.replace(/^\[|\]$/g, "").toLowerCase();
  return isIP(name) !== 0 || /^(?:[a-z0-9-]+|.+\.(?:localhost|local|internal|test))$/.test(name);
}

function mailboxPage(mails: readonly ShownMail[]): string {
  const body = `<main>
  <h1>Mailbox</h1>
  <p>No mail server is configured, so mail stays here. The newest comes first.</p>
  ${mails.length === 0 ? "<p>There is no mail yet.</p>" : mails.map(article).join("\n")}
</main>`;
  return page({ title: "Mailbox", body });
}

function article({ to, subject, text, sentAtMs }: ShownMail): string {
  const sent = new Date(sentAtMs).toISOString();
  return `<article class="mail">
  <h2>${escapeHtml(subject)}</h2>
  <p class="muted">to ${escapeHtml(to)},
    <time datetime="${sent}">${sent.slice(0, 19).replace("T", " ")} UTC</time></p>
  <pre>${withLinks(text)}</pre>
</article>`;
}

/** Addresses in the text become links; everything, they included, is escaped. */
function withLinks(text: string): string {
  const parts = text.split(/(https?:\/\/[^\s<>"']+)/);
  return parts
    .map((part, at) => {
      const escaped = escapeHtml(part);
      return at % 2 === 1 ? `<a href="${escaped}">${escaped}</a>` : escaped;
    })
    .join("");
}
