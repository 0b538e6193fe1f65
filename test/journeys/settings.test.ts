import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { spawnStoa, startServerProcess } from "../support/server-process.ts";

test("production asks for its keys, says how to make them, and starts with what that makes", async (t) => {
  const dataFolder = await mkdtemp(join(tmpdir(), "stoa-settings-"));
  t.after(() => rm(dataFolder, { recursive: true, force: true }));
  const env = { NODE_ENV: "production", PUBLIC_URL: "https://stoa.example" };
  await using refused = spawnStoa({ dataFolder, env });
  assert.equal(await refused.exited, 2);
  for (const name of ["SECRET_KEY_BASE", "VAULT_KEY"]) {
    assert.ok(
      refused.output().includes(`${name}: is needed in production; \`stoa secrets\` makes one`),
      refused.output(),
    );
  }

  await using printer = spawnStoa({ dataFolder, args: ["secrets"] });
  assert.equal(await printer.exited, 0);
  const printed = Object.fromEntries(
    printer
      .output()
      .trim()
      .split("\n")
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
  assert.ok(Buffer.from(printed["SECRET_KEY_BASE"] ?? "", "base64").length >= 64);
  assert.equal(Buffer.from(printed["VAULT_KEY"] ?? "", "base64").length, 32);
  await using server = await startServerProcess({ dataFolder, env: { ...env, ...printed } });
  assert.equal((await fetch(`${server.url}/health`)).status, 200);
  assert.equal(await server.stop(), 0);
});
