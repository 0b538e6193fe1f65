/**
 * How long a thread is kept from its event loop at the most, as processor time of this thread: what
 * neighbours on a busy machine take does not count. A turn is what runs between two immediates.
 */
export class LongestTurn {
  #longestUs = 0;
  #last = process.threadCpuUsage();
  #next: NodeJS.Immediate | undefined;

  start(): void {
    this.#longestUs = 0;
    this.#last = process.threadCpuUsage();
    this.#next = setImmediate(this.#turn);
  }

  /** Answers the longest turn since the start, in milliseconds. */
  stop(): number {
    clearImmediate(this.#next);
    this.#look();
    return this.#longestUs / 1_000;
  }

  readonly #turn = (): void => {
    this.#look();
    this.#next = setImmediate(this.#turn);
  };

  #look(): void {
    const { user, system } = process.threadCpuUsage(this.#last);
    this.#last = process.threadCpuUsage();
    this.#longestUs = Math.max(this.#longestUs, user + system);
  }
}
