import { WebSocket } from "ws";

/** A frame of the server. */
export interface ServerFrame {
  readonly type: string | null;
  readonly data: Readonly<Record<string, unknown>>;
  readonly eid: string | null;
  readonly ts: number | null;
  readonly error?: string;
}

/** Well below the bad frames that close a socket, and below the frames that it takes at once. */
const FRAMES_PER_SOCKET_MAX = 60;
const PATIENCE_MS = 15_000;

/** One frame at a time over sockets that are replaced before they are used up. */
export class FuzzLine {
  readonly #url: string;
  readonly #token: string | undefined;
  readonly #isPush: (frame: ServerFrame) => boolean;
  /** What was pushed meanwhile. */
  readonly pushes: ServerFrame[] = [];
  #socket: WebSocket | undefined;
  #left = 0;
  #answered: ((frame: ServerFrame) => void) | undefined;
  #closed: ((code: number) => void) | undefined;

  /** @param isPush tells a push from an answer */
  constructor(url: string, token: string | undefined, isPush: (frame: ServerFrame) => boolean) {
    this.#url = `${url.replace("http", "ws")}/socket`;
    this.#token = token;
    this.#isPush = isPush;
  }

  /**
   * Sends the text, and answers the frame that comes back, or the code the socket closed with.
   *
   * @param belongs to what was sent before it, over the same socket
   */
  async ask(text: string, belongs = false): Promise<ServerFrame | number> {
    if (this.#left <= 0 && !belongs) this.close();
    const socket = await this.#open();
    this.#left -= 1;
    const { promise, resolve, reject } = Promise.withResolvers<ServerFrame | number>();
    const timer = setTimeout(
      () => reject(new Error(`No answer came to ${text.slice(0, 500)}`)),
      PATIENCE_MS,
    );
    this.#answered = resolve;
    this.#closed = resolve;
    socket.send(text);
    return promise.finally(() => clearTimeout(timer));
  }

  close(): void {
    this.#socket?.terminate();
    this.#socket = undefined;
  }

  async #open(): Promise<WebSocket> {
    if (this.#socket?.readyState === WebSocket.OPEN) return this.#socket;
    const headers = this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` };
    const socket = new WebSocket(this.#url, { headers });
    this.#socket = socket;
    this.#left = FRAMES_PER_SOCKET_MAX;
    socket.on("message", (bytes) => {
      const frame: ServerFrame = JSON.parse(String(bytes));
      if (this.#isPush(frame)) this.pushes.push(frame);
      else this.#answered?.(frame);
    });
    socket.on("close", (code) => {
      if (this.#socket === socket) this.#closed?.(code);
    });
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    return socket;
  }
}
