import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import {
  brokenText,
  CANARY,
  nearValue,
  validValue,
  valuesWithBadText,
} from "../support/schema-arbitrary.ts";
import { type HttpOperation, httpOperations } from "./documented.ts";
import { FUZZ, type FuzzRole, type FuzzWorld, startFuzzWorld } from "./fuzz-world.ts";
import { assertCleanLog, assertNoLeak } from "./leaks.ts";

/**
 * Calls made from what the server says about itself, over `/api` and REST: whatever comes, it is
 * answered as documented. See `fuzz-world.ts` for how to run it longer.
 */

/** What a generated call is, and how it has to be met. */
type Kind =
  /** Of the documented form: it is not refused for its form. */
  | "valid"
  /** Nearly so; whether it still is of the form is for the documentation to say. */
  | "near"
  /** Its body is not what JSON text should be. */
  | "broken";

interface FuzzedCall {
  readonly role: FuzzRole;
  readonly kind: Kind;
  /** `path x`, `query y` and `body`. */
  readonly parts: Readonly<Record<string, unknown>>;
}

interface Met {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  readonly code: string;
}

/** Codes by which a call is refused for its form. */
const REFUSED_FOR_FORM = [
  "INVALID_INPUT",
  "MALFORMED",
  "TOO_LARGE",
  "PATH_NOT_FOUND",
  "HEADERS_TOO_LARGE",
];

let world: FuzzWorld;
let operations: readonly HttpOperation[];
/** The codes that valid calls of each method ended with. */
const seen = new Map<string, Set<string>>();
/** What they read takes a secret that nobody generates. */
const SECRETIVE = new Set([
  "auth.session",
  "auth.lookupMailToken",
  "auth.lookupPasswordReset",
  "chat.confirmPasswordReset",
]);

before(async () => {
  world = await startFuzzWorld();
  operations = await httpOperations(world.url);
});
after(() => world?.[Symbol.asyncDispose]());

function callsOf(operation: HttpOperation): fc.Arbitrary<FuzzedCall> {
  const { known } = world;
  const role = fc.constantFrom(...rolesFor(operation));
  const made = (kind: Kind, parts: fc.Arbitrary<unknown>) =>
    fc.record({
      role,
      kind: fc.constant(kind),
      parts: parts.map((whole) => partsOf(operation, whole)),
    });
  const whole = validValue(operation.whole, known);
  const kinds = [made("valid", whole), made("near", nearValue(operation.whole, known))];
  if (operation.body !== undefined) {
    const texts = fc.tuple(whole, brokenText(operation.body, known));
    const broken = texts.map(([parts, body]) => ({ ...partsOf(operation, parts), body }));
    kinds.push(made("broken", broken));
  }
  return fc.oneof(...kinds);
}

/** A strange whole is sent as a strange body. */
function partsOf({ verb }: HttpOperation, whole: unknown): FuzzedCall["parts"] {
  const isObject = typeof whole === "object" && whole !== null && !Array.isArray(whole);
  const parts = isObject ? (whole as FuzzedCall["parts"]) : { body: whole };
  if (verb !== "GET") return parts;
  // A GET is sent without a body.
  const { body: _, ...rest } = parts;
  return rest;
}

/** Nobody changes the credentials of the operator, who signs in with them again and again. */
function rolesFor({ method }: HttpOperation): readonly FuzzRole[] {
  return method.startsWith("auth.") ? ["anonymous", "person"] : ["anonymous", "person", "operator"];
}

/** A text in a URL; half a character has no UTF-8, and is sent as nobody may. */
function encoded(text: string): string {
  return text.isWellFormed() ? encodeURIComponent(text) : "%ED%A0%80";
}

/** What stands in the path, in words; it cannot be empty there. */
function textIn(part: unknown): string {
  const text = typeof part === "string" ? part : JSON.stringify(part);
  return text === "" || text === undefined ? "-" : text;
}

function addressOf(operation: HttpOperation, { parts }: FuzzedCall): string {
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encoded(textIn(parts[`path ${name}`])),
  );
  const query = Object.entries(parts).flatMap(([name, value]) => {
    if (name.startsWith("path ") || name === "body") return [];
    const key = encoded(name.replace(/^query /, ""));
    return textsIn(operation, name, value).map((text) => `${key}=${encoded(text)}`);
  });
  return `${world.url}${path}${query.length > 0 ? `?${query.join("&")}` : ""}`;
}

/** A list where none is expected is the same name twice. */
function textsIn({ parameters }: HttpOperation, name: string, value: unknown): string[] {
  const isList = parameters.find((one) => `query ${one.name}` === name)?.schema.type === "array";
  if (!Array.isArray(value)) return [textIn(value)];
  return isList ? [value.map(textIn).join(",")] : value.map(textIn);
}

async function send(operation: HttpOperation, call: FuzzedCall): Promise<Met> {
  const { role, kind, parts } = call;
  const token = await world.tokenOf(role);
  const body = kind === "broken" ? String(parts["body"]) : JSON.stringify(parts["body"]);
  const hasBody = body !== undefined;
  const response = await fetch(addressOf(operation, call), {
    method: operation.verb,
    redirect: "manual",
    headers: {
      ...(hasBody ? { "content-type": "application/json" } : {}),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(hasBody ? { body } : {}),
  });
  const text = await response.text();
  const code = response.ok ? "OK" : String((JSON.parse(text) as { code?: unknown }).code);
  return { status: response.status, type: response.headers.get("content-type") ?? "", text, code };
}

/** Whether the documentation allows the call; a field that it does not know is not allowed. */
function isDocumented(operation: HttpOperation, { kind, parts }: FuzzedCall): boolean {
  if (kind === "broken") return false;
  const { parameters, path, body } = operation;
  const places = new Set(parameters.map((one) => `${one.in} ${one.name}`));
  // `/api` takes its input in the body and does not look at the query.
  const isKnown = (name: string) =>
    name === "body" ? body !== undefined : places.has(name) || path.startsWith("/api/");
  if (!Object.keys(parts).every(isKnown)) return false;
  const areTaken = parameters.every((one) => {
    const value = parts[`${one.in} ${one.name}`];
    if (one.in === "path") return operation.takesText(one, textIn(value));
    const texts = value === undefined ? [] : textsIn(operation, `query ${one.name}`, value);
    if (texts[0] === undefined) return one.required !== true;
    return texts.length === 1 && operation.takesText(one, texts[0]);
  });
  return areTaken && operation.takesBody(parts["body"]);
}

/** The code with which somebody who may not is refused; undefined for those who may. */
function refusalOf({ access }: HttpOperation, { role }: FuzzedCall): string | undefined {
  if (access === "anyone" || role === "operator") return undefined;
  if (role === "anonymous") return "UNAUTHENTICATED";
  return access === "operator" ? "FORBIDDEN" : undefined;
}

function judge(operation: HttpOperation, call: FuzzedCall, met: Met): void {
  const { kind } = call;
  const { status, code, text, type } = met;
  const target = `${operation.verb} ${addressOf(operation, call).slice(0, 300)}`;
  const where = `${target} → ${status} ${text.slice(0, 600)}`;
  assert.ok(status < 500 || (status === 503 && code === "UNAVAILABLE"), where);
  assertFits(operation, call, met, where);
  if (status >= 400) assertNoLeak(text, where);
  assert.match(
    type,
    status < 400 ? /^(application\/json|$)/ : /^application\/problem\+json/,
    where,
  );
  // Whose budget is used up is not heard, and whoever may not is told before the input is read.
  if (code === "TOO_MANY" || code === refusalOf(operation, call)) return;
  const isRefused = REFUSED_FOR_FORM.includes(code);
  if (!isDocumented(operation, call)) {
    assert.ok(isRefused, `not refused: ${where}`);
    assert.ok(!text.includes(`"${CANARY}"`), `echoed: ${where}`);
  } else if (kind === "valid" || !isRefused) {
    assert.ok(!isRefused, `refused: ${where}`);
    assert.equal(refusalOf(operation, call) ?? code, code, where);
  }
}

/** The body is what the operation's documentation says of this status. */
function assertFits(
  operation: HttpOperation,
  { kind }: FuzzedCall,
  { status, text, code }: Met,
  where: string,
): void {
  const fits = operation.fits(status);
  if (fits === undefined && kind !== "valid" && REFUSED_FOR_FORM.includes(code)) return;
  assert.ok(fits !== undefined, `undocumented status: ${where}`);
  if (fits === "no content") assert.equal(text, "", where);
  else assert.ok(fits(JSON.parse(text)), `${where} ${JSON.stringify(fits.errors?.slice(0, 3))}`);
}

async function tryOnce(operation: HttpOperation, call: FuzzedCall): Promise<void> {
  let met = await send(operation, call);
  if (met.code === "UNAUTHENTICATED" && call.role !== "anonymous") {
    // An earlier call ended the session, as it may.
    await world.renew(call.role);
    met = await send(operation, call);
  }
  judge(operation, call, met);
  if (call.kind !== "valid" || refusalOf(operation, call) !== undefined) return;
  const { method } = operation;
  seen.set(method, (seen.get(method) ?? new Set()).add(met.code));
}

describe("fuzz over HTTP", () => {
  it("answers every generated call as documented", async (t) => {
    assert.ok(operations.length > 60, "there are operations to try");
    for (const operation of operations) {
      await t.test(`${operation.verb} ${operation.path}`, async () => {
        const property = fc.asyncProperty(callsOf(operation), (call) => tryOnce(operation, call));
        await fc.assert(property, FUZZ);
        assert.equal((await fetch(`${world.url}/health`)).status, 200);
      });
    }
  });

  it("takes or refuses, but never fails at, texts that databases do not take", async () => {
    let calls = 0;
    const failures: string[] = [];
    for (const operation of operations) {
      if (operation.body === undefined) continue;
      const role = rolesFor(operation).at(-1) ?? "anonymous";
      for (const parts of valuesWithBadText(operation.whole, world.known)) {
        const call = { role, kind: "near", parts: partsOf(operation, parts) } as const;
        await tryOnce(operation, call).catch(({ message }) => failures.push(message));
        calls += 1;
      }
    }
    assert.deepEqual(failures, []);
    assert.ok(calls > 100, `only ${calls} calls were made`);
  });

  it("is logged without a failure, a secret or a part of a body", () => {
    assert.ok(world.log.length > 100, "there is a log");
    assertCleanLog(world.log);
  });

  it("reached every handler, and had an answer from every one that reads", () => {
    for (const { method, writes } of operations) {
      const codes = [...(seen.get(method) ?? [])];
      assert.ok(codes.length > 0, `${method} was never called in a valid way`);
      const answers = codes.includes("OK") || writes || SECRETIVE.has(method);
      assert.ok(answers, `${method} ended with ${codes} only`);
    }
  });
});
