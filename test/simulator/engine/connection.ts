import { StoaError } from "../../../src/core/errors.ts";
import type { Dice } from "./dice.ts";
import type { FaultRates } from "./faults.ts";
import type { NodeLife } from "./node.ts";
import type { Scheduler } from "./scheduler.ts";

/** What a client hears of a request: the answer, the error, or that the connection is gone. */
export type Reply<T> =
  | { readonly kind: "answer"; readonly answer: T }
  | { readonly kind: "error"; readonly error: StoaError }
  | { readonly kind: "lost" };

export interface ConnectionParts {
  readonly life: NodeLife;
  readonly scheduler: Scheduler;
  readonly dice: Dice;
  readonly rates: FaultRates;
  /** What the program ends a call with that it has no error for. */
  readonly onDefect: (error: unknown) => void;
}

/**
 * One connection of a client to one life of a node: what is sent arrives in order, after a while,
 * as long as both ends live. Each end hears of the other's end at a moment of its own.
 */
export class Connection {
  readonly life: NodeLife;
  readonly #parts: ConnectionParts;
  /** Aborted when the node has noticed that the client is gone. */
  readonly #gone = new AbortController();
  readonly #pending = new Set<() => void>();
  readonly #losses: Array<() => void> = [];
  #upAtMs = 0;
  #downAtMs = 0;
  #isOpen = true;

  constructor(parts: ConnectionParts) {
    this.life = parts.life;
    this.#parts = parts;
    parts.life.onDeath(() => this.breakOff());
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Aborted, on the node's side, when the client is gone. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** Called on the client's side when the connection is lost. */
  onLost(listener: () => void): void {
    this.#losses.push(listener);
  }

  /**
   * Runs something on the node and resolves with what comes back.
   *
   * @param answered runs on the node as soon as the answer is on its way
   */
  request<T>(run: () => Promise<T>, answered?: (answer: T) => void): Promise<Reply<T>> {
    return new Promise((resolve) => {
      if (!this.#isOpen) return resolve({ kind: "lost" });
      const lost = () => resolve({ kind: "lost" });
      this.#pending.add(lost);
      const reply = (what: Reply<T>) => {
        this.send(() => {
          this.#pending.delete(lost);
          resolve(what);
        });
      };
      this.#toNode(() => {
        run().then(
          (answer) => {
            reply({ kind: "answer", answer });
            answered?.(answer);
          },
          (error: unknown) => {
            if (error instanceof StoaError) reply({ kind: "error", error });
            else this.#parts.onDefect(error);
          },
        );
      });
      if (this.#parts.dice.chance(this.#parts.rates.clientLost)) this.breakOff();
    });
  }

  /** Hands something to the client, in order; called on the node's side. */
  send(deliver: () => void): void {
    const { scheduler, dice, rates } = this.#parts;
    this.#downAtMs = Math.max(this.#downAtMs, scheduler.elapsedMs + dice.between(0.1, 3));
    scheduler.after(this.#downAtMs - scheduler.elapsedMs, `${this.life.name} to client`, () => {
      if (this.#isOpen) deliver();
    });
    if (dice.chance(rates.clientLost / 4)) this.breakOff();
  }

  #close(): void {
    this.#isOpen = false;
    for (const lost of this.#pending) lost();
    this.#pending.clear();
    this.#toNode(() => this.#gone.abort());
  }

  #toNode(run: () => void): void {
    const { scheduler, dice, life } = this.#parts;
    this.#upAtMs = Math.max(this.#upAtMs, scheduler.elapsedMs + dice.between(0.1, 3));
    scheduler.after(this.#upAtMs - scheduler.elapsedMs, `${life.name} from client`, () => {
      life.enter(run);
    });
  }

  /** The connection breaks; each end will notice. */
  breakOff(): void {
    const { scheduler, dice, life } = this.#parts;
    if (!this.#isOpen) return;
    scheduler.after(dice.between(0, 20), `${life.name} connection lost`, () => {
      if (!this.#isOpen) return;
      this.#close();
      for (const listener of this.#losses) listener();
    });
  }
}
