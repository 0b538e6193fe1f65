import { pino } from "pino";
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import { LineBudget } from "./line-budget.ts";
import { prettyLine } from "./pretty.ts";
import { scrub, scrubString } from "./scrub.ts";

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

export interface LogOptions {
  readonly level: LogLevel;
  /** Lines for a person instead of JSON; for development. */
  readonly pretty?: boolean;
  /** Where lines go, one a call with its line break; standard output by default. */
  readonly write?: (line: string) => void;
  /** Bounds how many lines of one message are written, those for debugging excepted. */
  readonly clock?: Clock;
}

/** What may wait for a slow reader of standard output; beyond it lines are dropped. */
const WAITING_CHARS_MAX = 4 * 1_048_576;

/**
 * One JSON object a line, so that no input can forge a second line. Writing does not wait for the
 * reader; what waits is written when the process exits.
 */
export function createLog({ level, pretty = false, write, clock }: LogOptions): Log {
  const sink = write ?? standardOutput();
  const stream = pretty ? { write: (line: string) => sink(prettyLine(line)) } : { write: sink };
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: asScrubbed },
  };
  const logger = pino(options, stream);
  if (clock === undefined) return wrap(logger);
  const budget = new LineBudget(clock, (message, lines) =>
    logger.warn({ message, lines }, "lines were left out"),
  );
  return wrap(logger, budget);
}

function standardOutput(): (line: string) => void {
  const stream = pino.destination({ fd: 1, sync: false, maxLength: WAITING_CHARS_MAX });
  return (line) => void stream.write(line);
}

/** In place of pino's own, which would put back what the error carries besides its message. */
function asScrubbed(error: unknown): unknown {
  return error;
}

function wrap(logger: pino.Logger, budget?: LineBudget): Log {
  const at =
    (level: "debug" | "info" | "warn" | "error"): Log["info"] =>
    (fields, message) => {
      if (!logger.isLevelEnabled(level)) return;
      const text = scrubString(message);
      if (level !== "debug" && budget?.admits(level, text, fields) === false) return;
      logger[level](scrub(fields), "%s", text);
    };
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: (bindings) => wrap(logger.child(scrub(bindings)), budget),
  };
}
