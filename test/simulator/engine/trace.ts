import { createHash } from "node:crypto";

/** Lines that are hashed together; hashing each one alone would cost more than the run. */
const LINES_PER_UPDATE = 200;

/** Everything that happened in a run, as one digest, and as text when somebody wants to read it. */
export class Trace {
  readonly #hash = createHash("sha256");
  readonly #show: ((line: string) => void) | undefined;
  #pending: string[] = [];
  #digest: string | undefined;

  constructor(show?: (line: string) => void) {
    this.#show = show;
  }

  add(line: string): void {
    this.#show?.(line);
    this.#pending.push(line);
    if (this.#pending.length >= LINES_PER_UPDATE) this.#flush();
  }

  /** Two runs of one seed have the same. Nothing can be added afterwards. */
  digest(): string {
    if (this.#digest === undefined) {
      this.#flush();
      this.#digest = this.#hash.digest("hex").slice(0, 32);
    }
    return this.#digest;
  }

  #flush(): void {
    this.#hash.update(`${this.#pending.join("\n")}\n`);
    this.#pending = [];
  }
}
