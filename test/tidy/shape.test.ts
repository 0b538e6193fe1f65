import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SYNTAX_CHECKS } from "./syntax-checks.ts";
import { TEXT_CHECKS } from "./text-checks.ts";
import { describeFinding, projectFiles } from "./tree.ts";

const files = projectFiles();

describe("the shape of the code", () => {
  test("there are files to look at", () => {
    for (const folder of ["src/", "client/", "web/", "test/", "docs/"]) {
      assert.ok(
        files.some(({ path }) => path.startsWith(folder)),
        `${folder} is empty`,
      );
    }
  });

  for (const check of [...TEXT_CHECKS, ...SYNTAX_CHECKS]) {
    test(check.name, () => {
      for (const example of check.bad) {
        assert.ok(check.applies(example.path), `it passes over ${example.path}`);
        assert.notDeepEqual(check.find(example), [], `it accepts ${JSON.stringify(example.text)}`);
      }
      for (const example of check.good) {
        const found = check.applies(example.path) ? check.find(example) : [];
        assert.deepEqual(found, [], `it refuses ${JSON.stringify(example.text)}`);
      }
      const findings = files.filter(({ path }) => check.applies(path)).flatMap(check.find);
      assert.deepEqual(findings.map(describeFinding), []);
    });
  }
});
