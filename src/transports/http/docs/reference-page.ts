import type { AnyErrorDefinition } from "../../../core/errors.ts";
import { isWriting, type Method } from "../../../core/method.ts";
import type { Module } from "../../../core/module.ts";
import type { Registry } from "../../../core/registry.ts";
import { endingName, type Subscription } from "../../../core/subscription.ts";
import { apiPath } from "../api.ts";
import { escapeHtml, page } from "../page.ts";
import { statusOf } from "../status.ts";
import { allErrors } from "./errors.ts";
import { exampleOf } from "./examples.ts";
import { jsonSchema } from "./json-schema.ts";
import { ACCESS } from "./openapi.ts";
import { typeText } from "./type-text.ts";

const DIALECT = "draft-2020-12";

export interface ReferenceOptions {
  readonly only?: string | undefined;
  /** The address people open. */
  readonly publicUrl: string;
  /** What the socket itself may answer. */
  readonly socketErrors: readonly AnyErrorDefinition[];
}

/** The reference for people: one page without scripts, its parts reached by anchors. */
export function referencePage(registry: Registry, options: ReferenceOptions): string {
  const errors = [...allErrors(registry), ...options.socketErrors];
  const body = `<div class="columns">
<nav aria-label="Contents">
  <p class="brand"><a href="/app/">Stoa</a></p>
  <ul class="files">
    <li><a href="#calling">How to call</a></li>
    <li><a href="/docs/openapi.json">OpenAPI 3.1</a></li>
    <li><a href="/docs/asyncapi.json">AsyncAPI 3.1</a></li>${channelsLink(registry)}
  </ul>
  ${registry.modules.map(contents).join("\n")}
  <h2><a href="#errors">Errors</a></h2>
</nav>
<main>
  <h1>What can be called</h1>
  ${introduction(options)}
  ${registry.modules.map((module) => moduleSection(module, registry, options)).join("\n")}
  ${errorsSection(errors)}
</main>
</div>`;
  return page({ title: "Stoa: reference", body });
}

function channelsLink({ modules }: Registry): string {
  if (modules.every(({ channels }) => channels === undefined)) return "";
  return `\n    <li><a href="/docs/channels.json">AsyncAPI 3.1 of the channels</a></li>`;
}

function operationsOf({ methods, subscriptions }: Module): (Method | Subscription)[] {
  return [...Object.values(methods), ...Object.values(subscriptions)];
}

function contents(module: Module): string {
  const items = operationsOf(module).map(
    ({ name }) => `<li><a href="#${name}">${name.slice(module.name.length + 1)}</a></li>`,
  );
  return `<h2><a href="#${module.name}">${module.name}</a></h2>
  <ul>${items.join("")}</ul>`;
}

function introduction({ publicUrl }: ReferenceOptions): string {
  const socket = publicUrl.replace(/^http/, "ws");
  return `<section id="calling">
  <p class="lead">Each operation is a <em>method</em>, one request with one answer, or a
  <em>subscription</em>, a snapshot and then every change.</p>
  <dl class="ways">
    <dt>Methods over HTTP</dt>
    <dd><code>POST ${escapeHtml(publicUrl)}/api/&lt;name&gt;</code> with the input as JSON. Some
    have a path of their own as well, listed with them.</dd>
    <dt>Everything over one socket</dt>
    <dd><code>${escapeHtml(socket)}/socket</code>, frames
    <code>{"type": name, "data": input, "eid": id}</code>.</dd>
    <dt>Signing in</dt>
    <dd><code>Authorization: Bearer &lt;token&gt;</code>, or the cookie that signing in over HTTP
    sets.</dd>
    <dt>Repeating safely</dt>
    <dd>Send an <code>Idempotency-Key</code> with what changes something: within ten minutes the
    same key gets the same answer and has no second effect.</dd>
  </dl>
</section>`;
}

function moduleSection(module: Module, registry: Registry, options: ReferenceOptions): string {
  const operations = operationsOf(module).map((operation) =>
    operationArticle(registry, operation, options),
  );
  return `<section id="${module.name}">
  <h2>${module.name}</h2>
  ${operations.join("\n")}
</section>`;
}

function operationArticle(
  registry: Registry,
  operation: Method | Subscription,
  options: ReferenceOptions,
): string {
  const { name, summary, access, errors } = operation;
  const isMethod = "output" in operation;
  const badges = [
    isMethod ? "method" : "subscription",
    ACCESS[access],
    ...(isMethod && isWriting(operation) ? ["changes something"] : []),
  ];
  return `<article id="${name}">
  <h3><a href="#${name}">${name}</a></h3>
  <p class="badges">${badges.map((badge) => `<span>${badge}</span>`).join(" ")}</p>
  <p>${escapeHtml(summary)}</p>
  ${isMethod ? methodWays(registry, operation, options.only) : subscriptionWays(name)}
  ${block("Input", typeText(jsonSchema(operation.input, "input", DIALECT)))}
  ${isMethod ? methodAnswer(operation, options) : subscriptionAnswer(operation)}
  ${errorLinks(errors)}
</article>`;
}

/** A path may belong to another module than its method: documents have sign-ins of their own. */
function methodWays(registry: Registry, { name }: Method, only: string | undefined): string {
  const routes = registry
    .paths(only)
    .filter(({ route }) => route.method === name)
    .map(({ route, path }) => `${route.verb} ${path}`);
  const ways = [`POST ${apiPath(name)}`, ...routes];
  const items = ways.map((way) => `<li><code>${escapeHtml(way)}</code></li>`);
  return `<ul class="routes">${items.join("")}</ul>`;
}

function subscriptionWays(name: string): string {
  return `<p>Over the socket; <code>${endingName(name)}</code> ends it.</p>`;
}

function methodAnswer(method: Method, { publicUrl }: ReferenceOptions): string {
  const example = exampleOf(method.input, jsonSchema(method.input, "input", DIALECT));
  const answer = block("Answer", typeText(jsonSchema(method.output, "output", DIALECT)));
  return example === undefined ? answer : `${answer}${curl(method, example, publicUrl)}`;
}

function curl({ name, access }: Method, example: unknown, publicUrl: string): string {
  const body = JSON.stringify(example).replaceAll("'", "'\\''");
  const lines = [
    `curl ${publicUrl}${apiPath(name)}`,
    ...(access === "anyone" ? [] : [`  -H "Authorization: Bearer $TOKEN"`]),
    `  -H "Content-Type: application/json"`,
    `  -d '${body}'`,
  ];
  const code = escapeHtml(lines.join(" \\\n"));
  return `<details><summary>Example</summary><pre><code>${code}</code></pre></details>`;
}

function subscriptionAnswer({ state, events }: Subscription): string {
  const pushes = Object.entries(events).map(([type, schema]) =>
    block(`Push ${type}`, typeText(jsonSchema(schema, "output", DIALECT))),
  );
  return `${block("State", typeText(jsonSchema(state, "output", DIALECT)))}${pushes.join("")}`;
}

function block(title: string, text: string): string {
  const long = text.split("\n").length > 12;
  const code = `<pre><code>${escapeHtml(text)}</code></pre>`;
  return long
    ? `<details class="type"><summary>${title}</summary>${code}</details>`
    : `<div class="type"><h4>${title}</h4>${code}</div>`;
}

function errorLinks(errors: readonly AnyErrorDefinition[]): string {
  if (errors.length === 0) return "";
  const links = errors.map(({ code }) => `<a href="#${code}"><code>${code}</code></a>`);
  return `<p class="errors">May end with ${links.join(", ")}, beside what
  <a href="#errors">any call</a> may end with.</p>`;
}

function errorsSection(errors: readonly AnyErrorDefinition[]): string {
  const rows = errors.map((error) => {
    const data =
      error.data === undefined
        ? ""
        : `<code>${escapeHtml(typeText(jsonSchema(error.data, "input", DIALECT)))}</code>`;
    return `<tr id="${error.code}"><th scope="row"><code>${error.code}</code></th>
    <td>${statusOf(error)}</td><td>${escapeHtml(error.message)} ${data}</td></tr>`;
  });
  return `<section id="errors">
  <h2>Errors</h2>
  <p>A failure is <code>{code, message, data?, requestId}</code>: over HTTP as
  <code>application/problem+json</code> with the status below, over the socket with the code in
  <code>error</code>. Decide by the code. Statuses 429 and 503 say in <code>Retry-After</code> when
  to come back.</p>
  <div class="scroll"><table>
    <thead><tr>
      <th scope="col">Code</th><th scope="col">Status</th><th scope="col">Meaning, and its data</th>
    </tr></thead>
    <tbody>${rows.join("\n")}</tbody>
  </table></div>
</section>`;
}
