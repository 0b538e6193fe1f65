import assert from "node:assert/strict";
import { after, test } from "node:test";
import specs from "@asyncapi/specs";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv, type SchemaObject } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { post, send } from "../../../../test/support/http-client.ts";
import { startHttp, tokenOf } from "../../../../test/support/http-harness.ts";
import { newPerson } from "../../../../test/support/module-harness.ts";
import { tryErrors, tryModule } from "../../../../test/support/try-module.ts";
import { defineError } from "../../../core/errors.ts";
import { registerRest } from "../../rest/index.ts";

const busy = defineError({ code: "SOCKET_BUSY", kind: "too_many", message: "The socket is busy." });
const http = await startHttp({
  modules: [tryModule],
  config: { only: "try" },
  parts: { socketErrors: [busy], mailbox: async () => [] },
  register: (server, parts) => registerRest(server, parts.registry, parts.config.only),
});
after(() => http[Symbol.asyncDispose]());

interface Operation {
  readonly "x-method": string;
  readonly "x-access": string;
  readonly parameters?: readonly { readonly in?: string; readonly name?: string }[];
  readonly requestBody?: { content: { "application/json": { schema: object; example?: unknown } } };
  readonly responses: Readonly<Record<string, { $ref?: string; content?: object }>>;
}
interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly responses: Readonly<Record<string, { content: object }>>;
    readonly schemas: Readonly<Record<string, { examples?: unknown[] }>>;
  };
}
const openApi = (await send(`${http.url}/docs/openapi.json`)).json() as OpenApi;
const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);
ajv.addSchema({ ...openApi, $id: "openapi" });
const validatorAt = (pointer: string) => ajv.compile({ $ref: `openapi#${pointer}` });

/** What the server serves beside operations; everything else has to be in OpenAPI. */
const UNDOCUMENTED = new Set([
  "/",
  "/api/:name",
  "/app",
  "/app/*",
  "/csp-reports",
  "/dev/mail",
  "/docs",
  "/docs/asyncapi.json",
  "/docs/openapi.json",
  "/docs/style.css",
  "/health",
  "/metrics",
  "/ready",
]);

test("OpenAPI is valid", async () => {
  const { valid, errors } = await new Validator().validate(structuredClone(openApi) as never);
  assert.equal(valid, true, JSON.stringify(errors));
});

test("AsyncAPI is valid, by the schema of its version", async () => {
  const document = (await send(`${http.url}/docs/asyncapi.json`)).json() as { asyncapi: string };
  assert.equal(document.asyncapi, "3.1.0");
  const checker = new Ajv({ strict: false, allErrors: true });
  addFormats.default(checker);
  const schema = specs.schemasWithoutId["3.1.0"] as SchemaObject;
  const valid = checker.validate(schema, document);
  assert.equal(valid, true, JSON.stringify(checker.errors?.slice(0, 3)));
});

test("the inventory: every route is documented or on the short list, and the reverse", () => {
  const documented = new Set<string>();
  for (const [path, operations] of Object.entries(openApi.paths)) {
    for (const verb of Object.keys(operations)) documented.add(`${verb.toUpperCase()} ${path}`);
  }
  const served = new Set<string>();
  for (const [path, methods] of http.server.routes.entries()) {
    if (UNDOCUMENTED.has(path)) continue;
    const pattern = path.replaceAll(/:(\w+)/g, "{$1}");
    for (const method of methods) if (method !== "HEAD") served.add(`${method} ${pattern}`);
  }
  assert.deepEqual([...documented].sort(), [...served].sort());
  const paths = new Set([...http.server.routes.entries()].map(([path]) => path));
  for (const path of UNDOCUMENTED) assert.ok(paths.has(path), `${path} is listed for nothing`);
});

test("every method and subscription is in AsyncAPI, with its errors and pushes", async () => {
  const { operations, components } = (await send(`${http.url}/docs/asyncapi.json`)).json() as {
    operations: Record<string, { action: string; reply?: { messages: { $ref: string }[] } }>;
    components: { messages: Record<string, { payload: { properties: Record<string, unknown> } }> };
  };
  for (const name of http.harness.registry.methods.keys()) {
    assert.equal(operations[name]?.action, "receive");
    assert.deepEqual(
      operations[name]?.reply?.messages.map(({ $ref }) => $ref.split("/").at(-1)),
      [`${name}.answer`, `${name}.error`],
    );
  }
  assert.equal(operations["try.watch"]?.action, "receive");
  assert.equal(operations["try.unwatch"]?.action, "receive");
  assert.equal(operations["try.number"]?.action, "send");
  const { error } = components.messages["try.fail.error"]!.payload.properties as {
    error: { enum: string[] };
  };
  for (const { code } of tryErrors) assert.ok(error.enum.includes(code));
  for (const code of ["INVALID_INPUT", "TOO_MANY", "SOCKET_BUSY"]) {
    assert.ok(error.enum.includes(code));
  }
});

test("the socket's messages fit their schemas", async () => {
  const document = (await send(`${http.url}/docs/asyncapi.json`)).json() as object;
  const checker = new Ajv({ strict: false });
  checker.addSchema({ ...document, $id: "asyncapi" });
  const fits = (message: string, frame: unknown) =>
    checker.compile({ $ref: `asyncapi#/components/messages/${message}/payload` })(frame);
  const open = { type: "try.watch", data: { id: 1 }, eid: "1" };
  assert.ok(fits("try.watch.request", open));
  assert.ok(fits("try.watch.request", { ...open, data: { id: 1, epoch: "e", offset: 3 } }));
  assert.ok(!fits("try.watch.request", { ...open, data: { id: 1, since: 3 } }));
  const place = { epoch: "e", offset: 3 };
  const answer = (data: object) => ({ type: "try.watch", data, eid: "1", ts: null });
  const state = { numbers: [1] };
  const missed = [{ type: "try.number", data: { offset: 3, number: 5 } }];
  assert.ok(fits("try.watch.answer", answer({ ...place, recovered: false, state })));
  assert.ok(fits("try.watch.answer", answer({ ...place, recovered: true, missed })));
  assert.ok(!fits("try.watch.answer", answer({ ...place, recovered: true, state })));
  assert.ok(!fits("try.watch.answer", answer({ ...place, recovered: true, missed: [{}] })));
  const push = { type: "try.number", data: { offset: 4, number: 6 }, eid: "1", ts: 1 };
  assert.ok(fits("try.number.push", push));
  assert.ok(!fits("try.number.push", { ...push, data: { number: 6 } }));
  assert.ok(fits("try.unwatch.request", { type: "try.unwatch", eid: "1" }));
});

test("examples are taken by the operations they belong to", async () => {
  const { ids, clock } = http.harness.ports;
  const operator = newPerson(ids, clock, { operator: true });
  const authorization = `Bearer ${tokenOf(operator)}`;
  let examples = 0;
  for (const [path, { post: operation }] of Object.entries(openApi.paths)) {
    const example = operation?.requestBody?.content["application/json"].example;
    if (example === undefined || MISCHIEVOUS.test(path)) continue;
    const { status, text } = await post(`${http.url}${path}`, example, { authorization });
    assert.equal(status, 200, `${path} ${text}`);
    examples += 1;
  }
  assert.equal(examples, 6);
});

/** Operations of the module that do harm when told to, as an example does. */
const MISCHIEVOUS = /wait|fail|signIn/;

test("an operation's answers and failures fit what is documented for it", async () => {
  const cases: ReadonlyArray<readonly [path: string, input: unknown, status: number]> = [
    ["/api/try.echo", { id: 5, tags: ["a"] }, 200],
    ["/api/try.echo", { id: "5" }, 400],
    ["/api/try.whoami", {}, 401],
    ["/api/try.operate", {}, 401],
    ["/api/try.fail", { kind: "conflict" }, 409],
    ["/api/try.fail", { kind: "too_many" }, 429],
    ["/api/try.fail", { kind: "bug" }, 500],
  ];
  for (const [path, input, status] of cases) {
    const answer = await post(`${http.url}${path}`, input);
    assert.equal(answer.status, status);
    const response = openApi.paths[path]?.["post"]?.responses[status];
    const type = status === 200 ? "application~1json" : "application~1problem+json";
    const base =
      response?.$ref?.slice(1) ?? `/paths/${path.replaceAll("/", "~1")}/post/responses/${status}`;
    const validate = validatorAt(`${base}/content/${type}/schema`);
    assert.ok(validate(answer.json()), `${path} ${status} ${JSON.stringify(validate.errors)}`);
  }
});

test("every error is a schema, and its example fits it", () => {
  for (const { code } of [...tryErrors, { code: "INVALID_INPUT" }, { code: "FOREIGN_ORIGIN" }]) {
    const { examples = [] } = openApi.components.schemas[code] ?? {};
    assert.equal(examples.length, 1, code);
    const validate = validatorAt(`/components/schemas/${code}`);
    assert.ok(validate(examples[0]), `${code} ${JSON.stringify(validate.errors)}`);
    assert.ok(!validate({ ...(examples[0] as object), code: "OTHER" }));
  }
});

test("REST routes name what is in the path, in the query and in the body", () => {
  const parametersOf = (path: string, verb: string) =>
    (openApi.paths[path]?.[verb]?.parameters ?? []).map((p) => `${p.in} ${p.name}`);
  assert.deepEqual(parametersOf("/try/things/{id}", "get"), [
    "path id",
    "query note",
    "query tags",
  ]);
  assert.deepEqual(parametersOf("/things/{id}", "get"), parametersOf("/try/things/{id}", "get"));
  const { put } = openApi.paths["/try/things/{id}"] ?? {};
  const { schema } = put?.requestBody?.content["application/json"] ?? { schema: {} };
  assert.deepEqual(Object.keys((schema as { properties: object }).properties), ["note", "tags"]);
  const { get } = openApi.paths["/try/things/{id}/renamed"] ?? {};
  assert.deepEqual(
    get?.parameters?.map((p) => `${p.in} ${p.name}`),
    ["path id", "query remark"],
  );
  const { delete: signOut } = openApi.paths["/try/sign-in"] ?? {};
  assert.deepEqual(signOut?.responses["204"], { description: "Done." });
});

test("the page for people has everything, works without scripts and escapes", async () => {
  const { status, headers, text } = await send(`${http.url}/docs`);
  assert.equal(status, 200);
  assert.equal(headers["content-type"], "text/html; charset=utf-8");
  assert.doesNotMatch(text, /<script|style=|onclick|javascript:/i);
  const { registry } = http.harness;
  for (const name of [...registry.methods.keys(), ...registry.subscriptions.keys()]) {
    assert.ok(text.includes(`id="${name}"`), name);
    assert.ok(text.includes(`href="#${name}"`), name);
  }
  for (const code of ["TRY_CONFLICT", "TOO_MANY", "FOREIGN_ORIGIN", "SOCKET_BUSY"]) {
    assert.ok(text.includes(`<tr id="${code}">`), code);
  }
  assert.ok(text.includes("<code>PUT /try/things/:id</code>"));
  const ids = [...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  assert.equal(new Set(ids).size, ids.length, "ids are unique");
  for (const [, target] of text.matchAll(/href="#([^"]+)"/g)) {
    assert.ok(ids.includes(target ?? ""), `#${target} leads somewhere`);
  }
});

test("the documents may be kept, and are asked for again", async () => {
  for (const path of ["/docs", "/docs/openapi.json", "/docs/asyncapi.json", "/docs/style.css"]) {
    const { headers } = await send(`${http.url}${path}`);
    assert.equal(headers["cache-control"], "no-cache");
    const again = await send(`${http.url}${path}`, {
      headers: { "if-none-match": headers["etag"] ?? "" },
    });
    assert.equal(again.status, 304);
  }
});
