import type { Chore } from "../../../src/modules/wallet/orchestrator/chore.ts";
import type { Operation, Outcome } from "../../../src/modules/wallet/shard/protocol.ts";
import type { ShardChanges, WalletRecord } from "../../../src/modules/wallet/shard/records.ts";

interface OpenChore {
  readonly chore: Chore;
  /** What its shard has answered since. */
  readonly answers: Set<string>;
}

/**
 * A chore happens once, between the moment it is asked for and the moment it is answered: nothing
 * else changes what a wallet may do, and nothing is answered that its shard has not done.
 */
export class ChoreRules {
  readonly #open = new Map<string, OpenChore>();
  readonly #numbers = new Set<bigint>();
  readonly #wallets = new Map<string, Pick<WalletRecord, "state" | "minBalance">>();

  /** Whether it is a chore's number. */
  knows(number: bigint): boolean {
    return this.#numbers.has(number);
  }

  /** @returns why the chore must not have become this */
  onChore(chore: Chore): string | undefined {
    const { id, number, isDone, refusal } = chore;
    if (!isDone) {
      this.#numbers.add(number);
      this.#open.set(id, { chore, answers: new Set() });
      return undefined;
    }
    const answers = this.#open.get(id)?.answers ?? new Set();
    this.#open.delete(id);
    if (answers.has(refusal ?? "done")) return undefined;
    const [told, known] = [refusal ?? "done", [...answers].join() || "nothing"];
    return `Chore ${number} ends as ${told}, and its shard has answered ${known}`;
  }

  /** A shard has answered, whoever may hear it. */
  onAnswered(shard: number, operations: readonly Operation[], outcomes: readonly unknown[]): void {
    for (const [at, operation] of operations.entries()) {
      const outcome = outcomes[at] as Outcome | null;
      if (outcome === null) continue;
      for (const { chore, answers } of this.#open.values()) {
        if (chore.shard !== shard || !isOf(operation, chore)) continue;
        answers.add(outcome.ok ? "done" : outcome.refusal);
      }
    }
  }

  /** @returns what a commit has done to wallets that nobody has asked for */
  onCommit({ newWallets, changedWallets }: ShardChanges): string | undefined {
    for (const wallet of newWallets) {
      this.#wallets.set(wallet.wallet, wallet);
      const isWanted = this.#wants(wallet.wallet, ({ verb }) => verb === "open");
      if (!isWanted) return `wallet ${wallet.wallet} opens, and nobody waits for that`;
    }
    for (const { wallet, state, minBalance } of changedWallets) {
      const before = this.#wallets.get(wallet);
      this.#wallets.set(wallet, { state, minBalance });
      const isSet = (is: (chore: Chore["operation"] & { verb: "configure" }) => boolean) =>
        this.#wants(wallet, (chore) => chore.verb === "configure" && is(chore));
      if (before?.state !== state && !isSet((chore) => chore.state === state)) {
        return `wallet ${wallet} becomes ${state}, and nobody waits for that`;
      }
      const isLimit = before?.minBalance !== minBalance;
      if (isLimit && !isSet((chore) => chore.minBalance === String(minBalance))) {
        return `wallet ${wallet} may go to ${minBalance}, and nobody waits for that`;
      }
    }
    return undefined;
  }

  #wants(wallet: string, is: (operation: Chore["operation"]) => boolean): boolean {
    const open = [...this.#open.values()];
    return open.some(({ chore: { operation } }) => operation.wallet === wallet && is(operation));
  }
}

function isOf(operation: Operation, { number, operation: chore }: Chore): boolean {
  if (operation.verb === "open") {
    return chore.verb === "open" && chore.wallet === operation.wallet;
  }
  return operation.verb === "configure" && operation.number === number;
}
