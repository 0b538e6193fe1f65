import { createSecretKey, type KeyObject } from "node:crypto";
import { errors, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import { Uuid } from "../../../core/schema.ts";

/** How long an access token is good for. */
const ACCESS_TOKEN_MS = 30 * 60_000;
/** The clock of a node that checks may be this much behind the one that signed. */
const CLOCKS_DIFFER_MS_MAX = 30_000;

const ALGORITHM = "HS256";
/** RFC 9068: a token of another sort is never taken for an access token. */
const TYPE = "at+jwt";
const AUDIENCE = "stoa";
const SECRET_BYTES_MIN = 32;
const TOKEN_CHARS_MAX = 4_096;

const Claims = z.object({ sub: Uuid, sid: Uuid, epoch: z.int().min(0), exp: z.int() });

export interface AccessClaims {
  readonly accountId: string;
  readonly sessionId: string;
  /** Void when the account's epoch is another one. */
  readonly epoch: number;
  readonly expiresAtMs: number;
}

/** Signs and checks access tokens: JWTs (RFC 7519) with one algorithm, one type, one audience. */
export class AccessTokens {
  readonly #key: KeyObject;
  readonly #issuer: string;

  constructor(secret: Uint8Array, issuer: string) {
    if (secret.length < SECRET_BYTES_MIN) throw new Error("the token secret is too short");
    this.#key = createSecretKey(secret);
    this.#issuer = issuer;
  }

  async sign(claims: Omit<AccessClaims, "expiresAtMs">, nowMs: number) {
    const nowS = Math.floor(nowMs / 1000);
    const expiresS = nowS + ACCESS_TOKEN_MS / 1000;
    const token = await new SignJWT({ sid: claims.sessionId, epoch: claims.epoch })
      .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
      .setIssuer(this.#issuer)
      .setAudience(AUDIENCE)
      .setSubject(claims.accountId)
      .setIssuedAt(nowS)
      .setNotBefore(nowS - CLOCKS_DIFFER_MS_MAX / 1000)
      .setExpirationTime(expiresS)
      .sign(this.#key);
    return { token, expiresAtMs: expiresS * 1000 };
  }

  /** Null for everything that is not a token of ours which is valid now. */
  async verify(token: string, nowMs: number): Promise<AccessClaims | null> {
    if (token.length > TOKEN_CHARS_MAX) return null;
    const verified = await this.#verifySignature(token, nowMs);
    if (verified === null) return null;
    // Headers that name keys or places of keys (jwk, jku, x5u, kid) are none of ours.
    const headers = Object.keys(verified.protectedHeader);
    if (headers.some((name) => name !== "alg" && name !== "typ")) return null;
    const claims = Claims.safeParse(verified.payload);
    if (!claims.success) return null;
    const { sub, sid, epoch, exp } = claims.data;
    return { accountId: sub, sessionId: sid, epoch, expiresAtMs: exp * 1000 };
  }

  async #verifySignature(token: string, nowMs: number) {
    try {
      return await jwtVerify(token, this.#key, {
        algorithms: [ALGORITHM],
        typ: TYPE,
        issuer: this.#issuer,
        audience: AUDIENCE,
        currentDate: new Date(nowMs),
        requiredClaims: ["sub", "sid", "epoch", "iat", "nbf", "exp"],
      });
    } catch (cause) {
      if (cause instanceof errors.JOSEError) return null;
      throw cause;
    }
  }
}
