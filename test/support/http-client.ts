import { request } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";

export interface PlainRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface PlainAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The parsed body of a JSON answer. */
  json(): unknown;
}

/** A request exactly as given: nothing is added that a browser or `fetch` would add. */
export async function send(url: string, options: PlainRequest = {}): Promise<PlainAnswer> {
  const { method = "GET", headers = {}, body } = options;
  const response = await new Promise<import("node:http").IncomingMessage>((resolve, reject) => {
    const outgoing = request(url, { method, headers, agent: false });
    outgoing.once("response", resolve);
    outgoing.once("error", reject);
    outgoing.end(body);
  });
  const content = await text(response);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers as Record<string, string>,
    text: content,
    json: () => JSON.parse(content),
  };
}

/** A POST with a JSON body. */
export function post(
  url: string,
  input: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<PlainAnswer> {
  return send(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(input),
  });
}

/** Writes these bytes to a connection and answers all that comes back until it is closed. */
export function exchange(port: number, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1" });
    const chunks: Buffer[] = [];
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", reject);
    socket.on("close", () => resolve(Buffer.concat(chunks).toString()));
    socket.write(bytes);
  });
}
