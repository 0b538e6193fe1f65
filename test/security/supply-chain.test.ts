import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { promisify } from "node:util";

/** The inventory of all that is installed (OWASP ASVS 15.1.2), as npm makes it, offline. */

interface Inventory {
  readonly bomFormat: string;
  readonly components: readonly {
    readonly name: string;
    readonly version: string;
    readonly purl: string;
    readonly hashes?: readonly object[];
  }[];
}

const COMMAND = ["sbom", "--sbom-format=cyclonedx", "--package-lock-only", "--offline"];

async function inventory(): Promise<Inventory> {
  const { stdout } = await promisify(execFile)("npm", COMMAND, { maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(stdout) as Inventory;
}

interface Locked {
  readonly version: string;
}

describe("the inventory of packages", () => {
  test("lists every package that is installed, and no other", async () => {
    const { bomFormat, components } = await inventory();
    assert.equal(bomFormat, "CycloneDX");
    const lock = JSON.parse(readFileSync("package-lock.json", "utf8")) as {
      packages: Record<string, Locked>;
    };
    const installed = Object.entries(lock.packages)
      .filter(([path]) => path !== "")
      // Under the name by which it is imported, also where that is an alias.
      .map(([path, { version }]) => `${path.split("node_modules/").at(-1)}@${version}`);
    const listed = components.map(({ name, version }) => `${name}@${version}`);
    assert.ok(listed.length > 50);
    assert.deepEqual([...new Set(listed)].sort(), [...new Set(installed)].sort());
    for (const { purl, hashes } of components) {
      assert.match(purl, /^pkg:npm\//);
      assert.ok(hashes?.length, `${purl} is named by its hash`);
    }
  });
});
