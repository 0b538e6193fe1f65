import { type KeptAnswer, type KeptConnections, keepConnections } from "./kept-connections.ts";

/**
 * The least that a balancer does: takes turns between servers, and sends no further request to one
 * that asked to be left alone, by `connection: close`, or that refuses connections.
 */
export class Balancer<Backend extends { readonly url: string }> implements Disposable {
  readonly #servers: Array<{ readonly backend: Backend; readonly connections: KeptConnections }> =
    [];
  readonly #left: KeptConnections[] = [];

  join(backend: Backend): void {
    this.#servers.push({ backend, connections: keepConnections(backend.url) });
  }

  /** @param prepare makes the request, for the server whose turn it is */
  async send(prepare: (backend: Backend) => Buffer): Promise<KeptAnswer> {
    for (;;) {
      const server = this.#servers.shift();
      if (server === undefined) throw new Error("No server takes requests.");
      this.#servers.push(server);
      try {
        const answer = await server.connections.send(prepare(server.backend));
        if (answer.isLast) this.#leave(server.connections);
        return answer;
      } catch (error) {
        // Nothing was sent yet. Any other failure is one, and nobody's to hide.
        if ((error as { code?: unknown }).code !== "ECONNREFUSED") throw error;
        this.#leave(server.connections);
      }
    }
  }

  /** What is under way there is still answered. */
  #leave(connections: KeptConnections): void {
    const at = this.#servers.findIndex((server) => server.connections === connections);
    if (at >= 0)
      this.#left.push(...this.#servers.splice(at, 1).map((server) => server.connections));
  }

  [Symbol.dispose](): void {
    for (const { connections } of this.#servers) connections[Symbol.dispose]();
    for (const connections of this.#left) connections[Symbol.dispose]();
  }
}
