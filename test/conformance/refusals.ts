import assert from "node:assert/strict";
import { send } from "../support/http-client.ts";
import { assertNoLeak } from "./leaks.ts";

export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Sent {
  readonly verb?: string;
  readonly body?: string | Buffer;
  /** Absent or empty, the request comes from nobody. */
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a request that has to be refused with a problem; answers which. */
export async function refusal(url: string, sent: Sent): Promise<Refusal> {
  const { verb = "POST", body, token = "", headers } = sent;
  const answer = await send(url, {
    method: verb,
    headers: {
      "content-type": "application/json",
      ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  });
  const where = `${verb} ${url} → ${answer.status} ${answer.text.slice(0, 500)}`;
  assert.match(answer.headers["content-type"] ?? "", /^application\/problem\+json/, where);
  const problem = answer.json() as Refusal["body"] & { code: string; message: string };
  assertSentence(problem.message, where);
  assertNoLeak(answer.text, where);
  return { status: answer.status, code: problem.code, body: problem };
}

export function assertSentence(message: unknown, where: string): void {
  assert.match(String(message), /^[A-Z“"'].{15,}[.:?]$/s, where);
}
