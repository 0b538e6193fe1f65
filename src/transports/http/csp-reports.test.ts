import assert from "node:assert/strict";
import { test } from "node:test";
import { send } from "../../../test/support/http-client.ts";
import { startHttp } from "../../../test/support/http-harness.ts";
import { tryModule } from "../../../test/support/try-module.ts";
import { createLog } from "../../adapters/log/pino.ts";

const report = (fields: object) => ({
  method: "POST",
  headers: { "content-type": "application/csp-report" },
  body: JSON.stringify({ "csp-report": fields }),
});

test("a report becomes one short line in the log", async () => {
  const lines: string[] = [];
  const log = createLog({ level: "warn", write: (line) => lines.push(line) });
  await using http = await startHttp({ modules: [tryModule], log });
  const answer = await send(
    `${http.url}/csp-reports`,
    report({
      "effective-directive": "script-src-elem",
      "blocked-uri": `https://evil.example/${"x".repeat(5_000)}`,
      "document-uri": "https://stoa.example/app/reset?token=canary#canary",
      "script-sample": "canary",
    }),
  );
  assert.equal(answer.status, 204);
  assert.equal(lines.length, 1);
  const line = JSON.parse(lines[0] ?? "") as Record<string, string>;
  assert.equal(line["directive"], "script-src-elem");
  assert.equal(line["blocked"]?.length, 200);
  assert.equal(line["document"], "https://stoa.example/app/reset");
  assert.ok(!lines[0]?.includes("canary"));
});

test("what is no report is refused, and too many are not written down", async () => {
  await using http = await startHttp({ modules: [tryModule] });
  const url = `${http.url}/csp-reports`;
  const csp = { "content-type": "application/csp-report" };
  for (const body of ["", "{", "null", "[]", '{"csp-report":1}', '{"csp-report":null}']) {
    assert.equal((await send(url, { method: "POST", headers: csp, body })).status, 400, body);
  }
  const large = report({ "blocked-uri": "x".repeat(10_000) });
  assert.equal((await send(url, large)).status, 413);
  const statuses = new Set<number>();
  for (let sent = 0; sent < 25; sent += 1) statuses.add((await send(url, report({}))).status);
  assert.deepEqual([...statuses], [204, 429]);
});

test("no other path takes the content type", async () => {
  await using http = await startHttp({ modules: [tryModule] });
  assert.equal((await send(`${http.url}/api/try.echo`, report({}))).status, 415);
});
