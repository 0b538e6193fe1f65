/**
 * Runs the tests: `npm test`, or `npm test -- <folders or files>` for some of them.
 *
 * All files share this process, so that they share one embedded database as well. A run fails when
 * a test fails, and also where `node --test` is content: no test at all, a file without one, an
 * `after` hook that throws, a test that never ends, something left open.
 */
import { globSync, statSync } from "node:fs";
import { relative, resolve } from "node:path";
import { finished } from "node:stream/promises";
import { run } from "node:test";
import { spec } from "node:test/reporters";

/** Everything but `test/browser`, which needs a browser and has a command of its own. */
const SUITE = [
  "src",
  "client",
  "web",
  "test/tidy",
  "test/support",
  "test/conformance",
  "test/journeys",
  "test/races",
  "test/faults",
  "test/simulator",
  "test/security",
];
/** When no test begins or ends for so long, the run is stuck. */
const SILENCE_MS_MAX = 120_000;

function testFiles(places: readonly string[]): string[] {
  const files = places.flatMap((place) => {
    if (statSync(place, { throwIfNoEntry: false })?.isFile()) return [place];
    return globSync(`${place}/**/*.test.ts`, { exclude: ["**/node_modules/**"] }).sort();
  });
  return files.map((file) => resolve(file));
}

function fail(sentence: string): void {
  console.error(`✖ ${sentence}`);
  process.exitCode = 1;
}

/** Runs the files and reports to the standard output. */
async function runFiles(files: readonly string[]): Promise<void> {
  const running = new Set<string>();
  const empty: string[] = [];
  const events = run({ files: [...files], isolation: "none" });
  const watchdog = setTimeout(() => {
    const unfinished = [...running].map((name) => `"${name}"`).join(", ");
    const open = process.getActiveResourcesInfo().join(", ");
    fail(
      running.size > 0
        ? `Nothing happened for ${SILENCE_MS_MAX} ms while this ran: ${unfinished}.`
        : `All tests have ended, and something keeps the process alive: ${open}.`,
    );
    process.exit();
  }, SILENCE_MS_MAX).unref();

  events.on("test:dequeue", ({ name }) => {
    running.add(name);
    watchdog.refresh();
  });
  events.on("test:complete", ({ name }) => {
    running.delete(name);
    watchdog.refresh();
  });
  // A file that holds no test counts as one passed test with the file's name.
  events.on("test:pass", ({ name }) => {
    if (files.includes(name)) empty.push(name);
  });
  events.on("test:fail", () => {
    process.exitCode = 1;
  });
  const report = events.compose(spec);
  report.pipe(process.stdout);
  await finished(report);
  for (const file of empty) fail(`${relative(".", file)} holds no test.`);
}

const given = process.argv.slice(2);
const places = given.length > 0 ? given : SUITE;
const files = testFiles(places);
if (files.length > 0) await runFiles(files);
else fail(`There is no test in ${places.join(", ")}.`);
