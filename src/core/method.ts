import type { z } from "zod";
import type { Actor, Person } from "./actor.ts";
import type { Context } from "./context.ts";
import type { AnyErrorDefinition, StoaError } from "./errors.ts";
import type { Budget } from "./limits.ts";
import type { ObjectSchema, Schema } from "./schema.ts";
import type { UnitOfWork } from "./unit-of-work.ts";

/**
 * Who may call: `anyone`, a signed-in `person`, or an `operator` of the installation. Rights over
 * single objects are the handler's to check.
 */
export type Access = "anyone" | "person" | "operator";

/** How often a method may be called, where the general budget of calls is the default one. */
export interface MethodBudget extends Budget {
  /**
   * Whose calls are counted together: those of a person, and of everybody else by network, unless
   * all calls of a network count, because whoever is signed in can easily be somebody else.
   */
  readonly by?: "network";
  /** The wire name of the method with which it is shared; its own when absent. */
  readonly of?: string;
}

export type ActorOf<A extends Access> = A extends "anyone" ? Actor : Person;

/**
 * The transaction a handler runs in:
 * - `none`: none of the pipeline's, and it changes nothing
 * - `own`: none of the pipeline's; it changes something in transactions of its own and recognises
 *   repeats by itself, from the `repeatKey` of its context
 * - `single`: one reading query, without a transaction around it
 * - `snapshot`: several reads of one state (repeatable read, read only)
 * - `write`: read committed; what it decides on, it locks
 * - `serializable`: the database finds the conflicts, and the call is tried again
 */
export type TransactionMode = "none" | "own" | "single" | "snapshot" | "write" | "serializable";

export interface MethodCall<In extends ObjectSchema, A extends Access, Prepared = unknown>
  extends Context<ActorOf<A>> {
  readonly input: z.output<In>;
  /** What the method's `prepare` answered. */
  readonly prepared: Prepared;
}

/** What `prepare` gets: no transaction, and the means to short ones of its own. */
export interface PrepareCall<In extends ObjectSchema, A extends Access>
  extends Omit<MethodCall<In, A>, "tx" | "events" | "prepared"> {
  readonly work: UnitOfWork;
}

/** What every method declares. */
interface Declared<In extends ObjectSchema, Out extends Schema, A extends Access> {
  /** `namespace.method`, as on the wire; the last part names the file and the export. */
  readonly name: string;
  /** One sentence for the documentation. */
  readonly summary: string;
  readonly access: A;
  /** Unknown fields are refused: a strict object. */
  readonly input: In;
  readonly output: Out;
  /** What it may end with, beside the pipeline's own errors. */
  readonly errors: readonly AnyErrorDefinition[];
  /** Where the pipeline's default does not fit. */
  readonly inputBytesMax?: number;
  /** Whether it leafs through what is over, and can wait when there is much to do. */
  readonly urgency?: "history";
  /** A tighter budget of calls to this method alone; see {@link MethodBudget}. */
  readonly budget?: MethodBudget;
}

/** A method whose calls are handled one by one. */
export interface SingleMethod<
  In extends ObjectSchema = ObjectSchema,
  Out extends Schema = Schema,
  A extends Access = Access,
  Prepared = unknown,
> extends Declared<In, Out, A> {
  readonly transaction: TransactionMode;
  /**
   * Runs before the transaction begins, once a call, and not for a repeat that has its answer.
   * Slow work (hashing a password) holds no connection here, and what it writes outlives the
   * failure of the call: a failed sign-in rolls back, the count of failures must not. What it
   * finds may be out of date in `handle`, which holds it against the rows it locks.
   */
  prepare?(call: PrepareCall<In, A>): Promise<Prepared>;
  handle(call: MethodCall<In, A, Prepared>): Promise<z.input<Out>>;
}

/** One of the calls that are handled together. */
export type GatheredCall<In extends ObjectSchema, A extends Access> = Pick<
  MethodCall<In, A>,
  "actor" | "caller" | "input"
>;

/** What `handleAll` gets: the calls in the order in which they came, and one transaction. */
export interface Gathered<In extends ObjectSchema, A extends Access>
  extends Pick<Context, "tx" | "events" | "clock" | "ids" | "log"> {
  readonly calls: readonly GatheredCall<In, A>[];
}

/**
 * A method many people call at once for the same thing. The calls that wait for a thing are handled
 * together in one transaction, so that a crowd costs a few statements and one commit instead of a
 * queue of transactions that wait for each other's locks; see `gathering.ts`.
 */
export interface GatheredMethod<
  In extends ObjectSchema = ObjectSchema,
  Out extends Schema = Schema,
  A extends Access = Access,
> extends Declared<In, Out, A> {
  readonly transaction: "write";
  /** Names the thing: calls with the same name take turns, on all nodes. */
  gather(call: GatheredCall<In, A>): string;
  /**
   * The outcome of each call, in their order: its answer, or the error that it alone ends with and
   * that has changed nothing. What is thrown ends all of them and takes everything back.
   */
  handleAll(gathered: Gathered<In, A>): Promise<readonly (z.input<Out> | StoaError)[]>;
}

/** One request, one answer. */
export type Method = SingleMethod | GatheredMethod;

/** Declares a method; types of input, actor and answer follow from the definition. */
export function defineMethod<
  In extends ObjectSchema,
  Out extends Schema,
  A extends Access,
  Prepared = undefined,
>(method: SingleMethod<In, Out, A, Prepared>): SingleMethod<In, Out, A, Prepared> {
  return method;
}

/** Declares a method whose calls are handled together. */
export function defineGatheredMethod<In extends ObjectSchema, Out extends Schema, A extends Access>(
  method: GatheredMethod<In, Out, A>,
): GatheredMethod<In, Out, A> {
  return method;
}

/** Whether a call may change something: repeats of it must have one effect. */
export function isWriting(method: Pick<Method, "transaction">): boolean {
  return method.transaction === "own" || isRecorded(method);
}

/** Whether the pipeline writes the call's answer down, in its transaction, and repeats get it. */
export function isRecorded({ transaction }: Pick<Method, "transaction">): boolean {
  return transaction === "write" || transaction === "serializable";
}

/** What {@link within} makes of a method. */
export interface Within<In extends ObjectSchema, Out extends Schema, A extends Access, Prepared> {
  /** What the other method declares as well; its budget is one for both. */
  readonly declared: Pick<
    SingleMethod<In, Out, A, Prepared>,
    "access" | "errors" | "transaction" | "budget"
  >;
  prepare(
    call: Omit<PrepareCall<ObjectSchema, A>, "input">,
    input: z.output<In>,
  ): Promise<Prepared>;
  handle(
    call: Omit<MethodCall<ObjectSchema, A>, "input" | "prepared">,
    input: z.output<In>,
    prepared: Prepared,
  ): Promise<z.input<Out>>;
}

/**
 * A method's work as part of another one's, which has the same caller and the same transaction: for
 * documents that have a method in words of their own, and more in the answer. The other one checks
 * the input by the same schemas.
 */
export function within<
  In extends ObjectSchema,
  Out extends Schema,
  A extends Access,
  Prepared = undefined,
>(method: SingleMethod<In, Out, A, Prepared>): Within<In, Out, A, Prepared> {
  const { access, errors, transaction, budget } = method;
  const shared = budget === undefined ? {} : { budget: { ...budget, of: method.name } };
  return {
    declared: { access, errors, transaction, ...shared },
    async prepare(call, input) {
      const prepared = await method.prepare?.({ ...call, input });
      // Without a `prepare` nothing is expected of it: `Prepared` is `undefined` then.
      return prepared as Prepared;
    },
    handle: (call, input, prepared) => method.handle({ ...call, input, prepared }),
  };
}
