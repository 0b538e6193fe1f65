import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { z } from "zod";

/** All that production installs, whatever brings it in; platform variants count once each. */
const PRODUCTION_PACKAGES_MAX = 120;
const LICENSES =
  /^(MIT|MIT-0|ISC|0BSD|BSD-[23]-Clause|Apache-2\.0|BlueOak-1\.0\.0|Unlicense|CC0-1\.0)$/;

const Versions = z.record(z.string(), z.string());
const manifest = z
  .looseObject({
    dependencies: Versions,
    devDependencies: Versions,
    optionalDependencies: Versions,
    license: z.string(),
    private: z.literal(true),
    type: z.literal("module"),
  })
  .parse(JSON.parse(readFileSync("package.json", "utf8")));
const lockText = readFileSync("package-lock.json", "utf8");
const lock = z
  .looseObject({
    packages: z.record(
      z.string(),
      z.looseObject({
        version: z.string().optional(),
        integrity: z.string().optional(),
        license: z.string().optional(),
        hasInstallScript: z.boolean().optional(),
        dev: z.boolean().optional(),
        devOptional: z.boolean().optional(),
      }),
    ),
  })
  .parse(JSON.parse(lockText));

const installed = Object.entries(lock.packages).filter(([path]) => path !== "");
const production = installed.filter(([, { dev, devOptional }]) => !dev && !devOptional);
const decisions = readdirSync("docs/decisions")
  .sort()
  .map((name) => ({ name, text: readFileSync(`docs/decisions/${name}`, "utf8") }));

describe("the packages", () => {
  test("versions are exact", () => {
    const { dependencies, devDependencies, optionalDependencies } = manifest;
    const all = { ...dependencies, ...devDependencies, ...optionalDependencies };
    for (const [name, version] of Object.entries(all)) {
      assert.match(version, /^(npm:[@\w/.-]+@)?\d+\.\d+\.\d+$/, name);
    }
  });

  test("the lock file says what, by its hash, and not from where", () => {
    assert.ok(!lockText.includes('"resolved"'));
    assert.deepEqual(
      installed.filter(([, entry]) => entry.integrity === undefined),
      [],
    );
  });

  test(`production installs at most ${PRODUCTION_PACKAGES_MAX} packages of free licence`, () => {
    assert.ok(production.length > 0);
    assert.ok(production.length <= PRODUCTION_PACKAGES_MAX, `it installs ${production.length}`);
    for (const [path, { license = "unknown" }] of production) assert.match(license, LICENSES, path);
  });

  test("every direct dependency has its reason in docs/decisions", () => {
    const texts = decisions.map(({ text }) => text).join("\n");
    const names = [
      ...Object.keys(manifest.dependencies),
      ...Object.keys(manifest.devDependencies),
      ...Object.keys(manifest.optionalDependencies),
    ];
    assert.deepEqual(
      names.filter((name) => !texts.includes(`\`${name}\``)),
      [],
    );
  });

  test("decisions are numbered, each number once, and begin with their title", () => {
    const numbers = decisions.map(({ name }) => /^(\d{3})-[a-z0-9-]+\.md$/.exec(name)?.[1]);
    assert.equal(new Set(numbers).size, decisions.length, decisions.map(({ name }) => name).join());
    for (const { name, text } of decisions) assert.match(text, /^# .+\n/, name);
  });
});
