/**
 * Clients of HTTP that cost as little as possible: connections that are kept open and send the same
 * bytes again as soon as the answer is complete. The first answer of a connection is parsed; the
 * others have to be as long and to begin alike.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { answerCommands } from "../support/commands.ts";

export interface RequestersOptions {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
  readonly connections: number;
}

const EXPECTED = "HTTP/1.1 200 ";

class Requester {
  readonly #socket: Socket;
  readonly #request: Buffer;
  #answerBytes: number | undefined;
  #received = 0;
  #asking = false;
  #answered: () => void = () => {};

  constructor(socket: Socket, request: Buffer) {
    this.#socket = socket;
    this.#request = request;
    socket.setNoDelay(true);
    socket.on("data", (bytes) => this.#take(bytes));
    socket.on("error", fail);
    socket.on("close", () => fail(new Error("A connection was closed.")));
  }

  ask(answered: () => void): void {
    this.#answered = answered;
    this.#asking = true;
    this.#received = 0;
    this.#socket.write(this.#request);
  }

  #take(bytes: Buffer): void {
    if (!this.#asking) fail(new Error("More was answered than was asked."));
    if (this.#received === 0 && bytes.toString("latin1", 0, EXPECTED.length) !== EXPECTED) {
      fail(new Error(`An unexpected answer: ${bytes.toString()}`));
    }
    this.#answerBytes ??= lengthOf(bytes);
    this.#received += bytes.length;
    if (this.#received < this.#answerBytes) return;
    if (this.#received > this.#answerBytes) fail(new Error("An answer is longer than the first."));
    this.#asking = false;
    this.#answered();
  }

  end(): void {
    this.#socket.removeAllListeners("close").destroy();
  }
}

/** How long an answer is whose head is complete. */
function lengthOf(bytes: Buffer): number {
  const headBytes = bytes.indexOf("\r\n\r\n") + 4;
  const head = bytes.toString("latin1", 0, headBytes);
  const bodyBytes = /\r\ncontent-length: (\d+)\r\n/i.exec(head)?.[1];
  if (bodyBytes === undefined) return fail(new Error(`An answer without its length: ${head}`));
  return headBytes + Number(bodyBytes);
}

function fail(error: Error): never {
  console.error(error);
  process.exit(1);
}

const groups = new Map<string, Requester[]>();

async function open(options: RequestersOptions & { readonly group: string }): Promise<void> {
  const { url, headers = {}, body, connections, group } = options;
  const { host, hostname, port, pathname } = new URL(url);
  const head = [
    `POST ${pathname} HTTP/1.1`,
    `host: ${host}`,
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  const request = Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`);
  const requesters: Requester[] = [];
  for (let at = 0; at < connections; at += 1) {
    const socket = connect({ host: hostname, port: Number(port) });
    await once(socket, "connect");
    requesters.push(new Requester(socket, request));
  }
  groups.set(group, requesters);
}

/**
 * Asks for so long, and answers how many answers came and how long the last of them took.
 *
 * Meanwhile this process never sleeps. On one machine whoever writes to a sleeper pays for waking
 * it, which on a virtual one is dear, and a slower server would pay it more often, because its
 * clients would sleep between its answers.
 */
function run({ group, sliceMs }: { readonly group: string; readonly sliceMs: number }) {
  const requesters = groups.get(group) ?? [];
  const startedMs = performance.now();
  return new Promise((resolve) => {
    let answers = 0;
    let open = requesters.length;
    const stayAwake = () => {
      if (open > 0) setImmediate(stayAwake);
    };
    stayAwake();
    for (const requester of requesters) {
      const next = () => {
        answers += 1;
        if (performance.now() - startedMs < sliceMs) return requester.ask(next);
        open -= 1;
        if (open === 0) resolve({ answers, elapsedMs: performance.now() - startedMs });
      };
      requester.ask(next);
    }
  });
}

answerCommands({
  open,
  run,
  end: () => {
    for (const requesters of groups.values()) for (const requester of requesters) requester.end();
  },
});
