import { type Actor, ANONYMOUS, type Authenticator, type Caller } from "./actor.ts";
import { Admission } from "./admission.ts";
import { parseAnswer } from "./answers.ts";
import type { Clock } from "./clock.ts";
import { type Context, NO_TRANSACTION } from "./context.ts";
import type { Tx } from "./database.ts";
import { type Deadline, Deadlines } from "./deadline.ts";
import {
  forbidden,
  internal,
  isDeclared,
  methodNotFound,
  StoaError,
  timedOut,
  tooLarge,
  tooMany,
  unauthenticated,
} from "./errors.ts";
import { type Events, signalsOnly } from "./events.ts";
import { Gatherings } from "./gathering.ts";
import type { Ids } from "./ids.ts";
import { parseInput, splitPosition } from "./input.ts";
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
import { isRecorded, type Method, type SingleMethod } from "./method.ts";
import { networkOf } from "./network.ts";
import { presenting, presentMissed } from "./presenting.ts";
import type { Registry } from "./registry.ts";
import type { RepeatIdentity, Repeats } from "./repeats.ts";
import type { Stream, Streams } from "./streams.ts";
import type { Subscription } from "./subscription.ts";
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

/** What is known of a call that has passed the checks before its handler. */
interface Admitted {
  readonly actor: Actor;
  readonly input: Record<string, unknown>;
  readonly deadline: Deadline;
}

/**
 * The only way to a handler, the same for every transport: find the definition, limits,
 * authenticate, authorise, parse, transaction, handle, commit, publish, map the error, log,
 * measure.
 */
export class Dispatch {
  readonly registry: Registry;
  readonly #parts: DispatchParts;
  readonly #admission: Admission;
  readonly #budgets: TokenBuckets;
  readonly #methodBudgets = new Map<string, TokenBuckets>();
  readonly #gatherings: Gatherings;
  readonly #deadlines: Deadlines;
  /** For operations that record nothing. */
  readonly #signals: Events;

  constructor(parts: DispatchParts) {
    this.#parts = parts;
    this.#admission = new Admission(parts.clock);
    this.#gatherings = new Gatherings(parts);
    this.#deadlines = new Deadlines(parts.clock, CALL_TIMEOUT_MS);
    this.registry = parts.registry;
    this.#signals = signalsOnly(parts.registry.eventSchemas, parts.streams);
    const { clock, budget: general = CALL_BUDGET } = parts;
    this.#budgets = new TokenBuckets(clock, general, BUDGETS_MAX);
    for (const { name, budget } of parts.registry.methods.values()) {
      if (budget === undefined || budget.of !== undefined) continue;
      this.#methodBudgets.set(name, new TokenBuckets(clock, inProportion(budget, general)));
    }
  }

  /** Answers a method call. @throws StoaError and nothing else */
  call(call: Call): Promise<unknown> {
    const method = this.registry.methods.get(call.name);
    return this.#finish(call, method, (deadline) =>
      this.#callMethod(known(method), call, deadline),
    );
  }

  /**
   * What a call would be refused with if it came now, which then counts as its answer; undefined
   * when it would be let in. A transport that asks before it reads the input spares both sides the
   * work.
   */
  turnAway(name: string, transport: string): StoaError | undefined {
    const refusal = this.#admission.refusal(this.registry.urgencies.get(name));
    if (refusal === undefined) return undefined;
    this.#parts.observe?.({ name, transport, code: refusal.code, durationMs: 0 });
    return refusal;
  }

  /** Opens a subscription; the caller sends the answer and then starts the stream. */
  open(call: Call, sink: Sink): Promise<Stream> {
    const subscription = this.registry.subscriptions.get(call.name);
    return this.#finish(call, subscription, (deadline) =>
      this.#openStream(known(subscription), call, sink, deadline),
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

  #callMethod(method: Method, call: Call, deadline: Deadline): Promise<unknown> {
    const proved = this.#authenticate(method, call);
    return proved instanceof Promise
      ? proved.then((actor) => this.#callAs(actor, method, call, deadline))
      : this.#callAs(proved, method, call, deadline);
  }

  #callAs(actor: Actor, method: Method, call: Call, deadline: Deadline): Promise<unknown> {
    this.#charge(method, call, actor);
    this.#authorise(method, actor, call);
    const input = parseInput(method.input, call.input);
    if ("handleAll" in method) {
      const { caller } = call;
      const identity = this.#identify(method, call, actor, input);
      return this.#gatherings.run(method, { actor, caller, input, identity, signal: deadline });
    }
    const admitted = { actor, input, deadline };
    if (method.prepare !== undefined) return this.#callPrepared(method, call, admitted);
    return this.#handle(method, call, admitted, undefined);
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

  /** Handles a call that comes alone, in the transaction that its method asks for. */
  #handle(
    method: SingleMethod,
    call: Call,
    { actor, input, deadline }: Admitted,
    prepared: unknown,
    identity?: RepeatIdentity,
  ): Promise<unknown> {
    const { work, repeats } = this.#parts;
    const handle = async (tx: Tx, events: Events) => {
      const context = this.#context(call, actor, tx, deadline);
      const answer = await method.handle({ ...context, events, input, prepared });
      return parseAnswer(method.output, answer);
    };
    switch (method.transaction) {
      case "none":
      case "own":
        return handle(NO_TRANSACTION, this.#signals);
      case "single":
        return work.single((tx) => handle(tx, this.#signals), deadline);
      case "snapshot":
        return work.snapshot((tx) => handle(tx, this.#signals), deadline);
      default: {
        const isolation = method.transaction === "write" ? "read committed" : "serializable";
        const once = identity ?? this.#identify(method, call, actor, input);
        return work.write(({ tx, events }) => repeats.once(tx, once, () => handle(tx, events)), {
          isolation,
          signal: deadline,
          repeatable: true,
        });
      }
    }
  }

  async #callPrepared(method: SingleMethod, call: Call, admitted: Admitted): Promise<unknown> {
    const { actor, input } = admitted;
    const identity = isRecorded(method) ? this.#identify(method, call, actor, input) : undefined;
    const preparation = await this.#prepare(method, call, admitted, identity);
    if ("answer" in preparation) return preparation.answer;
    return this.#handle(method, call, admitted, preparation.prepared, identity);
  }

  /** What comes before the transaction, or the answer to an earlier call that this one repeats. */
  async #prepare(
    method: SingleMethod,
    call: Call,
    { actor, input, deadline }: Admitted,
    identity: RepeatIdentity | undefined,
  ): Promise<{ readonly prepared: unknown } | { readonly answer: unknown }> {
    const { work, repeats } = this.#parts;
    const isRepeatable = actor.kind === "person" && call.repeatKey !== undefined;
    const findEarlier = async () =>
      identity !== undefined && isRepeatable
        ? work.single((tx) => repeats.find(tx, identity), deadline)
        : null;
    const earlier = await findEarlier();
    if (earlier !== null) return earlier;
    const context = this.#context(call, actor, NO_TRANSACTION, deadline);
    try {
      return { prepared: await method.prepare?.({ ...context, input, work }) };
    } catch (cause) {
      // What stands in the way may be the effect of the first call, which has ended meanwhile.
      const meanwhile = await findEarlier();
      if (meanwhile === null) throw cause;
      return meanwhile;
    }
  }

  async #openStream(
    subscription: Subscription,
    call: Call,
    sink: Sink,
    deadline: Deadline,
  ): Promise<Stream> {
    const actor = await this.#authenticate(subscription, call);
    this.#charge(subscription, call, actor);
    this.#authorise(subscription, actor, call);
    const { since, rest } = splitPosition(call.input);
    const input = parseInput(subscription.input, rest);
    const context = (tx: Tx) => ({ ...this.#context(call, actor, tx, deadline), input });
    const who = actor.kind === "person" ? actor.accountId : null;
    await subscription.prepare?.(context(NO_TRANSACTION));
    const stream = await this.#parts.streams.open({
      topic: subscription.topic({ input, actor }),
      view: JSON.stringify([subscription.name, who, input]),
      since,
      sink: presenting(subscription, who, sink),
      enclose: subscription.enclose,
      admit: async (tx) => subscription.admit?.(context(tx)),
      snapshot: async (tx) => subscription.state.parse(await subscription.snapshot(context(tx))),
    });
    if (!deadline.aborted) return { ...stream, opened: presentMissed(stream.opened, who) };
    // The call was given up meanwhile: nobody else is left to close the stream.
    stream.close();
    throw timedOut();
  }

  /** Who calls. What came with the call is looked at only when the call is not too large. */
  #authenticate(operation: Operation, { inputBytes, caller }: Call): Actor | Promise<Actor> {
    const bytesMax =
      ("inputBytesMax" in operation ? operation.inputBytesMax : undefined) ?? INPUT_BYTES_MAX;
    if (inputBytes > bytesMax) throw tooLarge({ bytesMax });
    const { credentials, address } = caller;
    if (credentials.bearer === undefined && credentials.cookie === undefined) return ANONYMOUS;
    return this.#parts.authenticator.authenticate(credentials, address);
  }

  /** Counts the call. A person's calls count for the person, others' by network. */
  #charge(operation: Operation, { caller: { address } }: Call, actor: Actor): void {
    const payer = actor.kind === "person" ? actor.accountId : networkOf(address);
    const budget = "budget" in operation ? operation.budget : undefined;
    const methodPayer = budget?.by === "network" ? networkOf(address) : payer;
    const waitMs =
      this.#budgets.take(payer) ||
      (this.#methodBudgets.get(budget?.of ?? operation.name)?.take(methodPayer) ?? 0);
    if (waitMs > 0) throw tooMany(undefined, { retryAfterMs: waitMs });
  }

  #context(
    call: Call,
    actor: Actor,
    tx: Tx,
    deadline: Deadline,
  ): Omit<Context<never>, "events" | "actor"> & { actor: never } {
    const { clock, ids, log } = this.#parts;
    // `#authorise` has held the actor against the operation's access, which fixes its type there.
    const { caller, repeatKey } = call;
    return { actor: actor as never, caller, repeatKey, tx, clock, ids, log, signal: deadline };
  }

  /** Admission, the call's time limit, and one place where failures are mapped and logged. */
  async #finish<T>(
    call: Call,
    operation: Operation | undefined,
    run: (deadline: Deadline) => Promise<T>,
  ): Promise<T> {
    const startedMs = this.#parts.clock.monotonicMs();
    try {
      const turn = this.#admission.enter(this.registry.urgencies.get(call.name));
      if (turn !== undefined) await turn;
      const deadline = this.#deadlines.start(call.signal);
      try {
        const answer = await new Promise<T>((resolve, reject) => {
          deadline.onExpired = () => reject(timedOut());
          run(deadline).then(resolve, reject);
        });
        this.#report(call, operation, "OK", startedMs);
        return answer;
      } finally {
        this.#deadlines.end(deadline);
        this.#admission.leave();
      }
    } catch (cause) {
      const error = this.#map(cause, call, operation);
      this.#report(call, operation, error.code, startedMs);
      throw error;
    }
  }

  #report(call: Call, operation: Operation | undefined, code: string, startedMs: number): void {
    const { clock, observe } = this.#parts;
    const { transport } = call.caller;
    const durationMs = clock.monotonicMs() - startedMs;
    observe?.({ name: operation?.name ?? "unknown", transport, code, durationMs });
  }

  /** Who tries what is not theirs to do is written down (OWASP ASVS 16.3.2). */
  #authorise(operation: Operation, actor: Actor, { requestId, caller }: Call): void {
    if (operation.access === "anyone") return;
    if (actor.kind !== "person") throw unauthenticated();
    if (operation.access !== "operator" || actor.operator) return;
    const { transport, address } = caller;
    const who = { requestId, accountId: actor.accountId, transport, address };
    this.#parts.log.warn({ ...who, operation: operation.name }, "a call was forbidden");
    throw forbidden();
  }

  #map(cause: unknown, call: Call, operation: Operation | undefined): StoaError {
    const { log, strict } = this.#parts;
    const fields = { requestId: call.requestId, operation: operation?.name };
    if (!(cause instanceof StoaError)) {
      log.error({ ...fields, err: cause }, "an operation failed unexpectedly");
      return internal(undefined, { cause });
    }
    if (operation !== undefined && !isDeclared(cause, operation.errors)) {
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
