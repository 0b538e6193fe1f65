import { CommitUnknown, DatabaseUnavailable } from "../../../src/core/database.ts";
import { RemoteUnavailable } from "../../../src/core/remote.ts";
import { ShardUnavailable } from "../../../src/modules/wallet/shard/protocol.ts";
import { calm, drawRates } from "../engine/faults.ts";
import type { LogEntry } from "../engine/log.ts";
import { World } from "../engine/world.ts";
import { WALLET_FAULTS, type WalletRates } from "./faults.ts";

/** A world in which things go wrong for wallets. */
export class WalletWorld extends World {
  /** Nothing goes wrong until `unleash`. */
  readonly rates: WalletRates = { ...WALLET_FAULTS };
  /** Whether a text has arrived otherwise than it was sent: not understanding it is no defect. */
  hasSpoilt = false;

  constructor(seed: number, show: ((line: string) => void) | undefined) {
    super(seed, show);
    this.calm();
  }

  /** From here on things go wrong, as the seed has it. */
  unleash(): void {
    Object.assign(this.rates, drawRates(this.dice.fork("faults"), WALLET_FAULTS));
  }

  /** Nothing goes wrong any more. */
  calm(): void {
    calm(this.rates);
  }

  /** Lets the clocks of these differ a little. */
  skew(names: readonly string[]): void {
    this.skewClocks(names);
  }

  /** Trouble may be logged; defects may not. */
  hear(name: string, { level, message, cause }: LogEntry): void {
    this.trace.add(`${name} ${level}: ${message} (${String(cause)})`);
    if (isTrouble(cause) || (this.hasSpoilt && isUnreadable(cause))) return;
    const reason = cause instanceof Error ? (cause.stack ?? cause.message) : "";
    this.fail(`${name} says: ${message} ${reason}`);
  }
}

const TROUBLE: ReadonlySet<string> = new Set(["ShardRefused", "Overtaken", "CommitRefused"]);

/** What happens to the best of programs. */
function isTrouble(cause: unknown): boolean {
  if (cause instanceof CommitUnknown || cause instanceof DatabaseUnavailable) return true;
  if (cause instanceof RemoteUnavailable) return true;
  if (cause instanceof ShardUnavailable) return cause.cause === undefined || isTrouble(cause.cause);
  return cause instanceof Error && TROUBLE.has(cause.name);
}

/** Of a question or an answer that is none. */
function isUnreadable(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  if (cause.cause !== undefined) return isUnreadable(cause.cause);
  return cause instanceof SyntaxError || cause.name === "ZodError" || cause.name === "StoaError";
}
