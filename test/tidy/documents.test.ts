import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { ENV_NAMES } from "../../src/config/env.ts";
import { CLOSE_CODES } from "../../src/transports/websocket/close-codes.ts";
import { ERRORS_PAGE, errorsPage } from "./errors-page.ts";
import { LIMITS_PAGE, limitsOf, limitsPage } from "./limits-page.ts";
import { projectFiles } from "./tree.ts";

const documents = projectFiles().filter(({ path }) => path.endsWith(".md"));

/** The addresses of a document's links and pictures, code left out. */
function linksOf(text: string): string[] {
  const prose = text.replace(/```[\s\S]*?```/g, "").replace(/`[^`\n]*`/g, "");
  const inline = prose.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g);
  const pictures = prose.matchAll(/<(?:img|source|a)\b[^>]*?\b(?:src|srcset|href)="([^"]+)"/g);
  return [...inline, ...pictures].flatMap(([, address]) => address ?? []);
}

/** The anchors a document offers, by the rules of GitHub. */
function anchorsOf(text: string): Set<string> {
  const headings = text.replace(/```[\s\S]*?```/g, "").matchAll(/^#{1,6}\s+(.+)$/gm);
  return new Set(
    [...headings].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .trim()
        .replaceAll(/\s/g, "-"),
    ),
  );
}

/** What is wrong with a link, or undefined. */
function brokenLink(from: string, address: string): string | undefined {
  if (/^(https?|mailto):/.test(address)) return undefined;
  const [file = "", anchor] = address.split("#");
  const target = file === "" ? from : join(dirname(from), decodeURIComponent(file));
  if (!existsSync(target)) return `${from}: there is no ${address}`;
  if (anchor === undefined || !target.endsWith(".md")) return undefined;
  const found = anchorsOf(readFileSync(target, "utf8")).has(anchor);
  return found ? undefined : `${from}: ${target} has no heading #${anchor}`;
}

interface SecurityRow {
  readonly requirement: string;
  readonly tests: readonly { readonly path: string; readonly names: readonly string[] }[];
}

/** The rows of the table of tests: four cells, the last with links, and names behind each. */
function securityRows(text: string): SecurityRow[] {
  return text.split("\n").flatMap((line) => {
    const cells = line.split(" | ");
    const isRow = line.startsWith("| ") && cells.length === 4 && !/^\| (---|Req)/.test(line);
    if (!isRow) return [];
    const links = [...(cells[3] ?? "").matchAll(/\]\(([^)]+)\)([^[]*)/g)];
    const tests = links.map(([, path = "", rest = ""]) => ({
      path,
      names: [...rest.matchAll(/"([^"]+)"/g)].map(([, name = ""]) => name),
    }));
    return [{ requirement: (cells[0] ?? "").slice(2), tests }];
  });
}

/** Whether the code has a test, a suite or a check whose title has these words. */
function isTestNamed(code: string, words: string): boolean {
  const titles = code.matchAll(
    /\b(?:test|it|describe|onEachEngine|onPostgres|syntaxCheck)\(\s*(["`'])((?:(?!\1).)*)\1/g,
  );
  return [...titles].some(([, , title = ""]) => title.includes(words));
}

describe("the documents", () => {
  test("those a visitor looks for are there", () => {
    const names = [
      "README.md",
      "ARCHITECTURE.md",
      "CONTRIBUTING.md",
      "CHANGELOG.md",
      "SECURITY.md",
    ];
    for (const name of [...names, "LICENSE", "docs/glossary.md"]) assert.ok(existsSync(name), name);
    assert.match(
      readFileSync("LICENSE", "utf8"),
      /^MIT License\n\nCopyright \(c\) \d{4} Stoa contributors/,
    );
  });

  test("the README's test command is what .ci/run begins with", () => {
    const command = "npm ci && npm test";
    assert.ok(readFileSync("README.md", "utf8").includes(command));
    const phases = readFileSync(".ci/run", "utf8")
      .split("\n")
      .filter((line) => /^phase /.test(line));
    assert.ok(phases[0]?.includes(command), phases[0]);
  });

  test("links between them lead somewhere", () => {
    const links = documents.flatMap(({ path, text }) =>
      linksOf(text).map((address) => ({ path, address })),
    );
    assert.ok(links.length > 0);
    assert.deepEqual(
      links.flatMap(({ path, address }) => brokenLink(path, address) ?? []),
      [],
    );
  });

  test("a broken link is noticed", () => {
    const text = "[a](gone.md) ![b](<also gone.png>) <img src='x' src=\"gone.png\"> [c](#nowhere)";
    assert.deepEqual(linksOf(text), ["gone.md", "#nowhere", "gone.png"]);
    assert.deepEqual(linksOf("`[a](gone.md)`\n```\n[b](gone.md)\n```"), []);
    assert.ok(brokenLink("LICENSE", "gone.md"));
    assert.ok(brokenLink("CONTRIBUTING.md", "#nowhere"));
    assert.equal(brokenLink("docs/glossary.md", "../LICENSE"), undefined);
    assert.deepEqual(
      anchorsOf("## Where *things* go, and `why`\n"),
      new Set(["where-things-go-and-why"]),
    );
  });

  test(`${ERRORS_PAGE} says what the definitions say`, async () => {
    const page = readFileSync(ERRORS_PAGE, "utf8");
    assert.equal(page, await errorsPage(), "`npm run docs:errors` writes it anew");
  });

  test(`${LIMITS_PAGE} says what the constants say`, () => {
    const page = readFileSync(LIMITS_PAGE, "utf8");
    assert.equal(page, limitsPage(), "`npm run docs:limits` writes it anew");
    assert.ok(page.split("\n").length > 100);
  });

  test("a limit is read with its comment, and what is none is not", () => {
    const text = [
      "/** How many fit\n * in one. */\nexport const ITEMS_MAX = 5 * 2;",
      "/** No bound. */\nconst NAME = 1;",
      "const BARE_MAX = 1;",
    ].join("\n");
    const [limit, ...others] = limitsOf({ path: "src/core/limits.ts", text });
    assert.deepEqual(
      [limit?.name, limit?.value, limit?.meaning, others.length],
      ["ITEMS_MAX", "5 * 2", "How many fit in one.", 0],
    );
  });

  test("SECURITY.md names tests that are there", () => {
    const rows = securityRows(readFileSync("SECURITY.md", "utf8"));
    assert.ok(rows.length > 60, `it has ${rows.length} rows`);
    const missing = rows.flatMap(({ requirement, tests }) => {
      if (tests.length === 0) return [`${requirement} names no test`];
      return tests.flatMap(({ path, names }) => {
        const code = existsSync(path) ? readFileSync(path, "utf8") : "";
        if (names.length === 0) return [`${requirement}: ${path} by no name`];
        return names.filter((name) => !isTestNamed(code, name)).map((name) => `${path}: ${name}`);
      });
    });
    assert.deepEqual(missing, []);
  });

  test("a test that SECURITY.md names and that is gone is noticed", () => {
    const row =
      '| 1.2.3 | 1 | x | [a.test.ts](src/a.test.ts): "is held", "too"; [b](b.ts): "c" |\n';
    assert.deepEqual(securityRows(row), [
      {
        requirement: "1.2.3",
        tests: [
          { path: "src/a.test.ts", names: ["is held", "too"] },
          { path: "b.ts", names: ["c"] },
        ],
      },
    ]);
    const code = 'test("what is held by it", f); // test of nothing else\nassert("is gone");';
    assert.equal(isTestNamed(code, "is held"), true);
    assert.equal(isTestNamed(code, "is gone"), false);
    assert.equal(isTestNamed(code, "nothing else"), false);
  });

  test("docs/protocol/socket.md lists every close code", () => {
    const page = readFileSync("docs/protocol/socket.md", "utf8");
    for (const { code, name } of CLOSE_CODES) assert.match(page, new RegExp(`\\b${code}\\b`), name);
  });

  test(".env.example has every variable of the schema and no other", () => {
    const lines = readFileSync(".env.example", "utf8").split("\n");
    const names = lines.flatMap((line) => /^#? ?([A-Z][A-Z0-9_]*)=/.exec(line)?.[1] ?? []);
    const settable = ENV_NAMES.filter((name) => !name.endsWith("_FILE"));
    assert.deepEqual(names.sort(), [...settable].sort());
  });
});
