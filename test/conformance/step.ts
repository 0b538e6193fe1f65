import { waitFor } from "../support/wait-for.ts";
import type { Role, World } from "./world.ts";

/** One call, who makes it, and how it ends over every way. */
export interface Step {
  readonly as: Role;
  readonly operation: string;
  readonly input: (world: World) => unknown;
  /** `OK`, or the error's code. */
  readonly code: string;
  /** Marks repeats: the same key, the same call. */
  readonly key?: string;
  /** Remembers a field of the answer, `account.id`, under a name. */
  readonly keep?: readonly [name: string, field: string];
  /** What takes a while: asked again until the answer is like this. */
  readonly until?: (body: unknown) => boolean;
}

export function step(
  as: Role,
  operation: string,
  input: Step["input"] | object,
  code = "OK",
  more: Pick<Step, "key" | "keep" | "until"> = {},
): Step {
  return {
    as,
    operation,
    input: typeof input === "function" ? (input as Step["input"]) : () => input,
    code,
    ...more,
  };
}

/** Makes the call, again and again where the step waits for something. */
export async function settle<T extends { readonly code: string; readonly body: unknown }>(
  { operation, until = () => true }: Pick<Step, "operation" | "until">,
  call: () => Promise<T>,
): Promise<T> {
  let outcome = await call();
  const isSettled = () => outcome.code !== "OK" || until(outcome.body);
  if (isSettled()) return outcome;
  await waitFor(
    async () => {
      outcome = await call();
      return isSettled();
    },
    { what: `${operation} answers what the step waits for`, timeoutMs: 10_000 },
  );
  return outcome;
}

/** A field of an answer, by the names that lead to it. */
export function pick(body: unknown, path: string): unknown {
  let value = body;
  for (const part of path.split(".")) value = (value as Record<string, unknown>)[part];
  return value;
}
