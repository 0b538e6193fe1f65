import { isUtf8 } from "node:buffer";
import * as http from "node:http";
import * as https from "node:https";
import type { Clock } from "../../core/clock.ts";
import {
  type Remote,
  type RemoteAnswer,
  type RemoteQuestion,
  RemoteUnavailable,
} from "../../core/remote.ts";

export interface HttpRemoteOptions {
  /** `http://` or `https://` with host and port. */
  readonly url: string;
  /** Sent as a bearer token; undefined sends none. */
  readonly secret: string | undefined;
  readonly clock: Clock;
}

/** Connections to one process; more questions than that wait, and their time passes. */
const CONNECTIONS_MAX = 16;
/** Questions under way and waiting; more are turned away at once. */
const QUESTIONS_MAX = 256;
/** A connection that is not needed for so long is closed, before the other side does it. */
const IDLE_MS_MAX = 30_000;
const HEADER_BYTES_MAX = 8 * 1024;

/** Asks another process over HTTP, on connections that are kept for the next question. */
export function openHttpRemote({ url, secret, clock }: HttpRemoteOptions): Remote {
  const { Agent, request } = url.startsWith("https:") ? https : http;
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS_MAX, timeout: IDLE_MS_MAX });
  const authorization = secret === undefined ? {} : { authorization: `Bearer ${secret}` };
  const open = new Set<http.ClientRequest>();
  let closed = false;
  return {
    ask(question) {
      if (closed) return Promise.reject(unavailable("It was closed."));
      if (open.size >= QUESTIONS_MAX) return Promise.reject(unavailable("Too much is asked."));
      const outgoing = request(url + question.path, {
        method: "POST",
        agent,
        maxHeaderSize: HEADER_BYTES_MAX,
        ...(question.signal === undefined ? {} : { signal: question.signal }),
        headers: {
          "content-type": "application/json",
          "content-length": Buffer.byteLength(question.body),
          ...authorization,
          ...question.headers,
        },
      });
      open.add(outgoing);
      outgoing.once("close", () => open.delete(outgoing));
      return exchange(outgoing, question, clock);
    },
    close() {
      closed = true;
      for (const outgoing of open) outgoing.destroy();
      agent.destroy();
    },
  };
}

/** Sends the question and reads the answer, all of it and in time, or else nothing. */
function exchange(
  outgoing: http.ClientRequest,
  { body, timeoutMs, answerBytesMax }: RemoteQuestion,
  clock: Clock,
): Promise<RemoteAnswer> {
  return new Promise<RemoteAnswer>((resolve, reject) => {
    const late = clock.after(timeoutMs, () => fail(`It took longer than ${timeoutMs} ms.`));
    const fail = (why: string, cause?: unknown) => {
      late.cancel();
      reject(unavailable(why, cause));
      outgoing.destroy();
    };
    outgoing.on("error", (cause) => fail("The connection failed.", cause));
    outgoing.once("response", (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > answerBytesMax) fail(`The answer is longer than ${answerBytesMax} bytes.`);
        else chunks.push(chunk);
      });
      response.on("error", (cause) => fail("The answer broke off.", cause));
      response.once("end", () => {
        const whole = Buffer.concat(chunks);
        if (!isUtf8(whole)) return fail("The answer is not UTF-8.");
        late.cancel();
        resolve({ status: response.statusCode ?? 0, body: whole.toString("utf8") });
      });
    });
    outgoing.end(body);
  });
}

function unavailable(why: string, cause?: unknown): RemoteUnavailable {
  return new RemoteUnavailable(why, cause === undefined ? undefined : { cause });
}
