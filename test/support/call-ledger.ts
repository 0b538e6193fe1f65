import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Input, MethodName, Output } from "../../client/index.ts";

/**
 * What clients asked, and what they were told. Every call has a key of its own and is sent again
 * under it until an answer decides it, as a careful client does. The ledger is then held against
 * what the service has: a call that was acknowledged had its effect, and had it once.
 */

/** One call, however often it was sent. */
export interface KeptCall<N extends MethodName = MethodName> {
  readonly name: N;
  readonly input: Input<N>;
  readonly bearer: string;
  readonly key: string;
  readonly door: Door<N> | undefined;
  readonly askedAtMs: number;
  /** Undefined as long as no answer decided the call. */
  decision: Decision<N> | undefined;
}

export type Decision<N extends MethodName> =
  | { readonly acknowledged: true; readonly answer: Output<N> }
  /** A rule of the service refused it: it had no effect. */
  | { readonly acknowledged: false; readonly code: string };

/** Another way to a method than `/api`: how a call is written there, and its answer read. */
export interface Door<N extends MethodName> {
  readonly path: string;
  body(input: Input<N>): unknown;
  answer(body: unknown): Output<N>;
}

export interface AskOptions<N extends MethodName> {
  /** For how long it is sent again while nothing decides it; 0 sends once. */
  readonly patienceMs?: number;
  /** Where it is sent, each time; `/api` when absent. */
  readonly door?: Door<N> | undefined;
}

/** Statuses that leave a call open: it is worth sending again. */
const OPEN_STATUSES: ReadonlySet<number> = new Set([429, 503, 504]);
/** Whoever waits for so long waits for ever. */
const HANGS_MS = 20_000;
const PAUSE_MS = 50;

export class CallLedger {
  readonly calls: KeptCall[] = [];
  /** Answers that no fault excuses: a 500, and refusals that do not say when to come back. */
  readonly wrongs: string[] = [];
  /** How often each status came; 0 is a connection that broke. */
  readonly statuses = new Map<number, number>();
  /** The longest that a single request took. */
  slowestMs = 0;
  readonly #url: () => string;
  readonly #hangsMs: number;

  /**
   * @param url asked for with each request: a server that restarts may have moved
   * @param hangsMs after so long the client lets go of a request and sends it again
   */
  constructor(url: () => string, hangsMs: number = HANGS_MS) {
    this.#url = url;
    this.#hangsMs = hangsMs;
  }

  async ask<N extends MethodName>(
    name: N,
    input: Input<N>,
    bearer: string,
    { patienceMs = 0, door }: AskOptions<N> = {},
  ): Promise<KeptCall<N>> {
    const key = randomUUID();
    const askedAtMs = performance.now();
    const call: KeptCall<N> = { name, input, bearer, key, door, askedAtMs, decision: undefined };
    this.calls.push(call as unknown as KeptCall);
    while (!(await this.send(call)) && performance.now() - askedAtMs < patienceMs) {
      await pause(PAUSE_MS);
    }
    return call;
  }

  /** Sends it (again), and tells whether it is decided. A decision never changes. */
  async send<N extends MethodName>(call: KeptCall<N>): Promise<boolean> {
    const decision = await this.#request(call);
    if (decision === undefined) return call.decision !== undefined;
    if (call.decision?.acknowledged) assert.deepEqual(decision, call.decision, describe(call));
    call.decision = decision;
    return true;
  }

  /** Repeats what is open until it is decided. */
  async settle(timeoutMs: number): Promise<void> {
    const startedMs = performance.now();
    for (const call of this.open) {
      while (!(await this.send(call))) {
        assert.ok(performance.now() - startedMs < timeoutMs, this.#inVain(call));
        await pause(PAUSE_MS);
      }
    }
  }

  /** Repeats the newest acknowledged calls: they get the answers that they had. */
  async repeat(callsMax: number, timeoutMs: number): Promise<void> {
    const startedMs = performance.now();
    for (const call of this.acknowledged.slice(-callsMax)) {
      const { decision } = call;
      const again = { ...call, decision: undefined };
      while (!(await this.send(again))) {
        assert.ok(performance.now() - startedMs < timeoutMs, this.#inVain(call));
        await pause(PAUSE_MS);
      }
      assert.deepEqual(again.decision, decision, describe(call));
    }
  }

  get acknowledged(): KeptCall[] {
    return this.calls.filter(({ decision }) => decision?.acknowledged);
  }

  get open(): KeptCall[] {
    return this.calls.filter(({ decision }) => decision === undefined);
  }

  #inVain(call: KeptCall): string {
    return `${describe(call)}, undecided; statuses ${JSON.stringify([...this.statuses])}`;
  }

  async #request<N extends MethodName>(call: KeptCall<N>): Promise<Decision<N> | undefined> {
    const { name, input, bearer, key, door } = call;
    const headers = {
      "content-type": "application/json",
      authorization: `Bearer ${bearer}`,
      "idempotency-key": key,
    };
    const startedMs = performance.now();
    try {
      const response = await fetch(`${this.#url()}${door?.path ?? `/api/${name}`}`, {
        method: "POST",
        headers,
        body: JSON.stringify(door?.body(input) ?? input),
        signal: AbortSignal.timeout(this.#hangsMs),
      });
      const answer: unknown = await response.json();
      this.#note(startedMs, response.status);
      if (response.ok) {
        return { acknowledged: true, answer: door?.answer(answer) ?? (answer as Output<N>) };
      }
      const { code } = answer as { code: string };
      if (response.status === 503 && !response.headers.has("retry-after")) {
        this.wrongs.push(`${name}: 503 ${code} without Retry-After`);
      }
      if (OPEN_STATUSES.has(response.status)) return undefined;
      if (response.status < 500) return { acknowledged: false, code };
      this.wrongs.push(`${name}: ${response.status} ${code}`);
    } catch {
      this.#note(startedMs, 0);
    }
    return undefined;
  }

  #note(startedMs: number, status: number): void {
    this.slowestMs = Math.max(this.slowestMs, performance.now() - startedMs);
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
  }
}

function describe({ name, input, decision }: KeptCall<never> | KeptCall): string {
  return `${name} ${JSON.stringify(input)}, first ${JSON.stringify(decision)}`;
}
