/**
 * What two names are compared by: NFKC, with the case folded. Going by way of upper case and back
 * unites what one direction leaves apart, as `ß` and `ss`, or `ς` and `σ`. It is done here and not
 * by the database, whose lower() depends on its locale.
 */
export function nameKey(name: string): string {
  const folded = name.normalize("NFKC").toLowerCase().toUpperCase().toLowerCase();
  return folded.normalize("NFKC").trim();
}

/** Usernames have no `@`, so that a typed name is one of both and never either. */
export function isEmailLike(name: string): boolean {
  return name.includes("@");
}

/** An account id that is nobody's, for work done in vain: the nil UUID of RFC 9562. */
export const NOBODY = "00000000-0000-0000-0000-000000000000";
