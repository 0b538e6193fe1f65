import type { Clock } from "../../core/clock.ts";
import type { Dispatch } from "../../core/dispatch.ts";
import type { AnyErrorDefinition } from "../../core/errors.ts";
import type { Ids } from "../../core/ids.ts";
import type { Log } from "../../core/log.ts";
import type { Registry } from "../../core/registry.ts";
import type { Metrics } from "./metrics.ts";

/** What the server needs to know about the installation. */
export interface HttpConfig {
  readonly production: boolean;
  /** The address people open, without a trailing slash; may stay unknown outside production. */
  readonly publicUrl?: string | undefined;
  /** Cookies and headers for https. */
  readonly secureCookies: boolean;
  /** Origins of other sites whose pages may call; the service's own always may. */
  readonly allowedOrigins: readonly string[];
  /** Addresses and ranges of proxies whose `X-Forwarded-*` headers are believed. */
  readonly trustedProxies: readonly string[];
  /** Where `/metrics` is served in production; unset, nowhere. Elsewhere it shares the port. */
  readonly metricsAddress?: { readonly host: string; readonly port: number } | undefined;
  /** The built web app. */
  readonly webFolder?: string | undefined;
  /** The one module that is served at the root as well. */
  readonly only?: string | undefined;
  /** Demo people can sign in here; the sign-in page then says how. */
  readonly demo?: boolean | undefined;
  /** Logs every answered request at `debug`. */
  readonly accessLog?: boolean | undefined;
}

/** What one part of the installation says about itself. */
export interface Readiness {
  readonly ok: boolean;
  readonly [detail: string]: unknown;
}

/** A mail as the development mailbox shows it. */
export interface ShownMail {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly sentAtMs: number;
}

export interface HttpParts {
  readonly dispatch: Dispatch;
  readonly registry: Registry;
  readonly log: Log;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly config: HttpConfig;
  /** Asks the database, the bus and the disk. */
  readonly readiness: () => Promise<Readonly<Record<string, Readiness>>>;
  readonly metrics: Metrics;
  /** The mails that were written to a folder instead of being sent; development only. */
  readonly mailbox?: (() => Promise<readonly ShownMail[]>) | undefined;
  /** What the socket itself may answer, for the documentation. */
  readonly socketErrors?: readonly AnyErrorDefinition[] | undefined;
}
