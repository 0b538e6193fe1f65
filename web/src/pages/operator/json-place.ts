/** The tokens of JSON, sticky: each matches at the place it is asked for, or not at all. */
const SPACE = /[ \t\n\r]*/y;
const TEXT = /"(?:[ !#-[\]-\u{10ffff}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** Deeper nesting counts as the end of JSON: no plan has any. */
const DEPTH_MAX = 100;

/**
 * Where a text stops being JSON, as line and column from 1; `undefined` when it is JSON. Engines
 * know it too, but tell it each in its own words, or not at all.
 */
export function jsonPlace(text: string): { line: number; column: number } | undefined {
  let at = 0;
  /** Steps over a token; tells whether it was there. */
  const take = (token: RegExp | string): boolean => {
    if (typeof token === "string") {
      if (!text.startsWith(token, at)) return false;
      at += token.length;
    } else {
      token.lastIndex = at;
      const match = token.exec(text);
      if (match === null) return false;
      at = token.lastIndex;
    }
    return true;
  };
  const space = () => take(SPACE);
  let depth = 0;
  const entries = (end: string, entry: () => boolean): boolean => {
    space();
    if (take(end)) return true;
    depth += 1;
    do {
      space();
      if (depth > DEPTH_MAX || !entry()) return false;
      space();
    } while (take(","));
    depth -= 1;
    return take(end);
  };
  const member = (): boolean => {
    if (!take(TEXT)) return false;
    space();
    return take(":") && value();
  };
  const value = (): boolean => {
    space();
    if (take("{")) return entries("}", member);
    if (take("[")) return entries("]", value);
    return take(TEXT) || take(SCALAR);
  };
  const isWhole = () => {
    const isValue = value();
    if (isValue) space();
    return isValue && at === text.length;
  };
  if (isWhole()) return undefined;
  const before = text.slice(0, at).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
