import { malformed, tooMany } from "../../core/errors.ts";
import { parseJson } from "../../core/json.ts";
import { TokenBuckets } from "../../core/limits.ts";
import { networkOf } from "../../core/network.ts";
import type { HttpParts } from "./parts.ts";
import { addressOf } from "./peers.ts";
import type { HttpServer } from "./server.ts";

const CSP_REPORT_BYTES_MAX = 8 * 1024;
/** Reports that are written down, by network; a page with a fault sends many alike. */
const REPORT_BUDGET = { burst: 20, perSecond: 0.2 } as const;
const FIELD_CHARS_MAX = 200;

/**
 * Where browsers tell of what the content security policy stopped. A report is anybody's claim:
 * three of its fields go to the log, cut short, and nothing else happens.
 */
export function registerCspReports({ fastify }: HttpServer, { log, clock }: HttpParts): void {
  const budgets = new TokenBuckets(clock, REPORT_BUDGET);
  // In a scope of its own, so that no other route takes these content types.
  fastify.register((scope, _options, done) => {
    scope.addContentTypeParser<string>(
      "application/csp-report",
      { parseAs: "string" },
      (_request, body, done) => done(null, body),
    );
    scope.post("/csp-reports", { bodyLimit: CSP_REPORT_BYTES_MAX }, (request, reply) => {
      const retryAfterMs = budgets.take(networkOf(addressOf(request)));
      if (retryAfterMs > 0) throw tooMany(undefined, { retryAfterMs });
      const report = readReport(request.body);
      log.warn({ requestId: request.id, ...report }, "a page broke the content security policy");
      return reply.code(204).send();
    });
    done();
  });
}

function readReport(body: unknown): Record<string, string> {
  const report = reportIn(body);
  const field = (name: string) => String(report[name] ?? "").slice(0, FIELD_CHARS_MAX);
  return {
    directive: field("effective-directive") || field("violated-directive"),
    blocked: field("blocked-uri"),
    document: field("document-uri").replace(/[?#].*/s, ""),
  };
}

function reportIn(body: unknown): Record<string, unknown> {
  const parsed = parseJson(String(body));
  if (typeof parsed === "object" && parsed !== null && "csp-report" in parsed) {
    const report = parsed["csp-report"];
    if (typeof report === "object" && report !== null) return { ...report };
  }
  throw malformed({ reason: "It is not a report about the content security policy." });
}
