import type { Kind, StoaError } from "../../core/errors.ts";
import {
  foreignOrigin,
  headersTooLarge,
  methodNotAllowed,
  pathNotFound,
  requestTimeout,
  unsupportedMediaType,
} from "./errors.ts";

/** The HTTP status of every kind of failure. */
export const STATUS: Readonly<Record<Kind, number>> = {
  invalid_input: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  rejected: 422,
  too_large: 413,
  too_many: 429,
  unavailable: 503,
  timeout: 504,
  internal: 500,
};

/** Failures of HTTP itself, for which it has a status of its own. */
const STATUS_OF_CODE: ReadonlyMap<string, number> = new Map([
  [foreignOrigin.code, 403],
  [pathNotFound.code, 404],
  [methodNotAllowed.code, 405],
  [requestTimeout.code, 408],
  [unsupportedMediaType.code, 415],
  [headersTooLarge.code, 431],
]);

/** Statuses by code, where a document has others than {@link statusOf}. */
export type OwnStatus = Readonly<Record<string, number>>;

/** @param own those of the route */
export function statusOf({ code, kind }: Pick<StoaError, "code" | "kind">, own?: OwnStatus) {
  return own?.[code] ?? STATUS_OF_CODE.get(code) ?? STATUS[kind];
}
