import assert from "node:assert/strict";
import { describe, test } from "node:test";
import ts from "typescript";
import { projectFiles } from "../tidy/tree.ts";

/**
 * No regular expression of the server takes more than linear time (OWASP ASVS 1.3.12). Each is run
 * against long texts made to send a backtracking matcher astray: what it looks for, again and
 * again, and then something that spoils the match.
 */

/**
 * Up to the longest text that any of them could get, the headers of a request; in steps, so that
 * what takes exponential time shows it before it takes for ever.
 */
const CHARS = [16, 20, 22, 24, 26, 28, 512, 4_096, 16_384];
/** Time of this process alone, so that a busy machine changes nothing. Linear ones take few ms. */
const CPU_MS_MAX = 150;
const SPOILERS = ["", "\u0000", "\n!"];

interface Found {
  readonly where: string;
  readonly regex: RegExp;
}

function regexesIn(path: string, text: string): Found[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: Found[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      const [, pattern = "", flags = ""] = /^\/(.*)\/([a-z]*)$/s.exec(node.text) ?? [];
      found.push({ where: `${path}:${line + 1} ${node.text}`, regex: new RegExp(pattern, flags) });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** What the expression speaks of, as parts to repeat: its letters, and one of each class. */
function partsOf({ source }: RegExp): string[] {
  const plain = source.replace(/\\[a-zA-Z](\{[^}]*\})?/g, "").replace(/[\\^$.*+?()[\]{}|]/g, " ");
  const words = plain.split(/\s+/).filter((word) => word.length > 1 && word.length < 12);
  const letters = [...new Set(plain.replace(/\s/g, ""))].slice(0, 7);
  const parts = new Set([...letters, ...words.slice(0, 3), "a", "0", " "]);
  return [...parts];
}

/** The text on which it takes longest, of those that are tried. */
function slowest(regex: RegExp): { cpuMs: number; text: string } {
  let worst = { cpuMs: 0, text: "" };
  const parts = partsOf(regex);
  const pumps = parts.flatMap((one) => [one, ...parts.map((two) => one + two)]);
  for (const chars of CHARS) {
    for (const pump of pumps) {
      for (const spoiler of SPOILERS) {
        const text = pump.repeat(Math.ceil(chars / pump.length)) + spoiler;
        const before = process.cpuUsage();
        regex.lastIndex = 0;
        regex.test(text);
        const cpuMs = process.cpuUsage(before).user / 1_000;
        if (cpuMs > worst.cpuMs) worst = { cpuMs, text: `${chars}: ${pump}…${spoiler}` };
        if (worst.cpuMs > CPU_MS_MAX) return worst;
      }
    }
  }
  return worst;
}

describe("the regular expressions of the server", () => {
  const files = projectFiles().filter(
    ({ path }) => /^(src|client)\/.*\.ts$/.test(path) && !path.endsWith(".test.ts"),
  );
  const all = files.flatMap(({ path, text }) => regexesIn(path, text));

  test("are found", () => {
    assert.ok(all.length > 40, `${all.length} were found`);
    assert.equal(regexesIn("a.ts", "const a = /x/g; // /y/\nb.match(/\\/z/);").length, 2);
  });

  test("take linear time, whatever they are given", () => {
    const slow = all.flatMap(({ where, regex }) => {
      const { cpuMs, text } = slowest(regex);
      return cpuMs > CPU_MS_MAX ? [`${where}: ${cpuMs} ms for ${JSON.stringify(text)}`] : [];
    });
    assert.deepEqual(slow, []);
  });

  test("that do not are noticed", () => {
    for (const bad of [/^(a+)+$/, /\s+$/]) {
      assert.ok(slowest(bad).cpuMs > CPU_MS_MAX / 4, String(bad));
    }
  });
});
