/** Who is calling. */
export type Actor = Anonymous | Person;

export interface Anonymous {
  readonly kind: "anonymous";
}

export interface Person {
  readonly kind: "person";
  readonly accountId: string;
  readonly sessionId: string;
  /** Operators run the installation: they may call operations with access `operator`. */
  readonly operator: boolean;
  /** When this session proved the password or code, for what needs a fresh sign-in. */
  readonly signedInAtMs: number;
}

export const ANONYMOUS: Anonymous = { kind: "anonymous" };

/** What came with a request to prove who is calling. */
export interface Credentials {
  /** The token of `Authorization: Bearer`. */
  readonly bearer?: string | undefined;
  /** The session cookie's value. */
  readonly cookie?: string | undefined;
}

/** A session, or every session of an account, that has ended. */
export interface Revocation {
  readonly accountId: string;
  /** Absent when all sessions of the account have ended. */
  readonly sessionId?: string | undefined;
}

/** Turns credentials into an actor. The auth module implements it. */
export interface Authenticator {
  /**
   * Anonymous when nothing came, or what came is invalid, expired or revoked: operations that
   * need a person then end with UNAUTHENTICATED.
   *
   * @param address where they come from: credentials of nobody are counted for its network
   * @throws TOO_MANY when too many of them came from there; what was proved lately is not refused
   */
  authenticate(credentials: Credentials, address?: string): Actor | Promise<Actor>;
  /** Tells of sessions that ended, on any node, within a second. */
  onRevoked(listener: (revocation: Revocation) => void): void;
}

/** Sets or clears the session cookie of the answer; transports without cookies have none. */
export interface CookieJar {
  set(value: string, expiresAtMs: number): void;
  clear(): void;
}

/** The other end of a call, as the transport sees it. */
export interface Caller {
  /** `http`, `rest`, `socket`, `phoenix`, `process`. */
  readonly transport: string;
  /** The network address, for throttling and the list of sessions. */
  readonly address: string;
  readonly userAgent: string;
  readonly credentials: Credentials;
  readonly cookies?: CookieJar | undefined;
}
