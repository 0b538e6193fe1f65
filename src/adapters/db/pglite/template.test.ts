import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { createLog } from "../../log/pino.ts";
import { systemClock } from "../../system/clock.ts";
import { layOutDatabase } from "./template.ts";

const parts = { clock: systemClock, log: createLog({ level: "silent" }) };

async function newFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "stoa-template-"));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

test("a template is made once, whoever makes it first, and copied from then on", async (t) => {
  const folder = await newFolder(t);
  const templates = path.join(folder, "templates");
  const old = path.join(templates, "pglite-of-long-ago");
  await mkdir(old, { recursive: true });
  await utimes(old, new Date(0), new Date(0));
  await chmod(templates, 0o700);
  // Others may write to this one, so what is in it cannot be trusted, and it is left alone.
  const shared = path.join(folder, "shared");
  await mkdir(shared);
  await chmod(shared, 0o777);
  const layOut = (name: string) =>
    layOutDatabase(path.join(folder, name), { ...parts, templateFolders: [shared, templates] });

  await Promise.all([layOut("one"), layOut("two")]);
  const [template, ...others] = await readdir(templates);
  assert.match(template ?? "", /^pglite-[0-9a-f]{16}$/);
  assert.deepEqual(others, []);
  assert.deepEqual(await readdir(shared), []);

  await writeFile(path.join(templates, template ?? "", "copied"), "");
  // What a process left that ended in the middle.
  await mkdir(path.join(folder, "three.making", "pg_wal"), { recursive: true });
  await layOut("three");
  assert.ok((await readdir(path.join(folder, "three"))).includes("copied"));
  for (const name of ["one", "two", "three"]) {
    assert.ok((await readdir(path.join(folder, name))).includes("PG_VERSION"));
  }
  assert.deepEqual((await readdir(folder)).sort(), ["one", "shared", "templates", "three", "two"]);
});
