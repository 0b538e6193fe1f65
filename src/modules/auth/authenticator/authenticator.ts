import {
  type Actor,
  ANONYMOUS,
  type Authenticator,
  type Credentials,
  type Person,
  type Revocation,
} from "../../../core/actor.ts";
import type { Clock } from "../../../core/clock.ts";
import { tooMany } from "../../../core/errors.ts";
import { TokenBuckets } from "../../../core/limits.ts";
import type { Log } from "../../../core/log.ts";
import { networkOf } from "../../../core/network.ts";
import type { Streams } from "../../../core/streams.ts";
import type { UnitOfWork } from "../../../core/unit-of-work.ts";
import { hashToken } from "../credentials/tokens.ts";
import { isSessionOver } from "../rules/sessions.ts";
import { findStanding, findStandingByCookie, type SessionStanding } from "../store/sessions.ts";
import { Token } from "../types.ts";
import type { AccessTokens } from "./access-tokens.ts";
import { LastSeen, SEEN_RESOLUTION_MS } from "./last-seen.ts";
import { Revocations } from "./revocations.ts";

/** Credentials remembered with the person they prove, and sessions they belong to. */
const REMEMBERED_MAX = 20_000;
/** A remembered credential is held against the database again after this long. */
const REMEMBERED_MS_MAX = 5 * 60_000;
/** Looks into the database for credentials that turned out to be nobody's, by network. */
const NOBODYS_BUDGET = { burst: 300, perSecond: 10 } as const;

export interface AuthenticatorParts {
  readonly work: UnitOfWork;
  readonly streams: Streams;
  readonly clock: Clock;
  readonly log: Log;
  readonly tokens: AccessTokens;
}

/** A session as this node knows it, shared by the credentials that prove it. */
interface LiveSession {
  readonly actor: Person;
  /** False from the moment it ended, or its person's rights changed. */
  current: boolean;
  /** When its use was last noted for the table. */
  notedAtMs: number;
}

interface Remembered {
  readonly session: LiveSession;
  /** A token is no cookie and a cookie no token, though both prove the session. */
  readonly isBearer: boolean;
  /** The end of the token or the session, whichever comes first. */
  readonly expiresAtMs: number;
  /** On the monotonic clock: a wall clock that is set back prolongs nothing for long. */
  readonly checkAtMs: number;
}

/** Looks into the database whose credential it is. */
type Find = () => Promise<{
  readonly standing: SessionStanding;
  readonly expiresAtMs: number;
} | null>;

/**
 * Turns a bearer token or a session cookie into a person.
 *
 * What was proved once is remembered, so that a call costs a look into a map. An entry counts as
 * long as neither token nor session have expired, no revocation of the session (and thereby of the
 * account's epoch) was heard, and it is not too old. A revocation that arrives while an entry is
 * being read makes that reading count for its own call only. While revocations are not heard,
 * nothing is remembered and every call reads the database.
 *
 * What is nobody's costs whoever sends it a token of its network's bucket, and when that is empty
 * nothing is looked up for the network any more. What was proved lately is not affected.
 */
export class SessionAuthenticator implements Authenticator {
  readonly #work: UnitOfWork;
  readonly #clock: Clock;
  readonly #tokens: AccessTokens;
  readonly #revocations: Revocations;
  readonly #lastSeen: LastSeen;
  readonly #listeners: Array<(revocation: Revocation) => void> = [];
  readonly #remembered = new Map<string, Remembered>();
  readonly #sessions = new Map<string, LiveSession>();
  readonly #nobodys: TokenBuckets;
  #hearing = false;
  #revision = 0;

  constructor(parts: AuthenticatorParts) {
    this.#work = parts.work;
    this.#clock = parts.clock;
    this.#tokens = parts.tokens;
    this.#nobodys = new TokenBuckets(parts.clock, NOBODYS_BUDGET);
    this.#lastSeen = new LastSeen(parts);
    this.#revocations = new Revocations(parts, {
      revoked: (revocation) => this.#revoke(revocation),
      rightsChanged: (accountId) => this.#forgetAccount(accountId),
      deaf: () => {
        this.#hearing = false;
        this.#forgetAll();
      },
      hearing: () => {
        this.#hearing = true;
      },
    });
  }

  /** Resolves when revocations are heard; before that every call reads the database. */
  async start(): Promise<void> {
    await this.#revocations.open();
    this.#lastSeen.start();
  }

  close(): void {
    this.#revocations.close();
    this.#lastSeen.close();
  }

  onRevoked(listener: (revocation: Revocation) => void): void {
    this.#listeners.push(listener);
  }

  /** A bearer token speaks for itself: an invalid one is not made up for by a cookie. */
  authenticate({ bearer, cookie }: Credentials, address?: string): Actor | Promise<Actor> {
    const credential = bearer ?? cookie;
    if (credential === undefined) return ANONYMOUS;
    const isBearer = bearer !== undefined;
    const known = this.#remembered.get(credential);
    if (known?.isBearer === isBearer) {
      const nowMs = this.#clock.nowMs();
      if (
        known.session.current &&
        nowMs < known.expiresAtMs &&
        this.#clock.monotonicMs() < known.checkAtMs
      ) {
        this.#note(known.session, nowMs);
        return known.session.actor;
      }
      this.#remembered.delete(credential);
    }
    const network = address === undefined ? undefined : networkOf(address);
    return this.#prove(credential, isBearer, network);
  }

  async #prove(credential: string, isBearer: boolean, network: string | undefined): Promise<Actor> {
    const revision = this.#revision;
    const nowMs = this.#clock.nowMs();
    const find = await (isBearer ? this.#readToken(credential) : this.#readCookie(credential));
    if (find === null) return ANONYMOUS;
    if (network !== undefined) {
      const retryAfterMs = this.#nobodys.waitMs(network);
      if (retryAfterMs > 0) throw tooMany(undefined, { retryAfterMs });
    }
    const proof = await find();
    if (proof === null || isSessionOver(proof.standing, nowMs)) {
      if (network !== undefined) this.#nobodys.take(network);
      return ANONYMOUS;
    }
    const session = this.#sessions.get(proof.standing.sessionId) ?? liveSession(proof.standing);
    this.#note(session, nowMs);
    if (this.#hearing && revision === this.#revision) {
      put(this.#sessions, session.actor.sessionId, session, (evicted) => {
        evicted.current = false;
      });
      const checkAtMs = this.#clock.monotonicMs() + REMEMBERED_MS_MAX;
      const { expiresAtMs } = proof;
      put(this.#remembered, credential, { session, isBearer, expiresAtMs, checkAtMs });
    }
    return session.actor;
  }

  /** How to look up whose token it is; null when it is none of ours, which costs no look. */
  async #readToken(token: string): Promise<Find | null> {
    const claims = await this.#tokens.verify(token, this.#clock.nowMs());
    if (claims === null) return null;
    const { sessionId } = claims;
    return async () => {
      const standing = await this.#work.single((tx) => findStanding(tx, sessionId));
      if (standing === null || standing.accountId !== claims.accountId) return null;
      if (standing.tokenEpoch !== claims.epoch) return null;
      return { standing, expiresAtMs: Math.min(claims.expiresAtMs, standing.expiresAtMs) };
    };
  }

  #readCookie(cookie: string): Find | null {
    if (!Token.safeParse(cookie).success) return null;
    const hash = hashToken(cookie);
    return async () => {
      const standing = await this.#work.single((tx) => findStandingByCookie(tx, hash));
      return standing === null ? null : { standing, expiresAtMs: standing.expiresAtMs };
    };
  }

  #note(session: LiveSession, nowMs: number): void {
    if (nowMs - session.notedAtMs < SEEN_RESOLUTION_MS) return;
    session.notedAtMs = nowMs;
    this.#lastSeen.note(session.actor.sessionId, nowMs);
  }

  #revoke(revocation: Revocation): void {
    const { accountId, sessionId } = revocation;
    if (sessionId === undefined) this.#forgetAccount(accountId);
    else this.#forget(sessionId);
    for (const listener of this.#listeners) listener(revocation);
  }

  #forgetAccount(accountId: string): void {
    this.#revision += 1;
    for (const [id, { actor }] of this.#sessions)
      if (actor.accountId === accountId) this.#forget(id);
  }

  #forget(sessionId: string): void {
    this.#revision += 1;
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return;
    session.current = false;
    this.#sessions.delete(sessionId);
  }

  #forgetAll(): void {
    this.#revision += 1;
    this.#sessions.clear();
    this.#remembered.clear();
  }
}

function liveSession(standing: SessionStanding): LiveSession {
  const { accountId, sessionId, operator, signedInAtMs } = standing;
  return {
    actor: Object.freeze({ kind: "person", accountId, sessionId, operator, signedInAtMs }),
    current: true,
    notedAtMs: Number.NEGATIVE_INFINITY,
  };
}

/** Puts an entry into a bounded map; the one that was put first makes room. */
function put<T>(map: Map<string, T>, key: string, value: T, onEvicted?: (evicted: T) => void) {
  if (map.size >= REMEMBERED_MAX && !map.has(key)) {
    for (const [oldest, evicted] of map) {
      map.delete(oldest);
      onEvicted?.(evicted);
      break;
    }
  }
  map.set(key, value);
}
