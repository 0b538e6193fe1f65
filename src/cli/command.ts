import type { Flags } from "../config/config.ts";

/** One subcommand of `stoa`. */
export interface Command {
  readonly summary: string;
  /** Resolves when it is done; a rejection is printed and makes the exit code 1. */
  run(flags: Flags): Promise<void>;
}
