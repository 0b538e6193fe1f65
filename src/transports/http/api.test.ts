import assert from "node:assert/strict";
import { test } from "node:test";
import { startHttp } from "../../../test/support/http-harness.ts";
import { tryModule } from "../../../test/support/try-module.ts";

test("a method is called with POST /api/<name>", async () => {
  await using http = await startHttp({ modules: [tryModule] });
  const response = await fetch(`${http.url}/api/try.echo`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ id: 7, note: "ключ" }),
  });
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), { id: 7, note: "ключ" });
  console.log(response.headers);
});
