import type { FastifyInstance } from "fastify";

/** Every path the server answers, with the HTTP methods it takes there. */
export class RouteTable {
  readonly #paths = new Map<string, Set<string>>();
  readonly #patterns: Array<{ segments: readonly string[]; methods: Set<string> }> = [];

  /** Follows the routes as they are registered on the instance, from now on. */
  follow(fastify: FastifyInstance): void {
    fastify.addHook("onRoute", ({ url, method }) => {
      for (const one of [method].flat()) this.#add(url, one);
    });
  }

  /** Paths as they were registered, each with its methods. */
  *entries(): Generator<readonly [path: string, methods: readonly string[]]> {
    for (const [path, methods] of this.#paths) yield [path, [...methods]];
  }

  /** The methods that the path of this URL takes; none when nothing is there. */
  allowed(url: string): readonly string[] {
    const path = withoutSlash(url.split("?", 1)[0] ?? "");
    const allowed = new Set(this.#paths.get(path));
    const segments = path.split("/");
    for (const pattern of this.#patterns) {
      if (!matches(pattern.segments, segments)) continue;
      for (const method of pattern.methods) allowed.add(method);
    }
    return [...allowed];
  }

  #add(url: string, method: string): void {
    const path = withoutSlash(url);
    let methods = this.#paths.get(path);
    if (methods === undefined) {
      methods = new Set();
      this.#paths.set(path, methods);
      if (/[:*]/.test(path)) this.#patterns.push({ segments: path.split("/"), methods });
    }
    methods.add(method);
  }
}

function withoutSlash(path: string): string {
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  const open = pattern.at(-1) === "*";
  if (open ? segments.length < pattern.length : segments.length !== pattern.length) return false;
  return pattern.every(
    (part, at) => part === "*" || part === segments[at] || (part[0] === ":" && segments[at] !== ""),
  );
}
