import { z } from "zod";
import {
  type AnyErrorDefinition,
  defineError,
  foreignOrigin,
  pathNotFound,
} from "../../core/errors.ts";

export { foreignOrigin, pathNotFound };

/** What can go wrong before a request reaches the pipeline. */

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
