import { createHash, createHmac, randomBytes, randomUUID } from "node:crypto";
import type { Input, MethodName, Output, State } from "../../client/index.ts";
import type { MemoryExchange } from "../../src/adapters/bus/memory.ts";
import type { Person } from "../../src/core/actor.ts";
import type { Clock } from "../../src/core/clock.ts";
import type { Database } from "../../src/core/database.ts";
import type { StreamEvent } from "../../src/core/event-log.ts";
import type { Log } from "../../src/core/log.ts";
import type { Stream } from "../../src/core/streams.ts";
import { createAuth } from "../../src/modules/auth/index.ts";
import { insertAccount } from "../../src/modules/auth/store/accounts.ts";
import { createChat } from "../../src/modules/chat/index.ts";
import type { Member } from "../../src/modules/chat/types.ts";
import { countingHasher } from "./auth-harness.ts";
// Loaded before any test, or its closing belongs to the first one.
import "./database.ts";
import { collectingSink, createHarness, type Harness, newPerson } from "./module-harness.ts";

/** Somebody with an account, as tests know him. */
export interface Somebody extends Person {
  readonly email: string;
}

/** Calls as the person, or as nobody; a key marks repeats. */
type CallAs = <N extends MethodName>(
  name: N,
  input: Input<N>,
  as?: Person,
  key?: string,
) => Promise<Output<N>>;

/** What a follower of a conversation, or of himself, got. */
export interface Following {
  readonly stream: Stream;
  readonly events: StreamEvent[];
  readonly signals: unknown[];
  /** Data of the events of a type. */
  of(type: string): Array<Record<string, unknown>>;
  readonly ended: boolean;
}

/** A node with accounts and the chat, and what its tests do over and over. */
export interface ChatFixture extends AsyncDisposable {
  readonly harness: Harness;
  readonly clock: Clock;
  readonly call: CallAs;
  newPerson(displayName?: string): Promise<Somebody>;
  /** Somebody with an identity key. */
  newMember(displayName?: string): Promise<Somebody>;
  /** A new key pair in the conversation; answers the wrapped private key. */
  setKeys(conversationId: string, as: Person): Promise<string>;
  /** A conversation in which everybody has keys. */
  converse(people: readonly Person[], more?: { private?: boolean }): Promise<string>;
  members(conversationId: string, as: Person): Promise<Member[]>;
  /** A message to everybody, as its sender's client makes it; `more` overrides. */
  compose(
    conversationId: string,
    as: Person,
    more?: Partial<Input<"chat.sendMessage">>,
  ): Promise<Input<"chat.sendMessage">>;
  send(conversationId: string, as: Person): Promise<Output<"chat.sendMessage">>;
  follow(
    name: "chat.conversation" | "chat.me" | "chat.system",
    input: object,
    as: Person,
  ): Promise<Following>;
  runJob(name: string): Promise<void>;
}

export interface ChatFixtureOptions {
  readonly clock?: Clock;
  readonly database?: Database;
  readonly exchange?: MemoryExchange;
  readonly log?: Log;
}

export async function createChatFixture(options: ChatFixtureOptions = {}): Promise<ChatFixture> {
  const harness = await createHarness({
    ...options,
    modules: (ports) => {
      const auth = createAuth({
        ...ports,
        mailer: { send: async () => {} },
        tokenSecret: new Uint8Array(32).fill(9),
        frontendUrl: () => "https://stoa.test/app",
        hasher: countingHasher(),
      });
      return [auth, createChat({ ...ports, pageSecret: new Uint8Array(32).fill(4) }, auth.methods)];
    },
  });
  const { clock, ids, log } = harness.ports;
  const call: CallAs = async (name, input, as, key) =>
    (await harness.call(name, input, as, key)) as never;

  const fixture: ChatFixture = {
    harness,
    clock,
    call,
    async newPerson(displayName = "Somebody") {
      const person = newPerson(ids, clock);
      const email = `${person.accountId}@stoa.test`;
      const account = { email, displayName, passwordHash: "-", createdAtMs: clock.nowMs() };
      await harness.work.write(({ tx }) => insertAccount(tx, { id: person.accountId, ...account }));
      return { ...person, email };
    },
    async newMember(displayName) {
      const person = await fixture.newPerson(displayName);
      await call("chat.putAccountKeys", accountKeys(), person);
      return person;
    },
    async setKeys(conversationId, as) {
      const { keys } = await call("chat.getKeys", { conversation_id: conversationId }, as);
      const privateKey = randomText(60);
      const key = {
        public_key: randomText(32),
        private_key: privateKey,
        signature: randomText(64),
      };
      const version = (keys.at(-1)?.key_version ?? 0) + 1;
      const input = { conversation_id: conversationId, key_version: version, ...key };
      await call("chat.setKeys", input, as);
      return privateKey;
    },
    async converse(people, more = {}) {
      const [first] = people;
      const userIds = people.slice(1).map(({ accountId }) => accountId);
      const input = { private: false, user_ids: userIds, ...more };
      const { conversation } = await call("chat.createConversation", input, first);
      for (const person of people) await fixture.setKeys(conversation.id, person);
      return conversation.id;
    },
    async members(conversationId, as) {
      return (await call("chat.getKeys", { conversation_id: conversationId }, as)).members;
    },
    async compose(conversationId, as, more = {}) {
      const known = await call("chat.getKeys", { conversation_id: conversationId }, as);
      const { epoch, members } = known;
      return {
        conversation_id: conversationId,
        message_group: randomUUID(),
        epoch,
        commitment: randomText(32),
        messages: copiesFor(members),
        ...more,
      };
    },
    async send(conversationId, as) {
      return call("chat.sendMessage", await fixture.compose(conversationId, as), as);
    },
    follow: (name, input, as) => follow(harness, name, input, as),
    async runJob(name) {
      const jobs = harness.registry.modules.flatMap((module) => module.jobs ?? []);
      const job = jobs.find((candidate) => candidate.name === name);
      if (job === undefined) throw new Error(`There is no job ${name}.`);
      await job.run({ work: harness.work, log, signal: new AbortController().signal });
    },
    [Symbol.asyncDispose]: () => harness[Symbol.asyncDispose](),
  };
  return fixture;
}

/** So many random bytes in base64url. */
export function randomText(bytes: number): string {
  return randomBytes(bytes).toString("base64url");
}

export function accountKeys(version = 1): Input<"chat.putAccountKeys"> {
  const wraps = [{ kind: "passphrase", blob: randomText(80) }];
  return { identity_public_key: randomText(32), wraps, version };
}

/** What nobody can open, but the service takes for sealed to the key. */
export function contentFor(publicKey: string, bytes = 300): string {
  const label = Buffer.from("stoa-key-id/1");
  const key = Buffer.from(publicKey, "base64url");
  const measured = [label, key].flatMap((part) => [Buffer.from([0, 0, 0, part.length]), part]);
  const id = createHash("sha256").update(Buffer.concat(measured)).digest().subarray(0, 8);
  return Buffer.concat([Uint8Array.of(1), id, randomBytes(bytes)]).toString("base64url");
}

export function copiesFor(members: readonly Member[]) {
  return members.map(({ user_id: recipient, public_key: key }) => ({
    recipient,
    content: contentFor(key ?? randomText(32)),
  }));
}

/** The commitment of a body, and what reports reveal. */
export function committed(words: string) {
  const key = randomBytes(32);
  const body = Buffer.from(words);
  const commitment = createHmac("sha256", key).update(body).digest("base64url");
  return { commitment, body: body.toString("base64url"), k_f: key.toString("base64url") };
}

export function stateOf<N extends "chat.conversation" | "chat.me">(
  { stream }: Following,
  _name: N,
): State<N> {
  if (stream.opened.recovered) throw new Error("This was to begin with a snapshot.");
  return stream.opened.state as State<N>;
}

async function follow(
  harness: Harness,
  name: string,
  input: object,
  as: Person,
): Promise<Following> {
  const sink = collectingSink();
  const signals: unknown[] = [];
  const seen: { ended: boolean; stream?: Stream } = { ended: false };
  const whole = {
    ...sink,
    signal: (signal: { readonly data: object }) => void signals.push(signal.data),
    ended: () => {
      seen.ended = true;
      seen.stream?.close();
    },
  };
  const stream = await harness.open(name, input, whole, as);
  seen.stream = stream;
  return {
    stream,
    events: sink.events,
    signals,
    of: (type) =>
      sink.events
        .filter((event) => event.type === type)
        .map(({ data }) => data as Record<string, unknown>),
    get ended() {
      return seen.ended;
    },
  };
}
