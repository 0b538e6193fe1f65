import assert from "node:assert/strict";
import { globSync, readdirSync } from "node:fs";
import { basename } from "node:path";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { describeModules } from "../../src/app.ts";
import { MODULE_NAMES } from "../../src/modules.ts";

/** A file of a method or a subscription, as the tree has it. */
interface OperationFile {
  readonly path: string;
  readonly module: string;
  readonly sort: string;
  readonly name: string;
}

const files: OperationFile[] = globSync("src/modules/*/{methods,subscriptions}/*.ts")
  .filter((path) => !path.endsWith(".test.ts"))
  .sort()
  .map((path) => {
    const [, , module = "", sort = ""] = path.split("/");
    return { path, module, sort, name: basename(path, ".ts") };
  });

function filed(sort: string): string[] {
  return files.filter((file) => file.sort === sort).map(({ module, name }) => `${module}.${name}`);
}

describe("methods and subscriptions", () => {
  const registry = describeModules();

  test("every module of the tree is registered, and has its five lines of README", () => {
    const folders = readdirSync("src/modules").sort();
    assert.deepEqual([...MODULE_NAMES].sort(), folders);
    assert.deepEqual(globSync("src/modules/*/README.md").length, folders.length);
  });

  test("every file is registered under its name, and everything registered has its file", () => {
    assert.ok(files.length > 0, "there is no operation");
    assert.deepEqual([...registry.methods.keys()].sort(), filed("methods").sort());
    assert.deepEqual([...registry.subscriptions.keys()].sort(), filed("subscriptions").sort());
  });

  for (const { path, module, name } of files) {
    test(`${path} exports ${name}, which is ${module}.${name}`, async () => {
      const exported: Record<string, unknown> = await import(pathToFileURL(path).href);
      assert.ok(name in exported, `it exports ${Object.keys(exported).join(", ")}`);
      const operation = exported[name];
      if (typeof operation === "object" && operation !== null && "name" in operation) {
        assert.equal(operation.name, `${module}.${name}`);
      }
    });
  }
});
