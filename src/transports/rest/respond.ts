import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";
import { type Clock, sleep } from "../../core/clock.ts";
import { StoaError } from "../../core/errors.ts";
import type { RestAnswer, RestPages, RestRoute } from "../../core/rest.ts";

const JSON_TYPE = "application/json; charset=utf-8";
/** Pages of one list; a list that goes on for longer turns in a circle. */
const PAGES_MAX = 100_000;
/** How long a list waits for its caller's budget before it breaks off. */
const BUDGET_WAIT_MS_MAX = 5_000;

type Ask = (input: unknown) => Promise<unknown>;
export type Respond = (
  reply: FastifyReply,
  output: unknown,
  ask: Ask,
) => string | Readable | undefined;

type Translate = (output: unknown) => RestAnswer;

/** Answers as the route's document has it, in one piece. */
export function respondWhole(route: RestRoute, translate: Translate): Respond {
  return (reply, output) => {
    const { body, headers = {} } = translated(route, translate, output);
    reply.headers(headers);
    return sendBody(route, reply, body);
  };
}

/**
 * Answers a list whole, page by page: each is asked for when the client has taken the one before,
 * so a list of any length takes the memory of two pages. The first page has come already and
 * decides the status; when a later one fails the connection is broken off, and the client knows by
 * the missing end that the list is not complete.
 *
 * @param first the input of the first page
 */
export function respondPages(
  route: RestRoute,
  translate: Translate,
  pages: RestPages,
  { first, clock }: { readonly first: unknown; readonly clock: Clock },
): Respond {
  return (reply, output, ask) => {
    const { body } = translated(route, translate, output);
    const next = pages.next(output);
    if (next === undefined) return sendBody(route, reply, body);
    reply.type(JSON_TYPE);
    // The length of the list is known only at its end.
    if (reply.request.method === "HEAD") return Readable.from([]);
    const askNext = async (change: Readonly<Record<string, unknown>>) => {
      const page = await askWithinBudget(ask, { ...(first as object), ...change }, clock);
      return { items: itemsOf(translated(route, translate, page).body), next: pages.next(page) };
    };
    const list = listOf({ items: itemsOf(body), next }, askNext);
    // Nothing is read ahead of what the client has taken.
    return Readable.from(list, { objectMode: false, highWaterMark: 1 });
  };
}

function sendBody(route: RestRoute, reply: FastifyReply, body: unknown): string | undefined {
  if (body !== undefined) {
    reply.type(JSON_TYPE);
    return JSON.stringify(body);
  }
  if (route.emptyStatus !== undefined) reply.code(route.emptyStatus);
  return undefined;
}

/** Holds the body against what the documentation says, so that only declared fields leave. */
function translated(route: RestRoute, translate: Translate, output: unknown): RestAnswer {
  const answer = translate(output);
  const isLeftOut = answer.body === undefined && route.emptyStatus !== undefined;
  if (isLeftOut || route.output === undefined) {
    if (answer.body !== undefined) throw new Error(`${route.path} declares no body.`);
    return answer;
  }
  return { ...answer, body: route.output.parse(answer.body) };
}

interface Page {
  /** The items as JSON, with commas between them; empty when there are none. */
  readonly items: string;
  readonly next: Readonly<Record<string, unknown>> | undefined;
}

function itemsOf(body: unknown): string {
  if (body !== undefined && !Array.isArray(body)) throw new Error("A list is no array.");
  return body === undefined ? "" : JSON.stringify(body).slice(1, -1);
}

async function* listOf(
  first: Page,
  askNext: (change: NonNullable<Page["next"]>) => Promise<Page>,
): AsyncGenerator<string> {
  yield `[${first.items}`;
  let isFirst = first.items === "";
  let { next } = first;
  for (let pages = 1; next !== undefined; pages += 1) {
    if (pages >= PAGES_MAX) throw new Error(`A list has more than ${PAGES_MAX} pages.`);
    const page = await askNext(next);
    if (page.items !== "") yield isFirst ? page.items : `,${page.items}`;
    isFirst &&= page.items === "";
    next = page.next;
  }
  yield "]";
}

/** Each page is a call and counts as one: who asks for many gets them at the pace of the budget. */
async function askWithinBudget(ask: Ask, input: unknown, clock: Clock): Promise<unknown> {
  let waitedMs = 0;
  for (;;) {
    try {
      return await ask(input);
    } catch (cause) {
      if (!(cause instanceof StoaError) || cause.kind !== "too_many") throw cause;
      const { retryAfterMs = BUDGET_WAIT_MS_MAX } = cause;
      waitedMs += retryAfterMs;
      if (waitedMs > BUDGET_WAIT_MS_MAX) throw cause;
      await sleep(clock, retryAfterMs);
    }
  }
}
