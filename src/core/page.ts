/** A page of a list, and what it ends with when there is more. */
export interface Page<T> {
  readonly rows: T[];
  /** The last row, after which the next page begins; undefined when nothing follows. */
  readonly last: T | undefined;
}

/**
 * Reads a page of at most so many rows. One more is asked for: it alone tells whether there are
 * more, since a page that is full may be the last one.
 */
export async function readPage<T>(
  limit: number,
  read: (limit: number) => Promise<readonly T[]>,
): Promise<Page<T>> {
  const found = await read(limit + 1);
  const rows = found.slice(0, limit);
  return { rows, last: found.length > limit ? rows.at(-1) : undefined };
}
