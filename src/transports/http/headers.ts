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

/** The headers of every answer, computed once. Answers are not stored unless a route says so. */
export function securityHeaders(config: HttpConfig): Headers {
  return {
    "content-security-policy": contentSecurityPolicy(config),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
    ...(config.secureCookies ? { "strict-transport-security": HSTS } : {}),
    "cache-control": "no-store",
  };
}
