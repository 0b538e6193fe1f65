import { type IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { HttpConfig } from "./parts.ts";

export type Headers = Readonly<Record<string, string>>;

const HSTS = "max-age=63072000; includeSubDomains";

/** What scripts and pages may do. Nothing inline, nothing from elsewhere, no framing. */
function contentSecurityPolicy(config: HttpConfig): string {
  const host = config.publicUrl === undefined ? undefined : new URL(config.publicUrl).host;
  const sockets = host === undefined ? "" : ` ws://${host} wss://${host}`;
  return [
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    `connect-src 'self'${sockets}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "report-uri /csp-reports",
    ...(config.secureCookies ? ["upgrade-insecure-requests"] : []),
  ].join("; ");
}

/**
 * The headers of every answer, computed once. An answer is data and not stored unless its route
 * says otherwise: opened as a page, it may do nothing at all.
 */
export function dataHeaders(config: HttpConfig): Headers {
  return {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    ...(config.secureCookies ? { "strict-transport-security": HSTS } : {}),
    "cache-control": "no-store",
  };
}

/** What pages and the files they load have beside or instead of {@link dataHeaders}. */
export function pageHeaders(config: HttpConfig): Headers {
  return {
    "content-security-policy": contentSecurityPolicy(config),
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
  };
}

/**
 * Answers that have these headers whoever writes them, unless he says otherwise. They come in
 * where the head is written: nothing can forget them, and that is cheaper than a call for each.
 */
export function responsesWith(headers: Headers): typeof ServerResponse {
  return class<R extends IncomingMessage> extends ServerResponse<R> {
    /** Of the forms that `writeHead` has, the one that the framework uses. */
    override writeHead(status: number, own?: unknown): this {
      return super.writeHead(status, { ...headers, ...(own as OutgoingHttpHeaders | undefined) });
    }
  };
}
