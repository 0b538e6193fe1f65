import type { CookieJar } from "../../core/actor.ts";
import { COOKIE_CHARS_MAX } from "./limits.ts";

/** A session token or what looks like one; anything else is not ours (RFC 6265, cookie-octet). */
const VALUE = /^[A-Za-z0-9._~+/=-]+$/;

/**
 * The session cookie. Over https its name has the `__Host-` prefix: browsers then take it only
 * from this host, for the path `/`, encrypted.
 */
export class SessionCookie {
  readonly name: string;
  readonly #attributes: string;

  constructor(secure: boolean) {
    this.name = secure ? "__Host-stoa" : "stoa";
    this.#attributes = `; Path=/; HttpOnly; SameSite=Lax${secure ? "; Secure" : ""}`;
  }

  /** The cookie's value in a `Cookie` header, if it is there and well-formed. */
  read(header: string | undefined): string | undefined {
    if (header === undefined) return undefined;
    for (const pair of header.split(";")) {
      const equals = pair.indexOf("=");
      if (pair.slice(0, equals).trim() !== this.name) continue;
      const value = pair.slice(equals + 1).trim();
      return value.length <= COOKIE_CHARS_MAX && VALUE.test(value) ? value : undefined;
    }
    return undefined;
  }

  /** The `Set-Cookie` header that stores a value. */
  stored(value: string, expiresAtMs: number): string {
    if (!VALUE.test(value)) throw new Error("This text cannot be a cookie's value.");
    const expires = new Date(expiresAtMs).toUTCString();
    return `${this.name}=${value}; Expires=${expires}${this.#attributes}`;
  }

  /** The `Set-Cookie` header that removes it. */
  cleared(): string {
    return `${this.name}=; Expires=Thu, 01 Jan 1970 00:00:00 GMT${this.#attributes}`;
  }
}

/** Collects what a handler does to the cookie; it takes effect when the call has succeeded. */
export class AnswerCookies implements CookieJar {
  readonly #cookie: SessionCookie;
  /** The `Set-Cookie` header to send, if any. */
  header: string | undefined;

  constructor(cookie: SessionCookie) {
    this.#cookie = cookie;
  }

  set(value: string, expiresAtMs: number): void {
    this.header = this.#cookie.stored(value, expiresAtMs);
  }

  clear(): void {
    this.header = this.#cookie.cleared();
  }
}
