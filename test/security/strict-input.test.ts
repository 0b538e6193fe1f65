import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { WebSocket } from "ws";
import { prepareSample } from "../conformance/prepare-sample.ts";
import { SAMPLES } from "../conformance/samples.ts";
import { createWorld, type World } from "../conformance/world.ts";
import { startTestApp, type TestApp } from "../support/app.ts";
import { must } from "../support/auth-harness.ts";
import { send } from "../support/http-client.ts";
import { waitFor } from "../support/wait-for.ts";

/**
 * Input of every operation, over every transport, with more in it than the operation takes, or
 * written so that two parsers could read it differently (OWASP ASVS 1.5.3, 15.3.3 and 15.3.6).
 */

/** Members that a careless server would take over into what it keeps. */
const EXTRA: readonly string[] = [
  '"operator":true',
  '"id":"01890000-0000-7000-8000-000000000000"',
  '"accountId":"01890000-0000-7000-8000-000000000000"',
  '"emailConfirmed":true',
  '"priceMinor":0',
  '"actor":{"kind":"person","operator":true}',
  '"toString":1',
  '"hasOwnProperty":1',
  '"":1',
];

/** Texts of JSON that this server does not take for JSON. */
const AMBIGUOUS: Readonly<Record<string, (json: string) => string>> = {
  "a key twice": (json) => `{"zz":1,"zz":2${rest(json)}`,
  "a key twice, once escaped": (json) => `{"zz":1,"\\u007az":2${rest(json)}`,
  "a key twice, deep inside": (json) => `{"zz":[{"a":{"b":1,"b":1}}]${rest(json)}`,
  "a byte order mark": (json) => `\ufeff${json}`,
  "a number beyond 2^53": (json) => `{"zz":9007199254740993${rest(json)}`,
  "a number beyond everything": (json) => `{"zz":1e400${rest(json)}`,
  "the prototype's name": (json) => `{"__proto__":{"operator":true}${rest(json)}`,
  "the prototype's name, escaped": (json) => `{"\\u005f_proto__":{"operator":true}${rest(json)}`,
  "constructor.prototype": (json) => `{"constructor":{"prototype":{"operator":1}}${rest(json)}`,
  "deep nesting": (json) => `{"zz":${"[".repeat(40)}${"]".repeat(40)}${rest(json)}`,
  "a comment": (json) => `/* */${json}`,
  "a trailing comma": (json) => `${json.slice(0, -1)},}`,
  "single quotes": (json) => `{'zz':1${rest(json)}`,
  NaN: (json) => `{"zz":NaN${rest(json)}`,
  "two values": (json) => `${json}${json}`,
};

/** The members of an object's text, after one that was put in front. */
function rest(json: string): string {
  return json === "{}" ? "}" : `,${json.slice(1)}`;
}

/** Tells a hang from an answer, on a busy machine too. */
const PATIENCE_MS = 30_000;

describe("input", () => {
  let running: TestApp;
  let world: World;
  let socket: WebSocket;
  const frames: string[] = [];
  /** An input of each operation, as text. */
  const inputs = new Map<string, string>();
  before(async () => {
    running = await startTestApp();
    world = await createWorld(running.app);
    for (const [name, sample] of Object.entries(SAMPLES)) {
      await prepareSample(running, world, sample);
      inputs.set(name, JSON.stringify(sample.input(world)));
    }
    socket = new WebSocket(`${running.url.replace("http", "ws")}/socket`, {
      headers: { authorization: `Bearer ${world.tokens.operator}` },
    });
    socket.on("message", (bytes) => frames.push(String(bytes)));
    await waitFor(() => socket.readyState === WebSocket.OPEN, {
      what: "the socket is open",
      timeoutMs: PATIENCE_MS,
    });
  });
  after(async () => {
    socket?.terminate();
    await running?.[Symbol.asyncDispose]();
  });

  const overApi = async (name: string, body: string) => {
    const answer = await send(`${running.url}/api/${name}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${world.tokens.operator}`,
      },
      body,
    });
    return (answer.json() as { code: string }).code;
  };
  let asked = 0;
  const overSocket = async (name: string, data: string) => {
    asked += 1;
    const eid = `strict-${asked}`;
    const before = frames.length;
    socket.send(`{"type":"${name}","eid":"${eid}","ts":0,"data":${data}}`);
    await waitFor(() => frames.length > before, {
      what: `an answer to ${name}`,
      timeoutMs: PATIENCE_MS,
    });
    return (JSON.parse(must(frames[before])) as { error: string }).error;
  };

  test("with a member more is refused by every operation, over /api and the socket", async () => {
    const { methods } = running.app.registry;
    for (const [name, json] of inputs) {
      for (const [at, extra] of EXTRA.entries()) {
        const key = must(/^"(.*?)":/.exec(extra)?.[1]);
        // Some operations do take a member of that name.
        if (takes(running, name, key)) continue;
        const body = `{${extra}${rest(json)}`;
        if (methods.has(name)) assert.equal(await overApi(name, body), "INVALID_INPUT", name);
        // One form over the socket as well, which has a limit of frames to its second.
        if (at !== 0) continue;
        assert.equal(await overSocket(name, body), "INVALID_INPUT", `${name} over the socket`);
      }
    }
  });

  for (const [what, write] of Object.entries(AMBIGUOUS)) {
    test(`with ${what} is refused over /api, REST and the socket`, async () => {
      const { methods } = running.app.registry;
      for (const [name, json] of inputs) {
        if (methods.has(name)) assert.equal(await overApi(name, write(json)), "MALFORMED", name);
      }
      const answer = await send(`${running.url}/auth/me`, {
        method: "PATCH",
        headers: {
          "content-type": "application/json",
          authorization: `Bearer ${world.tokens.ada}`,
        },
        body: write('{"description":"ambiguous"}'),
      });
      assert.equal((answer.json() as { code: string }).code, "MALFORMED", "REST");
      const written = write('{"description":"ambiguous"}');
      if (written.startsWith("\ufeff") || what === "two values") return;
      assert.equal(await overSocket("auth.updateProfile", written), "MALFORMED", "the socket");
    });
  }

  test("leaves the prototype of everything as it was", () => {
    assert.equal(({} as Record<string, unknown>)["operator"], undefined);
  });
});

function takes({ app }: TestApp, name: string, key: string): boolean {
  const { methods, subscriptions } = app.registry;
  const { input } = must(methods.get(name) ?? subscriptions.get(name));
  return key in (input as { shape: object }).shape && Object.hasOwn(input.shape, key);
}
