import assert from "node:assert/strict";
import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { after, test } from "node:test";
import { z } from "zod";
import { post, send } from "../../../test/support/http-client.ts";
import { startHttp } from "../../../test/support/http-harness.ts";
import { lasting } from "../../../test/support/lasting.ts";
import { tryModule } from "../../../test/support/try-module.ts";
import { waitFor } from "../../../test/support/wait-for.ts";
import { defineError } from "../../core/errors.ts";
import { defineMethod } from "../../core/method.ts";
import type { Module } from "../../core/module.ts";
import { Registry } from "../../core/registry.ts";
import type { RestRoute } from "../../core/rest.ts";
import { registerRest } from "./index.ts";

/** Numbers below `count`, three a page, and what a test wants to go wrong. */
const seen = { pages: 0, aborted: 0 };
const pageRefused = defineError({
  code: "PAGE_REFUSED",
  kind: "conflict",
  message: "This page is not given.",
});
const pageTooSoon = defineError({
  code: "PAGE_TOO_SOON",
  kind: "too_many",
  message: "This page is given later.",
});
const PAGE_SIZE = 3;
let soon = 0;

const numbers = defineMethod({
  name: "list.numbers",
  summary: "Lists numbers in pages.",
  access: "anyone",
  input: z.strictObject({
    count: z.int(),
    cursor: z.int().default(0),
    padding: z.int().default(0),
    refuseAt: z.int().optional(),
    tooSoonAt: z.int().optional(),
    waitAt: z.int().optional(),
  }),
  output: z.strictObject({
    items: z.array(z.strictObject({ number: z.int(), padding: z.string() })),
    cursor: z.int().nullable(),
  }),
  errors: [pageRefused, pageTooSoon],
  transaction: "none",
  handle: async ({ input, signal }) => {
    seen.pages += 1;
    const { count, cursor, padding, refuseAt, tooSoonAt, waitAt } = input;
    if (cursor === refuseAt) throw pageRefused();
    if (cursor === tooSoonAt && soon > 0) {
      soon -= 1;
      throw pageTooSoon(undefined, { retryAfterMs: 1 });
    }
    if (cursor === waitAt) {
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      seen.aborted += 1;
    }
    const end = Math.min(count, cursor + PAGE_SIZE);
    const items = Array.from({ length: end - cursor }, (_, at) => ({
      number: cursor + at,
      padding: "x".repeat(padding),
    }));
    return { items, cursor: end < count ? end : null };
  },
});
type Numbers = z.infer<typeof numbers.output>;

const Row = z.strictObject({ n: z.string(), padding: z.string() });
const list: RestRoute = {
  verb: "GET",
  path: "/numbers/:count",
  method: "list.numbers",
  answer: ({ items, cursor }: Numbers) => ({
    ...(items.length === 0
      ? {}
      : { body: items.map(({ number, padding }) => ({ n: `+${number}`, padding })) }),
    ...(cursor === null ? {} : { headers: { link: `<?cursor=${cursor}>; rel="next"` } }),
  }),
  output: z.array(Row),
  emptyStatus: 204,
  answerHeaders: { Link: "The next page." },
  pages: {
    parameters: ["cursor"],
    next: ({ cursor }: Numbers) => (cursor === null ? undefined : { cursor }),
  },
};
const listModule: Module = {
  name: "list",
  methods: { numbers },
  subscriptions: {},
  rest: [
    list,
    {
      verb: "POST",
      path: "/login",
      method: "try.signIn",
      answer: () => ({ headers: { authorization: "Bearer abc" } }),
      answerHeaders: { Authorization: "The token." },
    },
    {
      verb: "POST",
      path: "/renamed",
      method: "try.echo",
      status: 202,
      answer: ({ id }: { id: number }) => ({ body: { ID: String(id) } }),
      output: z.strictObject({ ID: z.string().max(2) }),
    },
    {
      verb: "POST",
      path: "/fail",
      method: "try.fail",
      errorStatus: { TRY_CONFLICT: 422, TRY_REJECTED: 401, MALFORMED: 418 },
    },
  ],
};
const http = await startHttp({
  modules: [tryModule, listModule],
  register: (server, parts) => registerRest(server, parts.registry),
});
after(() => http[Symbol.asyncDispose]());

const rows = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ n: `+${at}`, padding: "" }));

function open(path: string): { outgoing: ClientRequest; answer: Promise<IncomingMessage> } {
  const outgoing = request(http.url + path, { agent: false });
  const answer = once(outgoing, "response").then(([response]) => response as IncomingMessage);
  outgoing.on("error", () => {});
  outgoing.end();
  return { outgoing, answer };
}

test("an answer is translated: names, status and what is left out", async () => {
  const answer = await post(`${http.url}/list/renamed`, { id: 7 });
  assert.deepEqual([answer.status, answer.json()], [202, { ID: "7" }]);
  assert.equal(answer.headers["content-type"], "application/json; charset=utf-8");
});

test("what the documentation does not say does not leave", async () => {
  const answer = await post(`${http.url}/list/renamed`, { id: 700 });
  assert.deepEqual([answer.status, (answer.json() as { code: string }).code], [500, "INTERNAL"]);
});

test("an answer may be headers alone, and the cookie goes with it", async () => {
  const input = { token: "t", untilMs: 9_000_000_000_000 };
  const answer = await post(`${http.url}/list/login`, input);
  assert.deepEqual([answer.status, answer.text], [200, ""]);
  assert.equal(answer.headers["authorization"], "Bearer abc");
  assert.equal(answer.headers["content-type"], undefined);
  assert.equal(answer.headers["content-length"], "0");
  assert.match(String(answer.headers["set-cookie"]), /^stoa=t;/);
  const failed = await post(`${http.url}/list/login`, { ...input, fail: true });
  assert.deepEqual([failed.status, failed.headers["authorization"]], [500, undefined]);
});

test("pages of allowed origins may read the headers that routes have of their own", async () => {
  const { headers } = await send(`${http.url}/list/numbers/1`, { headers: { origin: http.url } });
  const exposed = String(headers["access-control-expose-headers"]).split(", ");
  assert.deepEqual(exposed.sort(), ["Authorization", "Link", "retry-after", "x-request-id"]);
});

test("single failures have the status of the route, all others their own", async () => {
  const statusOf = async (kind: string) =>
    (await post(`${http.url}/list/fail`, { kind })).json() as { status: number; code: string };
  for (const [kind, status] of [
    ["conflict", 422],
    ["rejected", 401],
    ["not_found", 404],
  ] as const) {
    const problem = await statusOf(kind);
    assert.deepEqual([problem.status, problem.code], [status, `TRY_${kind.toUpperCase()}`]);
  }
  const rejected = await post(`${http.url}/list/fail`, { kind: "rejected" });
  assert.deepEqual([rejected.status, rejected.headers["www-authenticate"]], [401, "Bearer"]);
  const broken = await send(`${http.url}/list/fail`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{",
  });
  assert.equal(broken.status, 418);
  assert.equal((await post(`${http.url}/api/try.fail`, { kind: "conflict" })).status, 409);
});

test("a list is whole without paging parameters, and a page with them", async () => {
  for (const count of [1, PAGE_SIZE, PAGE_SIZE + 1, 100]) {
    const { status, headers, json } = await send(`${http.url}/list/numbers/${count}`);
    assert.deepEqual([status, json()], [200, rows(count)]);
    assert.equal(headers["content-type"], "application/json; charset=utf-8");
    assert.equal(headers["link"], undefined);
    assert.equal(headers["cache-control"], "no-store");
    assert.equal(headers["content-length"] === undefined, count > PAGE_SIZE);
  }
  const page = await send(`${http.url}/list/numbers/100?cursor=3`);
  assert.deepEqual(page.json(), rows(6).slice(3));
  assert.equal(page.headers["link"], '<?cursor=6>; rel="next"');
  const last = await send(`${http.url}/list/numbers/4?cursor=3`);
  assert.deepEqual([last.json(), last.headers["link"]], [rows(4).slice(3), undefined]);
});

test("an empty list is 204 without a body", async () => {
  const answer = await send(`${http.url}/list/numbers/0`);
  assert.deepEqual([answer.status, answer.text], [204, ""]);
  assert.equal(answer.headers["content-type"], undefined);
});

test("HEAD asks for one page, and answers the head of the whole list", async () => {
  const before = seen.pages;
  const answer = await send(`${http.url}/list/numbers/100`, { method: "HEAD" });
  assert.deepEqual([answer.status, answer.text], [200, ""]);
  assert.equal(seen.pages - before, 1);
});

test("the first page decides about failures; a later one breaks the connection off", async () => {
  const refused = await send(`${http.url}/list/numbers/100?refuseAt=0`);
  assert.equal(refused.status, 409);
  assert.equal(refused.headers["content-type"], "application/problem+json; charset=utf-8");
  const { answer } = open("/list/numbers/100?refuseAt=6");
  const response = await answer;
  assert.equal(response.statusCode, 200);
  let text = "";
  response.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  await assert.rejects(once(response, "end"), { code: "ECONNRESET" });
  assert.throws(() => JSON.parse(text));
  assert.equal(text, JSON.stringify(rows(6)).slice(0, -1), "what came before is there");
});

test("pages wait for the budget of their caller, within bounds", async () => {
  soon = 5;
  const answer = await send(`${http.url}/list/numbers/100?tooSoonAt=30`);
  assert.deepEqual([answer.json(), soon], [rows(100), 0]);
  soon = Number.POSITIVE_INFINITY;
  await assert.rejects(send(`${http.url}/list/numbers/100?tooSoonAt=30`), { code: "ECONNRESET" });
  assert.equal((await send(`${http.url}/list/numbers/100?tooSoonAt=0`)).status, 429);
});

test("nothing is read ahead of a client that does not read", async () => {
  const before = seen.pages;
  const { outgoing, answer } = open("/list/numbers/30000?padding=100000");
  const response = await answer;
  await waitFor(() => seen.pages - before > 1, { what: "the list goes on" });
  let asked = 0;
  await waitFor(
    async () => {
      const isStill = asked === seen.pages;
      asked = seen.pages;
      await lasting(100);
      return isStill && asked === seen.pages;
    },
    { what: "the server waits for its client" },
  );
  assert.ok(asked - before < 200, `${asked - before} of 10000 pages were read`);
  response.destroy();
  outgoing.destroy();
});

test("the page under way is given up when the client goes away", async () => {
  const [pages, aborted] = [seen.pages, seen.aborted];
  const { outgoing, answer } = open("/list/numbers/100?waitAt=9");
  (await answer).resume();
  await waitFor(() => seen.pages - pages === 4, { what: "the fourth page is asked for" });
  outgoing.destroy();
  await waitFor(() => seen.aborted > aborted, { what: "the call is told" });
  await waitFor(() => http.harness.dispatch.running === 0, { what: "nothing runs any more" });
  assert.equal(seen.pages - pages, 4, "no page after it is asked for");
});

test("the documentation has the translated answers, statuses and headers", async () => {
  interface Responses {
    readonly [status: string]: { $ref?: string; headers?: object; content?: Content };
  }
  interface Documented {
    readonly responses: Responses;
    readonly tags: readonly string[];
  }
  type Content = Record<
    string,
    { schema: { items?: { properties: object }; properties?: object } }
  >;
  const { paths, components } = (await send(`${http.url}/docs/openapi.json`)).json() as {
    paths: Record<string, Record<string, Documented>>;
    components: { responses: Record<string, { content: Record<string, { schema: object }> }> };
  };
  const numbersOf = paths["/list/numbers/{count}"]?.["get"]?.responses;
  const schema = numbersOf?.["200"]?.content?.["application/json"]?.schema;
  assert.deepEqual(Object.keys(schema?.items?.properties ?? {}), ["n", "padding"]);
  assert.deepEqual(Object.keys(numbersOf?.["200"]?.headers ?? {}), ["Link"]);
  assert.equal(numbersOf?.["204"]?.content, undefined);
  const login = paths["/list/login"]?.["post"];
  assert.deepEqual(Object.keys(login?.responses["200"] ?? {}), ["description", "headers"]);
  assert.deepEqual(login?.tags, ["try"]);
  const renamed = paths["/list/renamed"]?.["post"]?.responses["202"]?.content?.["application/json"];
  assert.deepEqual(Object.keys(renamed?.schema.properties ?? {}), ["ID"]);
  const { responses = {} } = paths["/list/fail"]?.["post"] ?? {};
  const own = components.responses[responses["422"]?.$ref?.split("/").at(-1) ?? ""];
  assert.match(JSON.stringify(own), /"TRY_CONFLICT".*"status":\{"const":422\}/);
  assert.equal(responses["409"], undefined);
  const { text } = await send(`${http.url}/docs`);
  assert.ok(text.includes("<code>POST /list/login</code>"), "a path of another module");
});

test("a route that contradicts itself does not start", () => {
  const plain: RestRoute = { verb: "GET", path: "/x", method: "list.numbers" };
  const { answer, output, pages } = list;
  assert.ok(answer !== undefined && output !== undefined && pages !== undefined);
  const cases: ReadonlyArray<readonly [Partial<RestRoute>, RegExp]> = [
    [{ output }, /nothing makes/],
    [{ answer, output, status: 204 }, /no body/],
    [{ answer, emptyStatus: 204 }, /leave out/],
    [{ answer, pages }, /has a body/],
    [{ answer, output, pages, verb: "POST" }, /read by GET/],
    [{ names: { wallet_id: "walletId" } }, /takes no walletId/],
    [{ names: { c: "count" }, input: () => ({}) }, /translated twice/],
    [{ errorStatus: { SEAT_TAKEN: 400 } }, /never ends/],
    [{ errorStatus: { PAGE_REFUSED: 200 } }, /no failure/],
  ];
  for (const [more, message] of cases) {
    const rest = [{ ...plain, ...more }];
    assert.throws(() => new Registry([{ ...listModule, rest }]), message);
  }
});
