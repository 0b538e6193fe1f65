/** Money on its way to wallets: reserved legs that will credit them. Held in memory alone. */
export class PendingCredits {
  readonly #amounts = new Map<string, { amount: bigint; legs: number }>();

  add(wallet: string, amount: bigint): void {
    const pending = this.#amounts.get(wallet);
    if (pending === undefined) {
      this.#amounts.set(wallet, { amount, legs: 1 });
    } else {
      pending.amount += amount;
      pending.legs += 1;
    }
  }

  remove(wallet: string, amount: bigint): void {
    const pending = this.#amounts.get(wallet);
    if (pending === undefined) throw new Error("A credit ends that was not reserved.");
    pending.amount -= amount;
    pending.legs -= 1;
    if (pending.legs === 0) this.#amounts.delete(wallet);
  }

  of(wallet: string): bigint {
    return this.#amounts.get(wallet)?.amount ?? 0n;
  }
}
