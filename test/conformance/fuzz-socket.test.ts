import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { brokenText, CANARY, nearValue, validValue } from "../support/schema-arbitrary.ts";
import { type SocketDocument, type SocketOperation, socketDocument } from "./documented.ts";
import { FuzzLine, type ServerFrame } from "./fuzz-line.ts";
import { FUZZ, type FuzzRole, type FuzzWorld, startFuzzWorld } from "./fuzz-world.ts";
import { assertCleanLog, assertNoLeak } from "./leaks.ts";

/** Frames made from what the server says about its socket; see `fuzz-http.test.ts`. */

interface FuzzedFrame {
  readonly role: FuzzRole;
  /** A frame of the documented form, nearly one, or a text that is no frame. */
  readonly kind: "valid" | "near" | "broken";
  readonly frame: unknown;
}

const REFUSED_FOR_FORM = ["INVALID_INPUT", "MALFORMED", "METHOD_NOT_FOUND", "TOO_LARGE"];
const ROLES: readonly FuzzRole[] = ["anonymous", "person", "operator"];
const SESSION_ENDED = 3001;

let world: FuzzWorld;
let document: SocketDocument;
const lines = new Map<FuzzRole, FuzzLine>();
/** Watches what the others do. */
let watcher: FuzzLine;
/** The codes that valid frames of each operation ended with. */
const seen = new Map<string, Set<string>>();
let eids = 0;
/** Subscriptions, and what they are of. */
const watched = ({ known, watcher: { walletId } }: FuzzWorld) => ({
  "cinema.watch": { screeningId: known["screeningId"]?.[0] },
  "cinema.subscribe": { cinemaId: known["cinemaId"]?.[0] },
  "wallet.subscribe": { walletId },
});
const isPush = ({ type }: ServerFrame) => document.pushes.has(type ?? "");

before(async () => {
  world = await startFuzzWorld();
  document = await socketDocument(world.url);
  watcher = new FuzzLine(world.url, world.watcher.token, isPush);
  for (const [type, data] of Object.entries(watched(world))) {
    const answer = await watcher.ask(JSON.stringify({ type, data, eid: type, ts: 1 }), true);
    assert.ok(typeof answer === "object" && answer.error === undefined, JSON.stringify(answer));
  }
});
after(async () => {
  watcher?.close();
  for (const line of lines.values()) line.close();
  await world?.[Symbol.asyncDispose]();
});

async function lineOf(role: FuzzRole): Promise<FuzzLine> {
  const known = lines.get(role);
  if (known !== undefined) return known;
  const line = new FuzzLine(world.url, await world.tokenOf(role), isPush);
  lines.set(role, line);
  return line;
}

async function renew(role: FuzzRole): Promise<void> {
  lines.get(role)?.close();
  lines.delete(role);
  await world.renew(role);
}

function framesOf({ name, request }: SocketOperation): fc.Arbitrary<FuzzedFrame> {
  const role = fc.constantFrom(...ROLES.slice(0, name.startsWith("auth.") ? 2 : 3));
  const { known } = world;
  const made = (kind: FuzzedFrame["kind"], frame: fc.Arbitrary<unknown>) =>
    fc.record({ role, kind: fc.constant(kind), frame });
  return fc.oneof(
    made("valid", validValue(request, known)),
    made("near", nearValue(request, known)),
    made("broken", brokenText(request, known)),
  );
}

/** A frame's text. Subscriptions that are open have their eids; each frame gets one of its own. */
function textOf({ kind, frame }: FuzzedFrame): string {
  if (kind === "broken") return String(frame);
  if (kind === "near") return JSON.stringify(frame);
  eids += 1;
  return JSON.stringify({ ...(frame as object), eid: `fuzz-${eids}` });
}

/** Whether the documentation allows the frame; null stands for what is not there. */
function isDocumented(operation: SocketOperation, { kind, frame }: FuzzedFrame): boolean {
  if (kind === "broken") return false;
  if (typeof frame !== "object" || frame === null) return operation.takes(frame);
  const fields = Object.entries(frame).filter(([, value]) => value !== null);
  return operation.takes(Object.fromEntries(fields));
}

interface Exchange {
  readonly sent: FuzzedFrame;
  readonly text: string;
  readonly answer: ServerFrame;
}

const REFUSED_FOR_ROLE: Readonly<Record<string, string>> = {
  anonymous: "UNAUTHENTICATED",
  person: "FORBIDDEN",
};

function judge(operation: SocketOperation, { sent, text, answer }: Exchange): void {
  const where = `${text.slice(0, 400)} → ${JSON.stringify(answer).slice(0, 600)}`;
  const { error } = answer;
  if (error === undefined) {
    assert.ok(operation.answerFits(answer), where);
  } else if (answer.type === operation.name) {
    assert.ok(operation.errorFits(answer), where);
  } else {
    assert.ok(REFUSED_FOR_FORM.includes(error), where);
  }
  assert.ok(error !== "INTERNAL" && error !== "TIMEOUT", where);
  if (error !== undefined) assertNoLeak(JSON.stringify(answer.data), where);
  // Whose budget is used up is not heard.
  if (error === "TOO_MANY") return;
  // Whoever may not is told so before the input is read.
  if (error !== undefined && error === REFUSED_FOR_ROLE[sent.role]) return;
  const isRefused = error !== undefined && REFUSED_FOR_FORM.includes(error);
  if (sent.kind === "valid") assert.ok(!isRefused, `refused: ${where}`);
  else if (!isDocumented(operation, sent)) {
    assert.ok(isRefused, `not refused: ${where}`);
    assert.ok(!JSON.stringify(answer.data).includes(`"${CANARY}"`), `echoed: ${where}`);
  }
}

async function tryOnce(operation: SocketOperation, sent: FuzzedFrame): Promise<void> {
  const { role, kind } = sent;
  const text = textOf(sent);
  let answer = await (await lineOf(role)).ask(text);
  const hasEnded = answer === SESSION_ENDED || isUnauthenticated(answer);
  if (hasEnded && role !== "anonymous") {
    // An earlier frame ended the session, as it may.
    await renew(role);
    answer = await (await lineOf(role)).ask(text);
  }
  assert.ok(typeof answer === "object", `${text.slice(0, 400)} closed the socket with ${answer}`);
  judge(operation, { sent, text, answer });
  await endSubscription(operation, role, answer);
  if (kind !== "valid") return;
  const codes = seen.get(operation.name) ?? new Set();
  if (role !== "anonymous") seen.set(operation.name, codes.add(answer.error ?? "OK"));
}

function isUnauthenticated(answer: ServerFrame | number): boolean {
  return typeof answer === "object" && answer.error === "UNAUTHENTICATED";
}

/** What a subscribe opened is ended, so that the socket has room for the next. */
async function endSubscription({ name }: SocketOperation, role: FuzzRole, answer: ServerFrame) {
  if (answer.error !== undefined || answer.data["offset"] === undefined) return;
  const type = name.replace(/\.(\w+)$/, ".un$1");
  const frame = JSON.stringify({ type, data: {}, eid: answer.eid, ts: 1 });
  const ended = await (await lineOf(role)).ask(frame, true);
  assert.ok(typeof ended === "object" && ended.error === undefined, JSON.stringify(ended));
  seen.set(type, (seen.get(type) ?? new Set()).add("OK"));
}

describe("fuzz over the socket", () => {
  it("answers every generated frame as documented", async (t) => {
    assert.ok(document.operations.length > 40, "there are operations to try");
    for (const operation of document.operations) {
      await t.test(operation.name, async () => {
        const property = fc.asyncProperty(framesOf(operation), (sent) => tryOnce(operation, sent));
        await fc.assert(property, FUZZ);
        assert.equal((await fetch(`${world.url}/health`)).status, 200);
      });
    }
  });

  it("pushed what happened to those who watched, as documented", () => {
    const types = new Set(watcher.pushes.map(({ type }) => type));
    for (const type of ["cinema.seats", "cinema.counts", "wallet.transaction"]) {
      assert.ok(types.has(type), `${type} is none of ${[...types]}`);
    }
    for (const push of [...watcher.pushes, ...[...lines.values()].flatMap((line) => line.pushes)]) {
      const fits = document.pushes.get(push.type ?? "");
      assert.ok(fits?.(push), `${JSON.stringify(push)} ${JSON.stringify(fits?.errors)}`);
    }
  });

  it("is logged without a failure, a secret or a part of a body", () => {
    assert.ok(world.log.length > 100, "there is a log");
    assertCleanLog(world.log);
  });

  it("reached every handler", () => {
    for (const { name } of document.operations) {
      assert.ok((seen.get(name)?.size ?? 0) > 0, `${name} was never called in a valid way`);
    }
  });
});
