import { invalidInput } from "./errors.ts";
import type { ObjectSchema } from "./schema.ts";
import { Position } from "./subscription.ts";

/** Problems listed in one answer. */
const ISSUES_MAX = 20;

/** Holds an input against its schema. @throws INVALID_INPUT with every problem's path */
export function parseInput(schema: ObjectSchema, input: unknown): Record<string, unknown> {
  const result = schema.safeParse(input ?? {});
  if (result.success) return result.data;
  const issues = result.error.issues.slice(0, ISSUES_MAX).map((issue) => ({
    path: issue.path.map((part) => (typeof part === "number" ? part : String(part))),
    message: issue.message,
  }));
  throw invalidInput({ issues });
}

/** A client that comes back sends `epoch` and `offset` beside the subscription's own input. */
export function splitPosition(input: unknown): { since: Position | undefined; rest: unknown } {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    return { since: undefined, rest: input };
  }
  const { epoch, offset, ...rest } = input as Record<string, unknown>;
  if (epoch === undefined && offset === undefined) return { since: undefined, rest };
  const since = parseInput(Position, { epoch, offset }) as Position;
  return { since, rest };
}
