/**
 * Gathers what arrives while a commit is under way and commits it with the next one. No timer waits
 * for more: with nothing under way, a commit begins at once.
 */
export class GroupCommit<Item, Result> {
  readonly #commit: (items: readonly Item[]) => Promise<readonly Result[]>;
  readonly #weightOf: (item: Item) => number;
  readonly #weightMax: number;
  readonly #waitingMax: number;
  #waiting: Array<{
    readonly item: Item;
    readonly resolve: (result: Result) => void;
    readonly reject: (cause: unknown) => void;
  }> = [];
  #running = false;

  /**
   * @param commit answers one result an item, in their order; what it throws, all of them end with
   * @param limits how heavy the items of one commit may be together (one that is heavier by itself
   * is a commit of its own), and how many items may wait
   */
  constructor(
    commit: (items: readonly Item[]) => Promise<readonly Result[]>,
    limits: {
      readonly weightOf: (item: Item) => number;
      readonly weightMax: number;
      readonly waitingMax: number;
    },
  ) {
    this.#commit = commit;
    this.#weightOf = limits.weightOf;
    this.#weightMax = limits.weightMax;
    this.#waitingMax = limits.waitingMax;
  }

  get isFull(): boolean {
    return this.#waiting.length >= this.#waitingMax;
  }

  submit(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  #takeBatch() {
    let [count, weight] = [0, 0];
    for (const { item } of this.#waiting) {
      weight += this.#weightOf(item);
      if (count > 0 && weight > this.#weightMax) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #run(): Promise<void> {
    this.#running = true;
    // What arrives in this turn of the event loop comes along.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#takeBatch();
      try {
        const results = await this.#commit(batch.map(({ item }) => item));
        for (const [at, { resolve }] of batch.entries()) resolve(results[at] as Result);
      } catch (cause) {
        for (const { reject } of batch) reject(cause);
      }
    }
    this.#running = false;
  }
}
