import type { Log } from "../../../src/core/log.ts";

export interface LogEntry {
  readonly level: "warn" | "error";
  readonly message: string;
  readonly cause: unknown;
}

/** Hands on what a node says of trouble. */
export function createListeningLog(listen: (entry: LogEntry) => void): Log {
  const hear = (level: LogEntry["level"]) => (fields: object, message: string) =>
    listen({ level, message, cause: "err" in fields ? fields.err : undefined });
  const log: Log = {
    debug: () => {},
    info: () => {},
    warn: hear("warn"),
    error: hear("error"),
    child: () => log,
  };
  return log;
}
