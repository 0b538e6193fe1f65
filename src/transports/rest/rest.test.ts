import assert from "node:assert/strict";
import { after, test } from "node:test";
import { z } from "zod";
import { post, send } from "../../../test/support/http-client.ts";
import { startHttp, tokenOf } from "../../../test/support/http-harness.ts";
import { newPerson } from "../../../test/support/module-harness.ts";
import { tryModule } from "../../../test/support/try-module.ts";
import { defineMethod } from "../../core/method.ts";
import type { Module } from "../../core/module.ts";
import { integer, type RestRoute } from "../../core/rest.ts";
import { registerRest } from "./index.ts";

const start = (only?: string, rest: readonly RestRoute[] = tryModule.rest) =>
  startHttp({
    modules: [{ ...tryModule, rest }],
    config: { only },
    register: (server, parts) => registerRest(server, parts.registry, only),
  });
const http = await start();
after(() => http[Symbol.asyncDispose]());
const things = `${http.url}/try/things`;
const put = (url: string, input: unknown) =>
  send(url, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(input),
  });
const codeOf = ({ json }: { json(): unknown }) => (json() as { code?: string }).code;

test("path, query and body become one input", async () => {
  assert.deepEqual((await send(`${things}/7`)).json(), { id: 7 });
  assert.deepEqual((await send(`${things}/7?note=a+b%20%C3%A9`)).json(), { id: 7, note: "a b é" });
  assert.deepEqual((await put(`${things}/7?note=x`, { tags: ["t"] })).json(), {
    id: 7,
    note: "x",
    tags: ["t"],
  });
});

test("the route says the status; 204 has no body", async () => {
  assert.equal((await post(things, { id: 1 })).status, 201);
  const answer = await send(`${http.url}/try/sign-in`, { method: "DELETE" });
  assert.deepEqual([answer.status, answer.text], [204, ""]);
  assert.equal(answer.headers["content-type"], undefined);
  assert.match(String(answer.headers["set-cookie"]), /^stoa=;/);
});

test("a route may translate other names", async () => {
  const answer = await send(`${things}/7/renamed?remark=hi`);
  assert.deepEqual(answer.json(), { id: 7, note: "hi" });
});

test("fields that a document names otherwise are renamed, wherever they are", async () => {
  const routes: RestRoute[] = (["GET", "PUT"] as const).map((verb) => ({
    verb,
    path: "/documented/:nr",
    method: "try.echo",
    names: { nr: "id", remark: "note" },
  }));
  await using documented = await start(undefined, routes);
  const url = `${documented.url}/try/documented`;
  assert.deepEqual((await send(`${url}/7?remark=hi`)).json(), { id: 7, note: "hi" });
  const whole = { id: 7, note: "x", tags: ["t"] };
  assert.deepEqual((await put(`${url}/7`, { remark: "x", tags: ["t"] })).json(), whole);
  assert.deepEqual((await put(`${url}/7`, { nr: 7, remark: "x", tags: ["t"] })).json(), whole);
  for (const answer of [
    await send(`${url}/7?note=hi`),
    await send(`${url}/7?id=7`),
    await put(`${url}/7`, { note: "x" }),
    await put(`${url}/7`, { nr: 8 }),
    await put(`${url}/7?remark=a`, { remark: "b" }),
  ]) {
    assert.equal(codeOf(answer), "MALFORMED", answer.text);
  }
  assert.equal(codeOf(await send(`${url}/7?unknown=1`)), "INVALID_INPUT");
  assert.equal(codeOf(await send(`${url}/1001`)), "INVALID_INPUT");
  const { paths } = (await send(`${documented.url}/docs/openapi.json`)).json() as {
    paths: Record<string, Record<string, { parameters: { name: string; schema: object }[] }>>;
  };
  const parameters = paths["/try/documented/{nr}"]?.["get"]?.parameters ?? [];
  assert.deepEqual(
    parameters.map(({ name }) => name),
    ["nr", "remark", "tags"],
  );
  assert.deepEqual(parameters[0]?.schema, { type: "integer", minimum: 1, maximum: 1_000 });
});

test("a trailing slash changes nothing", async () => {
  assert.equal((await send(`${things}/7/`)).status, 200);
  assert.equal((await post(`${things}/`, { id: 1 })).status, 201);
});

test("a field given twice is taken when it is the same, and refused when it differs", async () => {
  assert.equal((await put(`${things}/7`, { id: 7 })).status, 200);
  assert.equal((await put(`${things}/7?id=7`, { id: 7 })).status, 200);
  for (const answer of [
    await put(`${things}/7`, { id: 8 }),
    await put(`${things}/7`, { id: "7" }),
    await put(`${things}/7`, { id: null }),
    await send(`${things}/7?id=8`),
    await put(`${things}/7?note=a`, { note: "b" }),
  ]) {
    assert.deepEqual([answer.status, codeOf(answer)], [400, "MALFORMED"]);
  }
});

test("a query is read strictly", async () => {
  for (const query of [
    "note=a&note=b",
    "note=a&note=a",
    "note=a&n%6fte=b",
    "note=%zz",
    "note=%ff",
    "__proto__=1",
    "constructor=1",
    "=1",
    "&",
    Array.from({ length: 51 }, (_, at) => `a${at}=1`).join("&"),
  ]) {
    const answer = await send(`${things}/7?${query}`);
    assert.deepEqual([answer.status, codeOf(answer)], [400, "MALFORMED"], query);
  }
  for (const query of ["unknown=1", "note[]=a", "tags=a", "toString=1", "hasOwnProperty=1"]) {
    const answer = await send(`${things}/7?${query}`);
    assert.deepEqual([answer.status, codeOf(answer)], [400, "INVALID_INPUT"], query);
  }
  assert.equal((await send(`${things}/7?`)).status, 200);
});

test("ids out of range and of other types are refused by the schema", async () => {
  for (const id of [
    "0",
    "-1",
    "1001",
    "1.5",
    "1e2",
    "0x1",
    "NaN",
    "99999999999999999999",
    "a%00",
  ]) {
    const answer = await send(`${things}/${id}`);
    assert.deepEqual([answer.status, codeOf(answer)], [400, "INVALID_INPUT"], id);
  }
});

test("a body that is not an object cannot be merged", async () => {
  for (const input of [[], "text", 1, null]) {
    assert.deepEqual(codeOf(await put(`${things}/7`, input)), "MALFORMED");
  }
});

test("failures, sign-in and limits are those of the pipeline", async () => {
  assert.equal((await send(`${http.url}/try/me`)).status, 401);
  const { ids, clock } = http.harness.ports;
  const mira = newPerson(ids, clock);
  const byCookie = { cookie: `stoa=${tokenOf(mira)}` };
  const answer = await send(`${http.url}/try/me`, { headers: byCookie });
  const { accountId, transport } = answer.json() as Record<string, string>;
  assert.deepEqual([accountId, transport], [mira.accountId, "rest"]);
  const forged = await send(`${http.url}/try/sign-in`, {
    method: "DELETE",
    headers: { ...byCookie, origin: "https://evil.example" },
  });
  assert.equal(codeOf(forged), "FOREIGN_ORIGIN");
  const note = "x".repeat(300_000);
  assert.equal((await put(`${things}/7`, { note })).status, 413);
  assert.equal((await put(`${http.url}/try/much/7`, { note })).status, 200);
});

test("a module that is served alone is at the root as well", async () => {
  await using alone = await start("try");
  for (const path of ["/try/things/7", "/things/7"]) {
    assert.deepEqual((await send(alone.url + path)).json(), { id: 7 });
  }
  assert.equal((await send(`${http.url}/things/7`)).status, 404);
});

test("a route at the root of a module run alone takes the place of the way to the app", async () => {
  const list: RestRoute = { verb: "GET", path: "/", method: "try.whereFrom" };
  await using alone = await start("try", [list]);
  for (const path of ["/", "/try", "/try/"]) {
    assert.equal((await send(alone.url + path)).status, 200, path);
  }
  await using together = await start(undefined, [list]);
  assert.equal((await send(`${together.url}/`)).status, 302);
});

test("numbers and booleans in a path or query are read as the schema wants them", async () => {
  const Input = z.strictObject({
    count: z.int().optional(),
    ratio: z.number().optional(),
    seated: z.boolean().optional(),
    name: z.string().optional(),
    limit: z.int().default(20),
  });
  const read = defineMethod({
    name: "types.read",
    summary: "Answers what it was given.",
    access: "anyone",
    input: Input,
    output: Input,
    errors: [],
    transaction: "none",
    handle: async ({ input }) => input,
  });
  const types: Module = {
    name: "types",
    methods: { read },
    subscriptions: {},
    rest: [{ verb: "GET", path: "/", method: "types.read" }],
  };
  await using typed = await startHttp({
    modules: [types],
    register: (server, parts) => registerRest(server, parts.registry),
  });
  const get = (query: string) => send(`${typed.url}/types?${query}`);
  assert.deepEqual((await get("count=-3&ratio=0.5&seated=true&name=7&limit=5")).json(), {
    count: -3,
    ratio: 0.5,
    seated: true,
    name: "7",
    limit: 5,
  });
  for (const query of ["count=1.5", "count=", "ratio=.5", "ratio=1e9", "seated=1", "seated="]) {
    assert.equal((await get(query)).status, 400, query);
  }
});

test("a list is written with commas in the query of a route that says so, and only there", async () => {
  const names = ["a", "b c"];
  const list: RestRoute = {
    verb: "DELETE",
    path: "/things/:id",
    method: "try.echo",
    lists: ["tags"],
  };
  await using listing = await start(undefined, [list]);
  const remove = (query: string, body?: string) =>
    send(`${listing.url}/try/things/7${query}`, {
      method: "DELETE",
      ...(body === undefined ? {} : { body, headers: { "content-type": "application/json" } }),
    });
  assert.deepEqual((await remove("?tags=a,b%20c")).json(), { id: 7, tags: names });
  assert.deepEqual((await remove("")).json(), { id: 7 });
  assert.equal(codeOf(await remove("?tags=a&tags=b")), "MALFORMED");
  assert.equal(codeOf(await remove("?tags=a&more=b")), "INVALID_INPUT");
  for (const body of ["5", "[]", '"x"', "null", "{"]) {
    assert.equal(codeOf(await remove("", body)), "MALFORMED", body);
  }
  assert.equal(codeOf(await remove("?tags=a", '{"tags":["b"]}')), "MALFORMED");
});

test("times of sixteen digits are numbers, integers beyond 2^53 are not", () => {
  assert.equal(integer("8640000000000000"), 8_640_000_000_000_000);
  assert.equal(integer("-9007199254740991"), Number.MIN_SAFE_INTEGER);
  assert.equal(integer("9007199254740993"), "9007199254740993");
});

test("run alone, a module's own paths come before those of others at the root", async () => {
  const own: RestRoute = { verb: "POST", path: "/other/echo", method: "try.whereFrom" };
  const theirs: RestRoute = { verb: "POST", path: "/echo", method: "try.echo" };
  const other: Module = { name: "other", methods: {}, subscriptions: {}, rest: [theirs] };
  const mine: Module = { ...tryModule, rest: [own] };
  for (const modules of [
    [other, mine],
    [mine, other],
  ]) {
    await using alone = await startHttp({
      modules,
      config: { only: "try" },
      register: (server, parts) => registerRest(server, parts.registry, "try"),
    });
    for (const path of ["/other/echo", "/try/other/echo"]) {
      const answer = await post(`${alone.url}${path}`, {});
      assert.deepEqual(answer.json(), { address: "127.0.0.1" }, path);
    }
    const { paths } = (await send(`${alone.url}/docs/openapi.json`)).json() as {
      paths: Record<string, { post: { "x-method": string } }>;
    };
    assert.equal(paths["/other/echo"]?.post["x-method"], "try.whereFrom");
  }
  const twice = startHttp({
    modules: [{ ...tryModule, rest: [own, own] }],
    register: (server, parts) => registerRest(server, parts.registry),
  });
  await assert.rejects(twice, /POST \/try\/other\/echo leads to two methods/);
});

test("a GET that would change something does not start", () => {
  const writing = defineMethod({
    name: "bad.write",
    summary: "Changes something.",
    access: "anyone",
    input: z.strictObject({}),
    output: z.strictObject({}),
    errors: [],
    transaction: "write",
    handle: async () => ({}),
  });
  const bad: Module = {
    name: "bad",
    methods: { write: writing },
    subscriptions: {},
    rest: [{ verb: "GET", path: "/write", method: "bad.write" }],
  };
  const starting = startHttp({
    modules: [bad],
    register: (server, parts) => registerRest(server, parts.registry),
  });
  return assert.rejects(starting, /would change something/);
});
