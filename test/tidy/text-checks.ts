import { basename } from "node:path";
import { type Check, findLines, isSource, isTest } from "./tree.ts";

/** Checks that read text. This file is exempt from them: it must name what it forbids. */

const LINES_MAX = 400;
const COLUMNS_MAX = 100;
const MARKDOWN_COLUMNS_MAX = 120;
const PROSE = /\.md$/;
const MEASURED = /\.(ts|tsx|mjs|css|sql|md|ya?ml|sh|conf|service)$|Dockerfile$|^\.ci\//;
/** What nobody can break, the formatter included. */
const UNBREAKABLE = [
  // A row of a table in prose, an address, the outline of a picture.
  /^\s*\||https?:\/\/|["`]M[\d$]/,
  // The title of a test.
  /^\s*(test|it|describe)\(["`]/,
  // A literal alone: text, or a regular expression.
  /^\s*[?:]? ?("[^"]*"|`[^`]*`|\/[^*].*\/\w*)[,;]?$/,
];
const OPERATION = /^src\/modules\/[^/]+\/(methods|subscriptions)\/[^/]+\.ts$/;
/** Files whose names others prescribe. */
const GIVEN_NAMES =
  /^[A-Z]+(\.md)?$|^Dockerfile|^\d{8}T\d{4}_[a-z0-9_]+\.sql$|^\d{3}-[a-z0-9-]+\.md$/;
const KEBAB = /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/;
const VAGUE = /^(utils?|helpers?|common|misc|stuff|shared)(\.|$)/;

function applies(path: string): boolean {
  return path !== "test/tidy/text-checks.ts" && path !== "package-lock.json";
}

function lineCheck(
  name: string,
  pattern: RegExp,
  problem: string,
  examples: { readonly bad: readonly string[]; readonly good?: readonly string[] },
  where: (path: string) => boolean = () => true,
  path = "src/core/example.ts",
): Check {
  return {
    name,
    applies: (candidate) => applies(candidate) && where(candidate),
    find: (file) => findLines(file, pattern, () => problem),
    bad: examples.bad.map((text) => ({ path, text })),
    good: (examples.good ?? []).map((text) => ({ path, text })),
  };
}

export const TEXT_CHECKS: readonly Check[] = [
  {
    name: `files have at most ${LINES_MAX} lines`,
    applies: (path) => applies(path) && (isSource(path) || /\.(css|sql)$/.test(path)),
    find({ path, text }) {
      const lines = text.trimEnd().split("\n").length;
      return lines > LINES_MAX ? [{ path, line: lines, problem: `has ${lines} lines` }] : [];
    },
    bad: [{ path: "src/a.ts", text: "let a;\n".repeat(LINES_MAX + 1) }],
    good: [{ path: "src/a.ts", text: "let a;\n".repeat(LINES_MAX) }],
  },
  {
    name: `lines have at most ${COLUMNS_MAX} columns, ${MARKDOWN_COLUMNS_MAX} in prose`,
    applies: (path) => applies(path) && MEASURED.test(path),
    find(file) {
      const columnsMax = PROSE.test(file.path) ? MARKDOWN_COLUMNS_MAX : COLUMNS_MAX;
      return findLines(file, new RegExp(`^.{${columnsMax + 1},}$`, "u"), (line) => line).flatMap(
        (finding) => {
          const { problem: line } = finding;
          if (UNBREAKABLE.some((pattern) => pattern.test(line))) return [];
          return [{ ...finding, problem: `has ${[...line].length} columns` }];
        },
      );
    },
    bad: [
      { path: "src/a.ts", text: `// ${"x".repeat(COLUMNS_MAX)}` },
      { path: "docs/a.md", text: "x ".repeat(MARKDOWN_COLUMNS_MAX) },
    ],
    good: [
      { path: "src/a.ts", text: "x".repeat(COLUMNS_MAX) },
      { path: "docs/a.md", text: `[x](https://example.org/${"x".repeat(MARKDOWN_COLUMNS_MAX)})` },
      { path: "docs/a.md", text: `| ${"x".repeat(MARKDOWN_COLUMNS_MAX)} |` },
    ],
  },
  lineCheck(
    "nothing is left to do later",
    /\b(TODO|FIXME|XXX|HACK)\b/,
    "says that something is unfinished: finish it, or open an issue",
    { bad: ["// TODO: more", "// FIXME"], good: ["const todos = 1;"] },
  ),
  lineCheck(
    "no check is switched off",
    /@ts-(ignore|nocheck)|biome-ignore|eslint-disable|prettier-ignore|(c8|v8|istanbul) ignore/,
    "switches a check off",
    { bad: ["// @ts-ignore", "// biome-ignore lint: x", "/* c8 ignore next */"] },
  ),
  lineCheck(
    "errors of types are expected in tests only",
    /@ts-expect-error/,
    "silences the type checker",
    { bad: ["// @ts-expect-error"] },
    (path) => !isTest(path),
  ),
  lineCheck(
    "no path of one machine, no host of a registry",
    /(?<![\w.-])\/(work|root|tmp|Users)\/|registry\.(npmjs|yarnpkg)/,
    "names a place that is on one machine",
    {
      bad: ['open("/tmp/x")', "see /work/main/a.ts", "https://registry.npmjs.org/x"],
      good: ['join(tmpdir(), "x")', "homework/main", "https://example.org/network/tmp"],
    },
  ),
  lineCheck(
    "errors are declared where the list of them is made from",
    /\bdefineError\(/,
    "declares an error outside of errors.ts",
    { bad: ["const a = defineError({"] },
    (path) => path.startsWith("src/") && !isTest(path) && !/\/errors(\.ts$|\/)/.test(path),
  ),
  lineCheck(
    "no line ends with white space",
    /[ \t\r]+$/,
    "ends with white space",
    { bad: ["let a; ", "let a;\r\n"], good: ["let a;\n"] },
    (path) => !path.endsWith(".svg"),
  ),
  {
    name: "file names are kebab-case and say something",
    applies,
    find({ path }) {
      const name = basename(path);
      const finding = (problem: string) => [{ path, line: 1, problem }];
      if (path.split("/").some((part) => VAGUE.test(part)))
        return finding("has a name for anything");
      if (OPERATION.test(path) || GIVEN_NAMES.test(name) || KEBAB.test(name)) return [];
      return finding("is not named in kebab-case");
    },
    bad: [
      { path: "src/core/seatMap.ts", text: "" },
      { path: "src/core/utils.ts", text: "" },
      { path: "test/helpers/clock.ts", text: "" },
    ],
    good: [
      { path: "src/core/unit-of-work.test.ts", text: "" },
      { path: "src/modules/cinema/methods/bestAvailable.ts", text: "" },
      { path: "README.md", text: "" },
      { path: ".env.example", text: "" },
    ],
  },
];
