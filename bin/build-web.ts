/**
 * Builds the web app into `dist/web` unless what is there was built from the present sources.
 * `npm start` runs it first. An installation without dev packages has no builder and serves what
 * was built for it.
 */
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** All that decides what comes out. The lock file stands for the packages. */
const INPUTS = ["web/**", "client/**", "src/modules/*/types.ts", "src/core/*.ts"];
const LOCK = "package-lock.json";
const BUILT = "dist/web/index.html";
/** Holds the fingerprint of the inputs of the build. */
const STAMP = "dist/web.inputs";

process.chdir(ROOT);

function fingerprint(): string {
  const hash = createHash("sha256");
  const files = globSync(INPUTS, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".test.ts"))
    .map((entry) => `${entry.parentPath}/${entry.name}`);
  for (const file of [...files.sort(), LOCK]) {
    hash.update(`${file}\n`).update(createHash("sha256").update(readFileSync(file)).digest());
  }
  return hash.digest("hex");
}

/** The builder, or undefined in an installation without dev packages. */
async function findBuilder() {
  try {
    return await import("vite");
  } catch {
    return undefined;
  }
}

const inputs = fingerprint();
const upToDate = existsSync(BUILT) && existsSync(STAMP) && readFileSync(STAMP, "utf8") === inputs;
if (!upToDate) {
  const builder = await findBuilder();
  if (builder !== undefined) {
    console.log("Building the web app …");
    await builder.build({ root: "web", logLevel: "warn" });
    writeFileSync(STAMP, inputs);
  } else if (!existsSync(BUILT)) {
    console.error("The web app is not built, and its builder is missing: run `npm ci` once.");
    process.exitCode = 1;
  }
}
