import { type Actor, ANONYMOUS, type Authenticator, type Caller } from "./actor.ts";
import { Admission } from "./admission.ts";
import type { Clock } from "./clock.ts";
import type { Context } from "./context.ts";
import type { Tx } from "./database.ts";
import {
  type AnyErrorDefinition,
  forbidden,
  internal,
  invalidInput,
  methodNotFound,
  PIPELINE_ERRORS,
  StoaError,
  timedOut,
  tooLarge,
  tooMany,
  unauthenticated,
} from "./errors.ts";
import type { Events } from "./events.ts";
import { type AdmittedCall, Gatherings } from "./gathering.ts";
import type { Ids } from "./ids.ts";
import {
  BUDGETS_MAX,
  type Budget,
  CALL_BUDGET,
  CALL_TIMEOUT_MS,
  INPUT_BYTES_MAX,
  inProportion,
  TokenBuckets,
} from "./limits.ts";
import type { Log } from "./log.ts";
import { isWriting, type Method, type SingleMethod } from "./method.ts";
import { networkOf } from "./network.ts";
import type { Registry } from "./registry.ts";
import type { RepeatIdentity, Repeats } from "./repeats.ts";
import type { ObjectSchema } from "./schema.ts";
import type { Stream, Streams } from "./streams.ts";
import { Position, type Subscription } from "./subscription.ts";
import type { Sink } from "./topic.ts";
import type { UnitOfWork } from "./unit-of-work.ts";

/** What a transport makes of a request's bytes. */
export interface Call {
  readonly name: string;
  /** Parsed JSON, not yet checked. */
  readonly input: unknown;
  /** How large the input was on the wire. */
  readonly inputBytes: number;
  readonly caller: Caller;
  /** Names the request in the log and in error answers. */
  readonly requestId: string;
  /** The client's own name for this call, by which a repeat is recognised. */
  readonly repeatKey?: string | undefined;
  /** Aborted when the caller has gone. */
  readonly signal?: AbortSignal | undefined;
}

/** One finished call, for the metrics. */
export interface CallReport {
  readonly name: string;
  readonly transport: string;
  /** The error's code, or `OK`. */
  readonly code: string;
  readonly durationMs: number;
}

export interface DispatchParts {
  readonly registry: Registry;
  readonly authenticator: Authenticator;
  readonly work: UnitOfWork;
  readonly streams: Streams;
  readonly repeats: Repeats;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly budget?: Budget;
  /** Tests fail on an error that its method does not declare; production answers it. */
  readonly strict?: boolean;
  readonly observe?: (report: CallReport) => void;
}

type Operation = Method | Subscription;

/**
 * The only way to a handler, the same for every transport: find the definition, limits,
 * authenticate, parse, authorise, transaction, handle, commit, publish, map the error, log,
 * measure.
 */
export class Dispatch {
  readonly registry: Registry;
  readonly #parts: DispatchParts;
  readonly #admission: Admission;
  readonly #budgets: TokenBuckets;
  readonly #methodBudgets = new Map<string, TokenBuckets>();
  readonly #gatherings: Gatherings;

  constructor(parts: DispatchParts) {
    this.#parts = parts;
    this.#admission = new Admission(parts.clock);
    this.#gatherings = new Gatherings(parts);
    this.registry = parts.registry;
    const { clock, budget: general = CALL_BUDGET } = parts;
    this.#budgets = new TokenBuckets(clock, general, BUDGETS_MAX);
    for (const { name, budget } of parts.registry.methods.values()) {
      if (budget === undefined) continue;
      this.#methodBudgets.set(name, new TokenBuckets(clock, inProportion(budget, general)));
    }
  }

  /** Answers a method call. @throws StoaError and nothing else */
  call(call: Call): Promise<unknown> {
    const method = this.registry.methods.get(call.name);
    return this.#finish(call, method, (signal) => this.#callMethod(known(method), call, signal));
  }

  /** Opens a subscription; the caller sends the answer and then starts the stream. */
  open(call: Call, sink: Sink): Promise<Stream> {
    const subscription = this.registry.subscriptions.get(call.name);
    return this.#finish(call, subscription, (signal) =>
      this.#openStream(known(subscription), call, sink, signal),
    );
  }

  /** Calls running at the moment. */
  get running(): number {
    return this.#admission.running;
  }

  /** Calls that may run at once; fewer while the event loop is late. */
  get runningMax(): number {
    return this.#admission.runningMax;
  }

  /** Resolves when no call runs any more. */
  idle(): Promise<void> {
    return this.#admission.idle();
  }

  async #callMethod(method: Method, call: Call, signal: AbortSignal): Promise<unknown> {
    const actor = await this.#admit(method, call);
    const input = parse(method.input, call.input);
    authorise(method, actor);
    const identity = this.#identify(method, call, actor, input);
    if ("handleAll" in method) {
      return this.#gatherings.run(method, { actor, caller: call.caller, input, identity, signal });
    }
    return this.#callSingle(method, call, { actor, input, identity, signal });
  }

  /**
   * What a repeat of the call is known by. Only a person's repeats are recognised. Everybody else's
   * call gets a key that nobody can name again, and neither the request id, which proxies and
   * clients choose, nor the address will do; it still answers what became of an unknown commit.
   */
  #identify(method: Method, call: Call, actor: Actor, input: unknown): RepeatIdentity {
    const once = this.#parts.ids.uuid();
    return actor.kind === "person"
      ? { who: actor.accountId, method: method.name, key: call.repeatKey ?? once, input }
      : { who: "anonymous", method: method.name, key: once, input };
  }

  async #callSingle(
    method: SingleMethod,
    call: Call,
    { actor, input, identity, signal }: Omit<AdmittedCall, "caller">,
  ): Promise<unknown> {
    const { work, repeats } = this.#parts;
    let prepared: unknown;
    if (method.prepare !== undefined) {
      const isRepeatable =
        isWriting(method) && actor.kind === "person" && call.repeatKey !== undefined;
      const findEarlier = async () =>
        isRepeatable ? work.single((tx) => repeats.find(tx, identity), signal) : null;
      const earlier = await findEarlier();
      if (earlier !== null) return earlier.answer;
      const context = this.#context(call, actor, NO_TRANSACTION, signal);
      try {
        prepared = await method.prepare({ ...context, input, work });
      } catch (cause) {
        // What stands in the way may be the effect of the first call, which has ended meanwhile.
        const meanwhile = await findEarlier();
        if (meanwhile === null) throw cause;
        return meanwhile.answer;
      }
    }
    const handle = async (tx: Tx, events: Events) =>
      method.output.parse(
        await method.handle({
          ...this.#context(call, actor, tx, signal),
          events,
          input,
          prepared,
        }),
      );
    switch (method.transaction) {
      case "none":
        return handle(NO_TRANSACTION, NO_EVENTS);
      case "single":
        return work.single((tx) => handle(tx, NO_EVENTS), signal);
      case "snapshot":
        return work.snapshot((tx) => handle(tx, NO_EVENTS), signal);
      case "write":
      case "serializable": {
        const isolation = method.transaction === "write" ? "read committed" : "serializable";
        return work.write(
          ({ tx, events }) => repeats.once(tx, identity, () => handle(tx, events)),
          { isolation, signal, repeatable: true },
        );
      }
    }
  }

  async #openStream(
    subscription: Subscription,
    call: Call,
    sink: Sink,
    signal: AbortSignal,
  ): Promise<Stream> {
    const actor = await this.#admit(subscription, call);
    const { since, rest } = splitPosition(call.input);
    const input = parse(subscription.input, rest);
    authorise(subscription, actor);
    const context = (tx: Tx) => ({ ...this.#context(call, actor, tx, signal), input });
    const who = actor.kind === "person" ? actor.accountId : null;
    const stream = await this.#parts.streams.open({
      topic: subscription.topic({ input, actor }),
      view: JSON.stringify([subscription.name, who, input]),
      since,
      sink,
      admit: async (tx) => subscription.admit?.(context(tx)),
      snapshot: async (tx) => subscription.state.parse(await subscription.snapshot(context(tx))),
    });
    if (!signal.aborted) return stream;
    // The call was given up meanwhile: nobody else is left to close the stream.
    stream.close();
    throw timedOut();
  }

  /** Limits and authentication. A person's calls count for the person, others' by network. */
  async #admit(operation: Operation, call: Call): Promise<Actor> {
    const bytesMax =
      ("inputBytesMax" in operation ? operation.inputBytesMax : undefined) ?? INPUT_BYTES_MAX;
    if (call.inputBytes > bytesMax) throw tooLarge({ bytesMax });
    const { credentials, address } = call.caller;
    const actor =
      credentials.bearer === undefined && credentials.cookie === undefined
        ? ANONYMOUS
        : await this.#parts.authenticator.authenticate(credentials, address);
    const payer = actor.kind === "person" ? actor.accountId : networkOf(address);
    const isByNetwork = "budget" in operation && operation.budget?.by === "network";
    const methodPayer = isByNetwork ? networkOf(address) : payer;
    const waitMs =
      this.#budgets.take(payer) ||
      (this.#methodBudgets.get(operation.name)?.take(methodPayer) ?? 0);
    if (waitMs > 0) throw tooMany(undefined, { retryAfterMs: waitMs });
    return actor;
  }

  #context(
    call: Call,
    actor: Actor,
    tx: Tx,
    signal: AbortSignal,
  ): Omit<Context<never>, "events" | "actor"> & { actor: never } {
    const { clock, ids, log } = this.#parts;
    // `authorise` has held the actor against the operation's access, which fixes its type there.
    return { actor: actor as never, caller: call.caller, tx, clock, ids, log, signal };
  }

  /** Admission, the call's time limit, and one place where failures are mapped and logged. */
  async #finish<T>(
    call: Call,
    operation: Operation | undefined,
    run: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { clock, observe } = this.#parts;
    const startedMs = clock.monotonicMs();
    const report = (code: string) =>
      observe?.({
        name: operation?.name ?? "unknown",
        transport: call.caller.transport,
        code,
        durationMs: clock.monotonicMs() - startedMs,
      });
    try {
      const turn = this.#admission.enter(this.registry.urgencies.get(call.name));
      if (turn !== undefined) await turn;
      try {
        const answer = await this.#limited(call, run);
        report("OK");
        return answer;
      } finally {
        this.#admission.leave();
      }
    } catch (cause) {
      const error = this.#map(cause, call, operation);
      report(error.code);
      throw error;
    }
  }

  /** Gives the call up when its time is over or the caller has gone. */
  async #limited<T>(call: Call, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    const abort = () => controller.abort();
    let fail: (error: StoaError) => void = () => {};
    const timeout = new Promise<never>((_, reject) => {
      fail = reject;
    });
    const timer = this.#parts.clock.after(CALL_TIMEOUT_MS, () => {
      abort();
      fail(timedOut());
    });
    call.signal?.addEventListener("abort", abort, { once: true });
    try {
      return await Promise.race([run(controller.signal), timeout]);
    } finally {
      timer.cancel();
      call.signal?.removeEventListener("abort", abort);
    }
  }

  #map(cause: unknown, call: Call, operation: Operation | undefined): StoaError {
    const { log, strict } = this.#parts;
    const fields = { requestId: call.requestId, operation: operation?.name };
    if (!(cause instanceof StoaError)) {
      log.error({ ...fields, err: cause }, "an operation failed unexpectedly");
      return internal(undefined, { cause });
    }
    if (operation !== undefined && !isDeclared(cause, operation)) {
      log.error({ ...fields, code: cause.code }, "an operation ended with an undeclared error");
      if (strict) return internal(undefined, { cause });
    } else if (cause.cause !== undefined) {
      log.warn({ ...fields, code: cause.code, err: cause.cause }, "an operation failed");
    }
    return cause;
  }
}

function known<T extends Operation>(operation: T | undefined): T {
  if (operation === undefined) throw methodNotFound();
  return operation;
}

function isDeclared(error: StoaError, operation: Operation): boolean {
  const has = (list: readonly AnyErrorDefinition[]) => list.some((e) => e.code === error.code);
  return has(operation.errors) || has(PIPELINE_ERRORS);
}

function authorise(operation: Operation, actor: Actor): void {
  if (operation.access === "anyone") return;
  if (actor.kind !== "person") throw unauthenticated();
  if (operation.access === "operator" && !actor.operator) throw forbidden();
}

function parse(schema: ObjectSchema, input: unknown): Record<string, unknown> {
  const result = schema.safeParse(input ?? {});
  if (result.success) return result.data;
  const issues = result.error.issues.slice(0, ISSUES_MAX).map((issue) => ({
    path: issue.path.map((part) => (typeof part === "number" ? part : String(part))),
    message: issue.message,
  }));
  throw invalidInput({ issues });
}

/** Problems listed in one answer. */
const ISSUES_MAX = 20;

/** A client that comes back sends `epoch` and `offset` beside the subscription's own input. */
function splitPosition(input: unknown): { since: Position | undefined; rest: unknown } {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    return { since: undefined, rest: input };
  }
  const { epoch, offset, ...rest } = input as Record<string, unknown>;
  if (epoch === undefined && offset === undefined) return { since: undefined, rest };
  const since = parse(Position, { epoch, offset }) as Position;
  return { since, rest };
}

const NO_TRANSACTION: Tx = {
  as: () => {
    throw new Error("This operation declares no transaction.");
  },
};

const NO_EVENTS: Events = {
  emit: () => {
    throw new Error("Only writing operations emit events.");
  },
};
