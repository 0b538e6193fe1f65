import { once } from "node:events";
import { connect, type Socket } from "node:net";

/**
 * HTTP/1.1 over connections that are kept, for load: it writes requests that were prepared and
 * reads of an answer no more than it must, so that the driver costs less than what it drives.
 */

export interface KeptAnswer {
  readonly status: number;
  /** The status line and the headers, as they came. */
  readonly head: string;
  readonly body: Buffer;
  /** The server takes no further request on this connection. */
  readonly isLast: boolean;
}

export interface KeptConnections extends Disposable {
  /** Sends it on a connection that is free, or on a new one. One request at a time on each. */
  send(request: Buffer): Promise<KeptAnswer>;
  /** Connections that were made so far. */
  readonly made: number;
}

export interface PreparedRequest {
  readonly path: string;
  readonly method?: string;
  /** Sent as JSON. */
  readonly input?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The bytes of a request, to be sent as often as one likes. */
export function prepareRequest({ path, method = "POST", input, headers }: PreparedRequest): Buffer {
  const body = input === undefined ? "" : JSON.stringify(input);
  const lines = Object.entries({
    host: "127.0.0.1",
    ...(input === undefined ? {} : { "content-type": "application/json" }),
    ...(method === "GET" ? {} : { "content-length": String(Buffer.byteLength(body)) }),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`);
}

/** @param url of the server; what is under way when the pool is disposed of fails */
export function keepConnections(url: string): KeptConnections {
  const { hostname, port } = new URL(url);
  const idle: Connection[] = [];
  const all = new Set<Connection>();
  let made = 0;
  const open = async () => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    made += 1;
    await once(socket, "connect");
    const connection = new Connection(socket);
    all.add(connection);
    socket.once("close", () => {
      all.delete(connection);
      const at = idle.indexOf(connection);
      if (at >= 0) idle.splice(at, 1);
    });
    return connection;
  };
  return {
    async send(request) {
      const connection = idle.pop() ?? (await open());
      const answer = await connection.send(request);
      if (!answer.isLast) idle.push(connection);
      else connection.destroy();
      return answer;
    },
    get made() {
      return made;
    },
    [Symbol.dispose]() {
      for (const connection of all) connection.destroy();
    },
  };
}

const HEAD_END = Buffer.from("\r\n\r\n");
const STATUS_AT = "HTTP/1.1 ".length;

class Connection {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #waiting: PromiseWithResolvers<KeptAnswer> | undefined;
  #requests = 0;
  #sentAtMs = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk) => {
      this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
      this.#read();
    });
    let cause: Error | undefined;
    socket.on("error", (error) => {
      cause = error;
    });
    socket.on("close", () => this.#fail("it ended before the answer", cause));
  }

  send(request: Buffer): Promise<KeptAnswer> {
    this.#waiting = Promise.withResolvers();
    this.#requests += 1;
    this.#sentAtMs = performance.now();
    this.#socket.write(request);
    return this.#waiting.promise;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Which request of the connection it was, and how long ago, tells most about what went wrong. */
  #fail(why: string, cause?: Error): void {
    const ms = Math.round(performance.now() - this.#sentAtMs);
    const message = `Request ${this.#requests} of a connection, after ${ms} ms: ${why}.`;
    this.#waiting?.reject(new Error(message, { cause }));
    this.#waiting = undefined;
  }

  #read(): void {
    const headEnd = this.#received.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const head = this.#received.toString("latin1", 0, headEnd);
    const status = Number(head.slice(STATUS_AT, STATUS_AT + 3));
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length === undefined && status !== 204 && status !== 304) {
      this.#fail(`an answer without a length is not understood here, ${head}`);
      this.destroy();
      return;
    }
    const bodyAt = headEnd + HEAD_END.length;
    const end = bodyAt + Number(length ?? 0);
    if (this.#received.length < end) return;
    const body = this.#received.subarray(bodyAt, end);
    this.#received = this.#received.subarray(end);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve({ status, head, body, isLast: /\r\nconnection: *close/i.test(head) });
  }
}
