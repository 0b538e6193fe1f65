import { signal } from "@preact/signals";

/**
 * Pages live behind the hash, so that the server has one page to serve and links in mails keep
 * their tokens out of every log: what follows the hash is never sent.
 */

export interface Location {
  /** The path's parts, decoded: `#/screenings/1a2b` is `["screenings", "1a2b"]`. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

/** Reads a hash. A part that cannot be decoded stays as it is. */
export function parseHash(hash: string): Location {
  const [path = "", query = ""] = hash.replace(/^#/, "").split("?", 2);
  const parts = path.split("/").filter((part) => part !== "");
  return { path: parts.map(decodePart), query: new URLSearchParams(query) };
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The link to a page: `href("cinemas", 3)` is `#/cinemas/3`. */
export function href(...parts: readonly (string | number)[]): string {
  return `#/${parts.map((part) => encodeURIComponent(part)).join("/")}`;
}

/** Where a person who signs in comes back to. */
export function signInHref(): string {
  const here = window.location.hash;
  return here.length > 2 ? `#/sign-in?next=${encodeURIComponent(here)}` : "#/sign-in";
}

/** A page of ours to go on to, or the first one: never an address of somebody else. */
export function safeNext(next: string | null): string {
  return next?.startsWith("#/") === true && !next.startsWith("#/sign-in") ? next : "#/";
}

export const location = signal<Location>({ path: [], query: new URLSearchParams() });

export function startRouter(): void {
  const read = () => {
    location.value = parseHash(window.location.hash);
  };
  window.addEventListener("hashchange", read);
  read();
}

export function navigate(to: string): void {
  window.location.hash = to;
}

/** Replaces the present page, which then is no step on the way back. */
export function redirect(to: string): void {
  window.history.replaceState(null, "", to);
  location.value = parseHash(to);
}
