import { createMemoryBus, type MemoryExchange } from "../../src/adapters/bus/memory.ts";
import { createEventLog, createRepeatStore } from "../../src/adapters/db/index.ts";
import { createLog } from "../../src/adapters/log/pino.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { systemRandom } from "../../src/adapters/system/random.ts";
import { createVault, type VaultKey } from "../../src/adapters/vault/aes-gcm.ts";
import {
  type Actor,
  ANONYMOUS,
  type Authenticator,
  type Caller,
  type Person,
} from "../../src/core/actor.ts";
import type { Bus } from "../../src/core/bus.ts";
import type { Clock } from "../../src/core/clock.ts";
import type { Database } from "../../src/core/database.ts";
import { type CallReport, Dispatch } from "../../src/core/dispatch.ts";
import type { EventLog, StreamEvent } from "../../src/core/event-log.ts";
import type { RepeatStore } from "../../src/core/idempotency.ts";
import { createIds, type Ids } from "../../src/core/ids.ts";
import type { Budget } from "../../src/core/limits.ts";
import type { Log } from "../../src/core/log.ts";
import type { Module } from "../../src/core/module.ts";
import type { Random } from "../../src/core/random.ts";
import { Registry } from "../../src/core/registry.ts";
import { Repeats } from "../../src/core/repeats.ts";
import { type Stream, Streams } from "../../src/core/streams.ts";
import type { Sink } from "../../src/core/topic.ts";
import { UnitOfWork } from "../../src/core/unit-of-work.ts";
import type { Vault } from "../../src/core/vault.ts";

/** The ports a module is built from in tests. */
export interface HarnessPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly log: Log;
  readonly vault: Vault;
  readonly eventLog: EventLog;
  readonly work: () => UnitOfWork;
}

export interface HarnessOptions {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly database?: Database;
  /** Shared by the harnesses that play the nodes of one installation. */
  readonly exchange?: MemoryExchange;
  /** Takes the place of the memory bus; its owner closes it. */
  readonly bus?: Bus;
  readonly log?: Log;
  readonly eventLog?: EventLog;
  readonly repeatStore?: RepeatStore;
  /** Takes the place of {@link Streams}, for a fault planted there. */
  readonly streams?: typeof Streams;
  /** Takes the place of the fake one, which believes whatever `as` says. */
  readonly authenticator?: (harness: { work: UnitOfWork; streams: Streams }) => Authenticator;
  readonly observe?: (report: CallReport) => void;
  /** Plenty, when absent. */
  readonly budget?: Budget;
  /** The first seals; {@link VAULT_KEYS} when absent. */
  readonly vaultKeys?: readonly VaultKey[];
  readonly modules: (ports: HarnessPorts) => readonly Module[];
}

export const VAULT_KEYS: readonly VaultKey[] = [{ id: "test", key: new Uint8Array(32).fill(7) }];

export interface Harness extends AsyncDisposable {
  readonly ports: HarnessPorts;
  readonly dispatch: Dispatch;
  readonly registry: Registry;
  readonly work: UnitOfWork;
  readonly streams: Streams;
  /** Calls as the person, or as nobody. */
  call(name: string, input: unknown, as?: Person, repeatKey?: string): Promise<unknown>;
  /** Opens a subscription and starts it; pushes go to the sink. */
  open(name: string, input: unknown, sink: Sink, as?: Person): Promise<Stream>;
}

const PLENTY = { burst: 1_000_000, perSecond: 1_000_000 };

/** A whole node without transports: modules over a real database and a memory bus. */
export async function createHarness(options: HarnessOptions): Promise<Harness> {
  const { clock = systemClock, random = systemRandom } = options;
  const { log = createLog({ level: "silent" }), eventLog = createEventLog() } = options;
  const database = options.database ?? (await sharedDatabase());
  const vault = createVault({ keys: options.vaultKeys ?? VAULT_KEYS, random });
  const ids = createIds(clock, random);
  const { exchange } = options;
  const bus = options.bus ?? createMemoryBus({ log, ...(exchange && { exchange }) });
  const later: { work?: UnitOfWork } = {};
  const ports: HarnessPorts = {
    clock,
    random,
    ids,
    log,
    vault,
    eventLog,
    work: () => {
      if (later.work === undefined) throw new Error("The modules are not registered yet.");
      return later.work;
    },
  };
  const registry = new Registry(options.modules(ports));
  const work: UnitOfWork = new UnitOfWork({
    database,
    eventLog,
    eventSchemas: registry.eventSchemas,
    publish: (events) => streams.publish(events),
    signal: (signals) => streams.signal(signals),
    clock,
    random,
  });
  later.work = work;
  const streams = new (options.streams ?? Streams)({
    nodeId: ids.uuid(),
    read: (reading) => work.snapshot(reading),
    eventLog,
    bus,
    clock,
    log,
    heard: (event) => registry.heard(event),
  });
  const authenticator = options.authenticator?.({ work, streams }) ?? fakeAuthenticator();
  const secret = new Uint8Array(32).fill(3);
  const store = options.repeatStore ?? createRepeatStore();
  const repeats = new Repeats({ store, vault, clock, secret });
  const dispatch = new Dispatch({
    registry,
    authenticator,
    work,
    streams,
    repeats,
    clock,
    ids,
    log,
    budget: options.budget ?? PLENTY,
    strict: true,
    ...(options.observe === undefined ? {} : { observe: options.observe }),
  });
  const toCall = (name: string, input: unknown, as: Person | undefined, repeatKey?: string) => ({
    name,
    input,
    inputBytes: JSON.stringify(input)?.length ?? 0,
    caller: callerOf(as),
    requestId: ids.uuid(),
    repeatKey,
  });
  return {
    ports,
    dispatch,
    registry,
    work,
    streams,
    call: (name, input, as, repeatKey) => dispatch.call(toCall(name, input, as, repeatKey)),
    async open(name, input, sink, as) {
      const stream = await dispatch.open(toCall(name, input, as), sink);
      stream.start();
      return stream;
    },
    async [Symbol.asyncDispose]() {
      streams.close();
      if (options.bus === undefined) await bus.close();
    },
  };
}

/** Loaded when it is asked for: the file hands its closing to the test runner. */
async function sharedDatabase(): Promise<Database> {
  const { testDatabase } = await import("./database.ts");
  return testDatabase();
}

/** A person of a fresh account, as tests need them. */
export function newPerson(ids: Ids, clock: Clock, more: Partial<Person> = {}): Person {
  return {
    kind: "person",
    accountId: ids.uuid(),
    sessionId: ids.uuid(),
    operator: false,
    signedInAtMs: clock.nowMs(),
    ...more,
  };
}

/** A sink that remembers what it was pushed. */
export function collectingSink(): Sink & { readonly events: StreamEvent[]; isLost: boolean } {
  const sink = {
    events: [] as StreamEvent[],
    isLost: false,
    push: (event: StreamEvent) => void sink.events.push(event),
    lost: () => {
      sink.isLost = true;
    },
  };
  return sink;
}

/** The fake sign-in: the bearer is the person, in JSON. */
function fakeAuthenticator(): Authenticator {
  return {
    authenticate: ({ bearer }): Actor =>
      bearer === undefined ? ANONYMOUS : (JSON.parse(bearer) as Person),
    onRevoked: () => {},
  };
}

function callerOf(person: Person | undefined): Caller {
  return {
    transport: "process",
    address: "127.0.0.1",
    userAgent: "test",
    credentials: person === undefined ? {} : { bearer: JSON.stringify(person) },
  };
}
