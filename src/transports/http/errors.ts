import { z } from "zod";
import { type AnyErrorDefinition, defineError } from "../../core/errors.ts";

/** What can go wrong before a request reaches the pipeline. */

export const pathNotFound = defineError({
  code: "PATH_NOT_FOUND",
  kind: "not_found",
  message: "There is nothing at this path. What there is, is listed at /docs.",
});
export const methodNotAllowed = defineError({
  code: "METHOD_NOT_ALLOWED",
  kind: "invalid_input",
  message: "This path does not take this HTTP method; the Allow header lists those it takes.",
  data: z.strictObject({ allowed: z.array(z.string()) }),
});
export const unsupportedMediaType = defineError({
  code: "UNSUPPORTED_MEDIA_TYPE",
  kind: "invalid_input",
  message: "Send the body as application/json, in UTF-8.",
});
export const foreignOrigin = defineError({
  code: "FOREIGN_ORIGIN",
  kind: "forbidden",
  message: "This request comes from a page of another site that may not call this service.",
});
export const socketOnly = defineError({
  code: "SOCKET_ONLY",
  kind: "invalid_input",
  message: "This is a subscription: open it over the WebSocket at /socket.",
});
export const requestTimeout = defineError({
  code: "REQUEST_TIMEOUT",
  kind: "timeout",
  message: "The request did not arrive completely in time.",
});
export const headersTooLarge = defineError({
  code: "HEADERS_TOO_LARGE",
  kind: "too_large",
  message: "The headers of the request are too large.",
});

/** Any request may end with these, beside the pipeline's own. */
export const HTTP_ERRORS: readonly AnyErrorDefinition[] = [
  unsupportedMediaType,
  foreignOrigin,
  methodNotAllowed,
  pathNotFound,
  socketOnly,
  requestTimeout,
  headersTooLarge,
];
