/** How PGlite's PostgreSQL is set up: as small as an embedded database can be. */

export const SERVER_SETTINGS: Readonly<Record<string, string>> = {
  shared_buffers: "16MB",
  min_wal_size: "4MB",
  max_wal_size: "64MB",
};

/** Small segments of the write-ahead log, because a segment needs its space at once. */
export const INITDB_ARGUMENTS: readonly string[] = ["--wal-segsize=1"];
