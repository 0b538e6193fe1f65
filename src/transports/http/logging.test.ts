import assert from "node:assert/strict";
import { test } from "node:test";
import { post, send } from "../../../test/support/http-client.ts";
import { startHttp } from "../../../test/support/http-harness.ts";
import { tryModule } from "../../../test/support/try-module.ts";
import { waitFor } from "../../../test/support/wait-for.ts";
import { createLog, type LogLevel } from "../../adapters/log/pino.ts";

interface Line {
  readonly level: number;
  readonly requestId?: string;
  readonly [field: string]: unknown;
}

/** A server whose log can be read. */
async function startLogged(level: LogLevel, accessLog = false) {
  const lines: Line[] = [];
  const log = createLog({ level, write: (line) => void lines.push(JSON.parse(line) as Line) });
  const config = { accessLog };
  const http = await startHttp({
    modules: [tryModule],
    log,
    config,
    register: ({ fastify }) => {
      fastify.get("/broken", () => {
        throw new Error("a route of the server itself is broken");
      });
    },
  });
  return { http, lines };
}

test("what succeeds is not logged, at info and above", async () => {
  const { http, lines } = await startLogged("info");
  await using _ = http;
  await post(`${http.url}/api/try.echo`, { id: 1 });
  await send(`${http.url}/health`);
  assert.deepEqual(lines, []);
});

test("a failed request is one line, under the id that the client gets", async () => {
  const { http, lines } = await startLogged("warn");
  await using _ = http;
  const answer = await post(
    `${http.url}/api/try.echo?canary-query`,
    { id: "canary-body" },
    CANARIES,
  );
  assert.equal(lines.length, 1);
  const { requestId, method, route, status, code, address } = lines[0] as Line;
  assert.deepEqual(
    { requestId, method, route, status, code, address },
    {
      requestId: answer.headers["x-request-id"],
      method: "POST",
      route: "/api/try.echo",
      status: 400,
      code: "INVALID_INPUT",
      address: "127.0.0.1",
    },
  );
  for (const path of ["/canary-path", "/%zz-canary-path"]) await send(http.url + path);
  await post(`${http.url}/api/try.echo`, {}, { authorization: "Basic canary-basic" });
  assert.equal(lines.length, 4);
  assert.ok(!JSON.stringify(lines).includes("canary"));
});

const CANARIES = {
  authorization: "Bearer canary-bearer",
  cookie: "stoa=canary-cookie",
  "idempotency-key": "canary-key",
  "user-agent": "canary-agent",
};

test("what the server itself does wrong is logged with its cause, and answered without", async () => {
  const { http, lines } = await startLogged("warn");
  await using _ = http;
  const answer = await send(`${http.url}/broken`);
  assert.equal(answer.status, 500);
  assert.ok(!answer.text.includes("broken"));
  assert.equal(lines.length, 1);
  assert.match(JSON.stringify(lines[0]?.["err"]), /is broken/);
});

test("refusals under load are counted and not logged", async () => {
  const { http, lines } = await startLogged("debug");
  await using _ = http;
  for (const kind of ["too_many", "unavailable"]) {
    await post(`${http.url}/api/try.fail`, { kind });
  }
  assert.deepEqual(lines, []);
});

test("the access log is for debugging, and knows no queries", async () => {
  const { http, lines } = await startLogged("debug", true);
  await using _ = http;
  await send(`${http.url}/health?token=canary`);
  await waitFor(() => lines.length > 0, { what: "the line is written" });
  const { requestId, durationMs, ...line } = lines[0] as Line & { durationMs: number };
  assert.match(requestId ?? "", /^[0-9a-f-]{36}$/);
  assert.ok(durationMs >= 0);
  assert.equal(line["route"], "/health");
  assert.equal(line["status"], 200);
  assert.ok(!JSON.stringify(lines).includes("canary"));
});
