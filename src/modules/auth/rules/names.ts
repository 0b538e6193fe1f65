/**
 * What two names are compared by: NFKC, with the case folded. Going by way of upper case unites
 * what one of both directions leaves apart, as `ß` and `ss`, or `ς` and `σ`. It is done here and
 * not by the database, whose lower() depends on its locale.
 */
export function nameKey(name: string): string {
  return name.trim().normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC");
}

/** Usernames have no `@`, so that a typed name is one of both and never either. */
export function isEmailLike(name: string): boolean {
  return name.includes("@");
}
