import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import ts from "typescript";

const ENTRY = "bin/stoa.mjs";

/** Runs the command as if by another version of Node. */
function runAs(version: string, ...args: readonly string[]) {
  const pretend = `Object.defineProperty(process.versions, "node", { value: "${version}" });`;
  const preload = `data:text/javascript,${encodeURIComponent(pretend)}`;
  return spawnSync(process.execPath, ["--import", preload, ENTRY, ...args], { encoding: "utf8" });
}

describe("the command", () => {
  test("tells an older Node what to do, in one sentence and no stack", () => {
    for (const version of ["12.22.12", "20.20.2", "24.11.1"]) {
      const { status, stderr, stdout } = runAs(version, "--help");
      assert.equal(status, 1, version);
      assert.equal(stdout, "");
      assert.match(stderr, /^Stoa needs Node 24\.12 or newer, and this is \S+\. .*npm start.*\n$/);
    }
  });

  test("starts on this Node and on later ones", () => {
    for (const version of [process.versions.node, "24.12.0", "25.0.0", "30.1.0"]) {
      const { status, stdout } = runAs(version, "--help");
      assert.equal(status, 0, version);
      assert.match(stdout, /^Usage: stoa/);
    }
  });

  test("is read by Node 12: it has no syntax that came later than import()", () => {
    const text = readFileSync(ENTRY, "utf8");
    const write = (target: ts.ScriptTarget) =>
      ts.transpileModule(text, {
        fileName: pathToFileURL(ENTRY).href,
        compilerOptions: { target, module: ts.ModuleKind.ESNext },
      }).outputText;
    assert.equal(write(ts.ScriptTarget.ES2019), write(ts.ScriptTarget.ESNext));
    assert.doesNotMatch(text, /^\s*await\b|\bimport\.meta\b/m);
  });
});
