/** Parts of the product that have to take time and chance from their ports. */
const GUARDED = /[\\/]src[\\/](?:core|modules|adapters[\\/]db)[\\/]/;

const REPLACED = [
  [Date, "now"],
  [Math, "random"],
  [performance, "now"],
  [globalThis, "setTimeout"],
  [globalThis, "setInterval"],
  [globalThis, "setImmediate"],
] as const;

/**
 * Until it is disposed of, the product cannot ask the machine for the time or for chance, nor set
 * its timers: a seed that could would not replay. Others in the process go on as they were.
 */
export function guardMachine(): Disposable {
  const restores = REPLACED.map(([owner, name]) => guard(owner as never, name));
  return {
    [Symbol.dispose]() {
      for (const restore of restores) restore();
    },
  };
}

type Owner = Record<string, (...args: unknown[]) => unknown>;

function guard(owner: Owner, name: string): () => void {
  const original = owner[name];
  if (original === undefined) throw new Error(`There is no ${name}.`);
  const guarded = function guarded(this: unknown, ...args: unknown[]): unknown {
    const place = callerOf(guarded);
    if (GUARDED.test(place)) throw new Error(`${name} was called at ${place}.`);
    return Reflect.apply(original, this, args);
  };
  owner[name] = guarded;
  return () => {
    owner[name] = original;
  };
}

function callerOf(called: (...args: unknown[]) => unknown): string {
  const frames = Error.stackTraceLimit;
  Error.stackTraceLimit = 1;
  const at: { stack?: string } = {};
  Error.captureStackTrace(at, called);
  Error.stackTraceLimit = frames;
  return at.stack?.split("\n").at(-1)?.trim() ?? "";
}
