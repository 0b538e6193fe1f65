import { createHash, randomBytes } from "node:crypto";
import { TOTP } from "otpauth";
import type { MemoryExchange } from "../../src/adapters/bus/memory.ts";
import { createLog } from "../../src/adapters/log/pino.ts";
import type { VaultKey } from "../../src/adapters/vault/aes-gcm.ts";
import type { Credentials } from "../../src/core/actor.ts";
import type { Database } from "../../src/core/database.ts";
import type { Budget } from "../../src/core/limits.ts";
import type { Mail, Mailer } from "../../src/core/mailer.ts";
import type { Module } from "../../src/core/module.ts";
import type { Stream } from "../../src/core/streams.ts";
import type { Sink } from "../../src/core/topic.ts";
import type { Hasher } from "../../src/modules/auth/credentials/hasher.ts";
import { type Auth, createAuth } from "../../src/modules/auth/index.ts";
import type { SignedIn } from "../../src/modules/auth/types.ts";
// Loaded before any test, or its closing belongs to the first one.
import "./database.ts";
import { createManualClock, type ManualClock } from "./manual-clock.ts";
import { createHarness, type Harness } from "./module-harness.ts";

const START_MS = Date.UTC(2026, 10, 21, 12);
export const PASSWORD = "correct horse battery";

/** A fast stand-in for argon2 that counts what it was asked to do. */
export interface CountingHasher extends Hasher {
  readonly calls: { hash: number; verify: number; derive: number };
  /** Hashes of an earlier generation are outdated. */
  generation: number;
}

export function countingHasher(): CountingHasher {
  const calls = { hash: 0, verify: 0, derive: 0 };
  const digest = (text: string, salt: Uint8Array) =>
    createHash("sha256").update(salt).update(text).digest();
  const hasher: CountingHasher = {
    calls,
    generation: 1,
    async hash(password, salt) {
      calls.hash += 1;
      const salted = Buffer.from(salt).toString("base64url");
      return `${hasher.generation}$${salted}$${digest(password, salt).toString("base64url")}`;
    },
    async verify(passwordHash, password) {
      calls.verify += 1;
      const [, salt = "", expected] = passwordHash.split("$");
      const salted = Buffer.from(salt, "base64url");
      return digest(password, salted).toString("base64url") === expected;
    },
    async derive(secret, salt) {
      calls.derive += 1;
      return digest(secret, salt);
    },
    isOutdated: (passwordHash) => Number(passwordHash.split("$")[0]) < hasher.generation,
    nobodys: "1$$",
  };
  return hasher;
}

export interface AuthHarness extends AsyncDisposable {
  readonly node: Harness;
  readonly auth: Auth;
  readonly clock: ManualClock;
  readonly hasher: CountingHasher;
  /** What was mailed, the newest last. */
  readonly mails: Mail[];
  /** Revocations that listeners of this node heard. */
  readonly revoked: Array<{ accountId: string; sessionId?: string | undefined }>;
  readonly authenticator: ReturnType<Auth["authenticator"]>;
  /** A browser or program at an address of its own, with cookies. */
  client(options?: Partial<ClientOptions>): AuthClient;
  runJob(name: string): Promise<void>;
}

export interface ClientOptions {
  readonly address: string;
  readonly userAgent: string;
}

export interface AuthClient extends ClientOptions {
  credentials: Credentials;
  /** What the last answer did to the cookie; null when it was cleared. */
  cookie: { value: string; expiresAtMs: number } | null | undefined;
  call<T = Record<string, unknown>>(name: string, input?: object, repeatKey?: string): Promise<T>;
  /** The error of a call that fails: its code, and how long to wait. */
  fail(name: string, input?: object): Promise<{ code: string; retryAfterMs: number | undefined }>;
  open(name: string, sink: Sink): Promise<Stream>;
  /** Registers by password and goes on with the access token. */
  register(input?: object): Promise<SignedIn>;
  /** Registers by `auth.start` and `auth.confirm`. */
  enrol(username?: string): Promise<SignedIn & { secret: string; recoveryCodes: string[] }>;
  as(signedIn: SignedIn): this;
}

export interface AuthHarnessOptions {
  readonly database?: Database;
  readonly exchange?: MemoryExchange;
  readonly clock?: ManualClock;
  readonly hasher?: Hasher;
  /** Plenty, when absent. */
  readonly budget?: Budget;
  readonly vaultKeys?: readonly VaultKey[];
  /** Takes the place of the one that only keeps what it gets. */
  readonly mailer?: Mailer;
  /** Modules that stand on it. */
  readonly beside?: (auth: Auth) => readonly Module[];
}

export async function createAuthHarness(options: AuthHarnessOptions = {}): Promise<AuthHarness> {
  const { clock = createManualClock(START_MS) } = options;
  const hasher = countingHasher();
  const mails: Mail[] = [];
  const built: { auth?: Auth; authenticator?: ReturnType<Auth["authenticator"]> } = {};
  const node = await createHarness({
    clock,
    ...(options.database === undefined ? {} : { database: options.database }),
    ...(options.exchange === undefined ? {} : { exchange: options.exchange }),
    ...(options.budget === undefined ? {} : { budget: options.budget }),
    ...(options.vaultKeys === undefined ? {} : { vaultKeys: options.vaultKeys }),
    modules: (ports) => {
      built.auth = createAuth({
        ...ports,
        mailer: options.mailer ?? { send: async (_tx, mail) => void mails.push(mail) },
        tokenSecret: new Uint8Array(32).fill(9),
        frontendUrl: () => "https://stoa.test/app",
        hasher: options.hasher ?? hasher,
      });
      return [built.auth, ...(options.beside?.(built.auth) ?? [])];
    },
    authenticator: ({ work, streams }) => {
      built.authenticator = must(built.auth).authenticator({ work, streams, clock, log: silent });
      return built.authenticator;
    },
  });
  const auth = must(built.auth);
  const authenticator = must(built.authenticator);
  const revoked: AuthHarness["revoked"] = [];
  authenticator.onRevoked((revocation) => revoked.push(revocation));
  await authenticator.start();
  return {
    node,
    auth,
    clock,
    hasher,
    mails,
    revoked,
    authenticator,
    client: (client = {}) => createClient(node, clock, client),
    async runJob(name) {
      const job = must(auth.jobs?.find((candidate) => candidate.name === name));
      const { work, ports } = node;
      await job.run({ work, log: ports.log, signal: new AbortController().signal });
    },
    async [Symbol.asyncDispose]() {
      authenticator.close();
      await node[Symbol.asyncDispose]();
    },
  };
}

const silent = createLog({ level: "silent" });

/** A name that no other test uses. */
export function newName(prefix = "user"): string {
  return `${prefix}${randomBytes(6).toString("hex")}`;
}

export function newEmail(): string {
  return `${newName("mail")}@example.test`;
}

/** The code that the app of this secret shows. */
export function codeOf(secret: string, atMs: number): string {
  return new TOTP({ secret }).generate({ timestamp: atMs });
}

function newAddress(): string {
  return `10.${[...randomBytes(3)].join(".")}`;
}

function createClient(
  node: Harness,
  clock: ManualClock,
  { address = newAddress(), userAgent = "test" }: Partial<ClientOptions>,
): AuthClient {
  const toCall = (name: string, input: object, repeatKey?: string) => ({
    name,
    input,
    inputBytes: JSON.stringify(input).length,
    requestId: node.ports.ids.uuid(),
    repeatKey,
    caller: {
      transport: "process",
      address,
      userAgent,
      credentials: client.credentials,
      cookies: {
        set: (value: string, expiresAtMs: number) => {
          client.cookie = { value, expiresAtMs };
        },
        clear: () => {
          client.cookie = null;
        },
      },
    },
  });
  const client: AuthClient = {
    address,
    userAgent,
    credentials: {},
    cookie: undefined,
    async call<T>(name: string, input: object = {}, repeatKey?: string) {
      return (await node.dispatch.call(toCall(name, input, repeatKey))) as T;
    },
    async fail(name, input = {}) {
      try {
        await node.dispatch.call(toCall(name, input));
      } catch (error) {
        const { code, retryAfterMs } = error as { code: string; retryAfterMs: number | undefined };
        return { code, retryAfterMs };
      }
      throw new Error(`${name} was to fail and did not.`);
    },
    async open(name, sink) {
      const stream = await node.dispatch.open(toCall(name, {}), sink);
      stream.start();
      return stream;
    },
    async register(input = {}) {
      const body = { username: newName(), password: PASSWORD, ...input };
      const signedIn = await client.call<SignedIn>("auth.register", body);
      client.as(signedIn);
      return signedIn;
    },
    async enrol(username = newName()) {
      const { secret, challenge } = await client.call<{ secret: string; challenge: string }>(
        "auth.start",
        { username },
      );
      const code = codeOf(secret, clock.nowMs());
      const answer = await client.call<SignedIn & { recoveryCodes: string[] }>("auth.confirm", {
        username,
        code,
        challenge,
      });
      client.as(answer);
      return { ...answer, secret };
    },
    as({ token }) {
      client.credentials = { bearer: token };
      return client;
    },
  };
  return client;
}

export function must<T>(value: T | null | undefined): T {
  if (value === undefined || value === null) throw new Error("This was to be there.");
  return value;
}

/** The token of the last link to a page, as `reset-password`, that was mailed there. */
export function mailedToken({ mails }: Pick<AuthHarness, "mails">, page: string, to: string) {
  const link = new RegExp(`/app/#/${page}/([\\w-]{43})\\n`);
  const mail = mails.findLast((sent) => sent.to === to && link.test(sent.text));
  return must(link.exec(must(mail).text)?.[1]);
}
