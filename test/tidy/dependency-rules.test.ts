import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { ENTRIES, MODULE_EDGES, PACKAGES } from "../../.dependency-cruiser.mjs";
import {
  cruiseTree,
  describeViolation,
  IMPORT_RULES,
  type ImportViolation,
  missedFiles,
} from "./imports.ts";

/** A file's import lines, by path. */
type Tree = Record<string, readonly string[]>;

const packageNames = [...new Set(Object.values(PACKAGES).flat())];
const STRANGER = "left-pad";
const DEV_PACKAGE = "vite";
const worker = "src/adapters/db/pglite/worker.ts";

/** A small tree that keeps every rule and has one file of every sort. */
const CLEAN: Tree = {
  "src/main.ts": ["./cli/serve.ts"],
  "src/cli/serve.ts": ["../app.ts"],
  "src/app.ts": [
    "./config/env.ts",
    "./modules.ts",
    "./adapters/db/postgres.ts",
    "./adapters/log/pino.ts",
    "./transports/http/server.ts",
    "./transports/socket/server.ts",
    "./core/registry.ts",
  ],
  "src/modules.ts": ["./modules/auth/index.ts", "./modules/cinema/index.ts"],
  "src/config/env.ts": ["zod", "node:fs", "../core/clock.ts"],
  "src/core/clock.ts": [],
  "src/core/schema.ts": ["zod"],
  "src/core/errors.ts": ["zod"],
  "src/core/method.ts": ["./schema.ts", "./errors.ts", "node:crypto", "./database.ts"],
  "src/core/database.ts": ["type kysely"],
  "src/core/registry.ts": ["./method.ts", "./dispatch.ts"],
  "src/core/dispatch.ts": ["./method.ts"],
  "src/adapters/db/postgres.ts": ["pg", "kysely", "../../core/clock.ts"],
  [worker]: ["@electric-sql/pglite"],
  "src/adapters/log/pino.ts": ["pino"],
  "src/transports/http/server.ts": ["fastify", "../../core/registry.ts"],
  "src/transports/socket/server.ts": ["../websocket/server.ts", "../../core/registry.ts"],
  "src/transports/websocket/server.ts": ["ws"],
  "src/modules/auth/index.ts": ["./methods/login.ts"],
  "src/modules/auth/store.ts": ["kysely"],
  "src/modules/auth/types.ts": ["zod", "../../core/schema.ts"],
  "src/modules/auth/methods/login.ts": ["../../../core/method.ts", "../types.ts", "../store.ts"],
  "src/modules/cinema/index.ts": ["./methods/hold.ts", "./methods/book.ts", "../auth/index.ts"],
  "src/modules/cinema/types.ts": ["zod", "../../core/schema.ts", "../auth/types.ts"],
  "src/modules/cinema/errors.ts": ["../../core/errors.ts"],
  "src/modules/cinema/rules.ts": ["./types.ts", "./errors.ts"],
  "src/modules/cinema/store.ts": ["kysely", "../../core/database.ts"],
  "src/modules/cinema/methods/hold.ts": ["../store.ts", "../rules.ts", "../../auth/index.ts"],
  "src/modules/cinema/methods/book.ts": ["../store.ts", "zod"],
  "client/client.ts": ["zod", "../src/modules/cinema/types.ts", "../src/core/schema.ts"],
  "web/main.ts": ["preact", "../client/client.ts", "../src/modules/auth/types.ts"],
};

/** A rule, and a file that breaks it with an import; `type ` stands before an `import type`. */
type Violation = readonly [rule: string, file: string, specifier: string];

const VIOLATIONS: readonly Violation[] = [
  ["core-is-the-floor", "src/core/planted-floor.ts", "../config/env.ts"],
  ["core-is-the-floor", "src/core/planted-floor-type.ts", "type ../config/env.ts"],
  ["adapters-know-core", "src/adapters/db/planted.ts", "../log/pino.ts"],
  ["config-knows-core", "src/config/planted.ts", "../adapters/log/pino.ts"],
  ["modules-know-core", "src/modules/cinema/planted-know.ts", "../../adapters/log/pino.ts"],
  ["modules-do-not-dispatch", "src/modules/cinema/planted.ts", "../../core/dispatch.ts"],
  ["operations-stand-alone", "src/modules/cinema/methods/planted.ts", "./hold.ts"],
  ["operations-stand-alone", "src/modules/cinema/methods/planted-face.ts", "../index.ts"],
  ["operations-stand-alone", "src/modules/cinema/subscriptions/planted.ts", "../methods/hold.ts"],
  ["operations-stand-alone", "src/modules/cinema/methods/planted-store.ts", "../../auth/store.ts"],
  ["types-are-leaves", "src/modules/cinema/types.ts", "./errors.ts"],
  ["rules-are-pure", "src/modules/cinema/rules.ts", "./store.ts"],
  ["rules-are-pure", "src/modules/cinema/rules/planted.ts", "../../../core/clock.ts"],
  ["transports-know-core", "src/transports/http/planted.ts", "../socket/server.ts"],
  ["transports-know-core", "src/transports/http/planted-face.ts", "../../modules/auth/index.ts"],
  ["client-knows-types", "client/planted.ts", "../src/core/registry.ts"],
  ["client-knows-types", "client/planted-rules.ts", "../src/modules/cinema/rules.ts"],
  ["web-knows-client", "web/planted.ts", "../src/core/schema.ts"],
  ["modules-list-knows-faces", "src/modules.ts", "./modules/cinema/store.ts"],
  ["main-starts-a-command", "src/main.ts", "./app.ts"],
  ["app-is-the-top", "src/transports/http/planted-app.ts", "../../app.ts"],
  ["commands-are-the-top", "src/core/planted-command.ts", "../cli/serve.ts"],
  ["module-edges-cinema", "src/modules/cinema/planted-store.ts", "../auth/store.ts"],
  ["module-edges-unlisted", "src/modules/planted/index.ts", "../cinema/types.ts"],
  ["packages-unlisted", "src/planted/index.ts", "zod"],
  ["types-build-on-zod", "src/modules/cinema/types.ts", "kysely"],
  ["rules-without-packages", "src/modules/cinema/rules.ts", "zod"],
  ["query-builder-in-stores", "src/modules/cinema/methods/planted-sql.ts", "kysely"],
  ["query-builder-in-stores", "src/modules/cinema/methods/planted-sql-type.ts", "type kysely"],
  ["database-port-runs-nothing", "src/core/database.ts", "kysely"],
  ["no-dev-package", "src/core/planted-dev.ts", DEV_PACKAGE],
  ["no-unlisted-package", "src/core/planted-package.ts", STRANGER],
  ["modules-without-io", "src/modules/cinema/planted-io.ts", "node:fs"],
  ["pure-without-builtins", "src/modules/cinema/rules.ts", "node:crypto"],
  ["pure-without-builtins", "src/modules/cinema/types.ts", "node:crypto"],
  ["browsers-without-builtins", "client/planted-builtin.ts", "node:crypto"],
  ["browsers-without-builtins", "src/core/schema.ts", "node:crypto"],
  ["no-test-in-product", "src/core/planted-test.ts", "./ids.test.ts"],
  ["no-cycle", "src/core/clock.ts", "./schema.ts"],
  ["no-unresolved", "src/core/planted-nowhere.ts", "./nowhere.ts"],
  ["no-orphan", "src/core/planted-orphan.ts", ""],
  ["reachable", "src/core/planted-unreachable.ts", "./clock.ts"],
  ...Object.keys(MODULE_EDGES).map(
    (module): Violation => [
      `module-edges-${module}`,
      `src/modules/${module}/planted-edge.ts`,
      "../planted/index.ts",
    ],
  ),
  ...Object.keys(PACKAGES).map(
    (folder): Violation => [
      `packages-${folder.replaceAll("/", "-")}`,
      `${folder}/planted-stranger.ts`,
      STRANGER,
    ],
  ),
];

function write(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function sourceOf(specifiers: readonly string[]): string {
  const lines = specifiers
    .filter((specifier) => specifier !== "")
    .map((specifier, index) =>
      specifier.startsWith("type ")
        ? `import type { X${index} } from "${specifier.slice("type ".length)}";`
        : `import { x as x${index} } from "${specifier}"; console.log(x${index});`,
    );
  return `${lines.join("\n")}\nexport const x = 1;\n`;
}

function plant(tree: Tree): string {
  const root = mkdtempSync(join(tmpdir(), "stoa-imports-"));
  const dependencies = Object.fromEntries(packageNames.map((name) => [name, "1.0.0"]));
  const devDependencies = { [DEV_PACKAGE]: "1.0.0" };
  write(root, "package.json", JSON.stringify({ type: "module", dependencies, devDependencies }));
  for (const name of [...packageNames, STRANGER, DEV_PACKAGE]) {
    const manifest = { name, version: "1.0.0", type: "module", exports: "./index.js" };
    write(root, `node_modules/${name}/package.json`, JSON.stringify(manifest));
    write(root, `node_modules/${name}/index.js`, "export const x = 1;\n");
  }
  for (const [path, specifiers] of Object.entries(tree)) write(root, path, sourceOf(specifiers));
  return root;
}

/** The clean tree with every violation in it. */
function withViolations(): Tree {
  const tree: Record<string, string[]> = {};
  for (const [path, specifiers] of Object.entries(CLEAN)) tree[path] = [...specifiers];
  for (const [, path, specifier] of VIOLATIONS) {
    tree[path] = [...(tree[path] ?? []), specifier];
  }
  return {
    ...tree,
    "src/core/ids.test.ts": ["../adapters/log/pino.ts"],
    // Closes the circle that the plant in clock.ts begins.
    "src/core/schema.ts": [...(tree["src/core/schema.ts"] ?? []), "./clock.ts"],
  };
}

/** Whether a report is of what was planted: this file, this import, or the file itself. */
function isPlanted({ from, to }: ImportViolation, file: string, specifier: string): boolean {
  if (from !== file) return false;
  const target = specifier.replace("type ", "").replace("node:", "");
  if (to === file || to === target) return true;
  return target.startsWith(".")
    ? to === join(dirname(file), target)
    : target !== "" && to.includes(`node_modules/${target}`);
}

function usesPackage(folder: string, name: string, from: string, to: string): boolean {
  return from.startsWith(`${folder}/`) && to.includes(`node_modules/${name}/`);
}

describe("who may import whom", () => {
  const roots: string[] = [];
  let found: readonly ImportViolation[] = [];
  before(async () => {
    const root = plant(withViolations());
    roots.push(root);
    found = (await cruiseTree(root)).violations;
  });
  after(() => {
    for (const root of roots) rmSync(root, { recursive: true });
  });

  test("every rule has a planted violation, every violation a rule", () => {
    const planted = new Set(VIOLATIONS.map(([rule]) => rule));
    assert.deepEqual([...planted].sort(), [...IMPORT_RULES.keys()].sort());
  });

  for (const [rule, file, specifier] of VIOLATIONS) {
    test(`${rule} reports ${file}${specifier === "" ? "" : ` importing ${specifier}`}`, () => {
      const reports = found.filter((violation) => violation.rule === rule);
      assert.ok(
        reports.some((violation) => isPlanted(violation, file, specifier)),
        `it reported ${JSON.stringify(reports)}`,
      );
    });
  }

  test("a tree that keeps the rules is left alone", async () => {
    const root = plant(CLEAN);
    roots.push(root);
    const { files, violations } = await cruiseTree(root);
    assert.deepEqual(violations, []);
    assert.deepEqual([...files].sort(), Object.keys(CLEAN).sort());
  });

  test("no folder is allowed a package that it does not use", async () => {
    const { imports } = await cruiseTree(".");
    const idle = Object.entries(PACKAGES).flatMap(([folder, names]) =>
      names
        .filter((name) => !imports.some(({ from, to }) => usesPackage(folder, name, from, to)))
        .map((name) => `${folder}: ${name}`),
    );
    assert.deepEqual(idle, []);
  });

  test("this tree keeps the rules, and every file that git lists was looked at", async () => {
    const { files, violations } = await cruiseTree(".");
    assert.deepEqual(violations.map(describeViolation), []);
    assert.deepEqual(missedFiles(".", files), []);
    assert.ok(missedFiles(".", files.slice(1)).length === 1, "a missed file is noticed");
    for (const entry of ENTRIES) assert.ok(files.some((file) => new RegExp(entry).test(file)));
  });
});
