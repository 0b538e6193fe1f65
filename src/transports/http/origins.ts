import type { IncomingHttpHeaders } from "node:http";
import { foreignOrigin, unsupportedMediaType } from "./errors.ts";
import type { HttpConfig } from "./parts.ts";

const SAFE_VERBS = new Set(["GET", "HEAD", "OPTIONS"]);
const PREFLIGHT_SECONDS = "600";

/** Which pages of the web may call this service, and how a forged call is told from a real one. */
export class OriginPolicy {
  readonly #allowed: ReadonlySet<string>;
  readonly #production: boolean;
  readonly #exposed: string;

  /**
   * @param answerHeaders what answers of single routes have, for pages of allowed origins to read
   */
  constructor(
    config: Pick<HttpConfig, "allowedOrigins" | "publicUrl" | "production">,
    answerHeaders: Iterable<string> = [],
  ) {
    this.#exposed = ["retry-after", "x-request-id", ...new Set(answerHeaders)].join(", ");
    const own = config.publicUrl === undefined ? [] : [new URL(config.publicUrl).origin];
    this.#allowed = new Set([...config.allowedOrigins, ...own]);
    this.#production = config.production;
  }

  /**
   * Whether a page of this origin may call. Compared exactly. Outside production a page that was
   * served under the name in the `Host` header counts as the service's own, whatever that name
   * is; in production the names are known.
   */
  allows(origin: string, host: string | undefined): boolean {
    if (this.#allowed.has(origin)) return true;
    if (this.#production || host === undefined) return false;
    return origin === `http://${host}` || origin === `https://${host}`;
  }

  /**
   * Refuses a request that may change something when a page of another site made the browser
   * send it. A bearer token is never sent by a browser of its own accord, so it proves intent.
   *
   * @throws FOREIGN_ORIGIN, UNSUPPORTED_MEDIA_TYPE
   */
  refuseForgery(verb: string, headers: IncomingHttpHeaders, credentials: ClientProof): void {
    if (SAFE_VERBS.has(verb) || credentials.bearer !== undefined) return;
    const { origin, host } = headers;
    const site = headers["sec-fetch-site"];
    const own =
      site === "same-origin" ||
      site === "none" ||
      (origin !== undefined && this.allows(origin, host));
    if (credentials.cookie === undefined) {
      if (!own && (origin !== undefined || site !== undefined)) throw foreignOrigin();
      return;
    }
    if (!own) throw foreignOrigin();
    // A form can send a POST of a simple content type anywhere; the other verbs it cannot send.
    if (verb === "POST" && headers["content-type"] === undefined) throw unsupportedMediaType();
  }

  /** What a page of another, allowed origin needs to read the answer (Fetch, CORS protocol). */
  answerHeaders(origin: string, host: string | undefined): Readonly<Record<string, string>> {
    if (!this.allows(origin, host)) return FOREIGN;
    return {
      "access-control-allow-origin": origin,
      "access-control-allow-credentials": "true",
      "access-control-expose-headers": this.#exposed,
      vary: "origin",
    };
  }

  /** The further headers of the answer to a preflight. @throws FOREIGN_ORIGIN */
  preflightHeaders(
    origin: string,
    host: string | undefined,
    allowed: readonly string[],
  ): Readonly<Record<string, string>> {
    if (!this.allows(origin, host)) throw foreignOrigin();
    return {
      "access-control-allow-methods": allowed.join(", "),
      "access-control-allow-headers": "authorization, content-type, idempotency-key, x-request-id",
      "access-control-max-age": PREFLIGHT_SECONDS,
    };
  }
}

const FOREIGN = { vary: "origin" } as const;

interface ClientProof {
  readonly bearer?: string | undefined;
  readonly cookie?: string | undefined;
}
