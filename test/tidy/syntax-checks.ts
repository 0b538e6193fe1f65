import ts from "typescript";
import { type Check, type Finding, isPure, isSource, isTest, type ProjectFile } from "./tree.ts";

/** Checks that read the syntax tree. TypeScript 6 parses: TypeScript 7 offers no parser. */

const FUNCTION_LINES_MAX = 70;

const parsed = new WeakMap<ProjectFile, ts.SourceFile>();

function parse(file: ProjectFile): ts.SourceFile {
  const known = parsed.get(file);
  if (known !== undefined) return known;
  const kind = file.path.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const source = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true, kind);
  parsed.set(file, source);
  return source;
}

type Judge = (node: ts.Node, source: ts.SourceFile) => string | undefined;

/** Asks about every node of the file; an answer is a finding. */
function judgeNodes(file: ProjectFile, judge: Judge): Finding[] {
  const source = parse(file);
  const findings: Finding[] = [];
  const visit = (node: ts.Node): void => {
    const problem = judge(node, source);
    if (problem !== undefined) {
      findings.push({ path: file.path, line: lineOf(source, node.getStart()), problem });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return findings;
}

function lineOf(source: ts.SourceFile, position: number): number {
  return source.getLineAndCharacterOfPosition(position).line + 1;
}

function syntaxCheck(
  name: string,
  judge: Judge,
  examples: { readonly bad: readonly string[]; readonly good: readonly string[] },
  where: (path: string) => boolean = () => true,
  path = "src/core/example.ts",
): Check {
  const exampleFile = (text: string): ProjectFile => ({ path, text });
  return {
    name,
    applies: (candidate) => isSource(candidate) && where(candidate),
    find: (file) => judgeNodes(file, judge),
    bad: examples.bad.map(exampleFile),
    good: examples.good.map(exampleFile),
  };
}

/** The lines of a function without those of the functions and the markup inside it. */
function ownLines(node: ts.Node, source: ts.SourceFile): number {
  const linesOf = (part: ts.Node) =>
    lineOf(source, part.getEnd()) - lineOf(source, part.getStart()) + 1;
  let lines = linesOf(node);
  const subtractInner = (child: ts.Node): void => {
    const apart = ts.isFunctionLike(child) || ts.isJsxElement(child) || ts.isJsxFragment(child);
    if (apart) lines -= linesOf(child) - 1;
    else ts.forEachChild(child, subtractInner);
  };
  ts.forEachChild(node, subtractInner);
  return lines;
}

const BANNED_MEMBERS = new Set([
  "Date.now",
  "Math.random",
  "AbortSignal.timeout",
  "process.hrtime",
  "performance.now",
  "performance.timeOrigin",
]);
const BANNED_GLOBALS = new Set(["setTimeout", "setInterval", "setImmediate", "fetch"]);
const BANNED_IMPORTS: Readonly<Record<string, RegExp>> = {
  "node:timers": /./,
  "node:timers/promises": /./,
  "node:perf_hooks": /^performance$/,
  "node:crypto": /^(random|getRandomValues|webcrypto|generateKey)/,
};

/** What would make a run depend on more than its ports: the machine's time, chance and network. */
const reachesPastPorts: Judge = (node) => {
  if (ts.isPropertyAccessExpression(node)) {
    const member = node.getText().replace("globalThis.", "");
    const random = /^(\w+\.)?(webcrypto|crypto)\.(random\w+|getRandomValues)$/;
    if (BANNED_MEMBERS.has(member) || random.test(member)) return `reads ${member} past the ports`;
  }
  if (ts.isNewExpression(node) && node.expression.getText() === "Date" && !node.arguments?.length) {
    return "reads the time past the ports";
  }
  if (ts.isCallExpression(node)) {
    const callee = node.expression.getText().replace("globalThis.", "");
    if (BANNED_GLOBALS.has(callee) || callee === "Date") return `calls ${callee} past the ports`;
  }
  if (ts.isImportSpecifier(node)) {
    const from = node.parent.parent.parent.moduleSpecifier;
    const banned = ts.isStringLiteral(from) ? BANNED_IMPORTS[from.text] : undefined;
    const name = (node.propertyName ?? node.name).text;
    if (banned?.test(name)) return `imports ${name} past the ports`;
  }
  return undefined;
};

const SQL_STATEMENTS = [
  "select\\b.+\\bfrom\\b",
  "insert\\s+into",
  "update\\s+\\S+\\s+set",
  "delete\\s+from",
  "(create|alter|drop)\\s+(table|index|schema|database)",
  "truncate\\s",
  "where\\s+\\w+\\s*(=|<|>|in\\b)",
];
const SQL = new RegExp(`\\b(${SQL_STATEMENTS.join("|")})`, "is");

function isSqlText(node: ts.Expression): boolean {
  return ts.isStringLiteralLike(node) && SQL.test(node.text);
}

/** SQL whose text depends on values. In the `sql` template values are parameters. */
const buildsSql: Judge = (node) => {
  if (ts.isTemplateExpression(node) && !ts.isTaggedTemplateExpression(node.parent)) {
    const spans = node.templateSpans.map((span) => span.literal.text);
    if (SQL.test([node.head.text, ...spans].join("x"))) return "puts values into the text of SQL";
  }
  if (
    ts.isBinaryExpression(node) &&
    node.operatorToken.kind === ts.SyntaxKind.PlusToken &&
    (isSqlText(node.left) || isSqlText(node.right)) &&
    !(ts.isStringLiteralLike(node.left) && ts.isStringLiteralLike(node.right))
  ) {
    return "puts values into the text of SQL";
  }
  // `lit` writes a value into the text as well; `id` and `table` only quote names.
  if (ts.isPropertyAccessExpression(node) && /^sql\s*\.\s*(raw|lit)$/.test(node.getText())) {
    return "puts unchecked text into SQL";
  }
  return undefined;
};

const SECRET_NAME = /(hash|digest|secret|token|signature|mac|otp|password|cookie)$/i;

/**
 * A comparison that ends at the first difference tells by its time how much of a secret was right.
 * Secrets are looked up by their hash, or held against each other by `timingSafeEqual`.
 */
const comparesSecrets: Judge = (node) => {
  if (!ts.isBinaryExpression(node)) return undefined;
  if (!/^[!=]==?$/.test(node.operatorToken.getText())) return undefined;
  const sides = [node.left, node.right];
  const isConstant = (side: ts.Expression) =>
    ts.isLiteralExpression(side) || /^(null|undefined|typeof .*|[A-Z0-9_]+)$/.test(side.getText());
  if (sides.some(isConstant)) return undefined;
  const secret = sides.find((side) => SECRET_NAME.test(side.getText()));
  // Two readings of one field: neither comes from outside.
  const fields = sides.map((side) => /\.(\w+)$/.exec(side.getText())?.[1]);
  if (fields[0] !== undefined && fields[0] === fields[1]) return undefined;
  return secret === undefined ? undefined : `compares ${secret.getText()} in varying time`;
};

/** Tests that do not run, or run alone. `skip` takes the reason, which the report then shows. */
const isNotRun: Judge = (node) => {
  if (ts.isPropertyAccessExpression(node)) {
    const called = /^(test|it|describe|suite)\.(only|todo|skip)$/.exec(node.getText());
    if (called !== null) return `says ${called[0]}`;
  }
  if (!ts.isPropertyAssignment(node)) return undefined;
  const option = /^(only|skip|todo)$/.exec(node.name.getText());
  const on = node.initializer.kind === ts.SyntaxKind.TrueKeyword;
  return option !== null && on ? `says ${option[0]} and no reason` : undefined;
};

/** Waiting for a time to pass. `setImmediate` only lets others have their turn. */
const sleeps: Judge = (node) => {
  if (!ts.isImportSpecifier(node)) return undefined;
  const from = node.parent.parent.parent.moduleSpecifier.getText();
  const name = (node.propertyName ?? node.name).text;
  return /timers/.test(from) && name !== "setImmediate"
    ? "sleeps: wait for a condition"
    : undefined;
};

export const SYNTAX_CHECKS: readonly Check[] = [
  syntaxCheck(
    `functions have at most ${FUNCTION_LINES_MAX} lines of their own`,
    (node, source) => {
      if (!ts.isFunctionLike(node)) return undefined;
      const lines = ownLines(node, source);
      return lines > FUNCTION_LINES_MAX ? `begins a function of ${lines} lines` : undefined;
    },
    {
      bad: [`function long() {\n${"x();\n".repeat(FUNCTION_LINES_MAX)}}`],
      good: [`function outer() {\nx(() => {\n${"x();\n".repeat(FUNCTION_LINES_MAX - 2)}});\n}`],
    },
  ),
  syntaxCheck(
    "no type is any",
    (node) => (node.kind === ts.SyntaxKind.AnyKeyword ? "is any" : undefined),
    {
      bad: ["let a: any;", "const b = JSON.parse(c) as any;", "type D = Record<string, any>;"],
      good: ['let any: unknown; const text = "as any";'],
    },
  ),
  syntaxCheck(
    "time, timers, chance and the network come through ports",
    reachesPastPorts,
    {
      bad: [
        "Date.now();",
        "const stamp = Date.now;",
        "new Date();",
        "Date();",
        "performance.now();",
        "Math.random();",
        "setTimeout(f, 1);",
        "globalThis.setInterval(f, 1);",
        "crypto.randomUUID();",
        "globalThis.crypto.getRandomValues(a);",
        'import { randomBytes } from "node:crypto";',
        'import { setTimeout as pause } from "node:timers/promises";',
        "AbortSignal.timeout(5);",
        'fetch("https://example.org");',
      ],
      good: [
        "new Date(clock.nowMs()).toISOString();",
        'import { createHash, timingSafeEqual } from "node:crypto";',
        'clock.after(5, f); store.fetch("x"); Date.UTC(2026, 0);',
      ],
    },
    isPure,
  ),
  syntaxCheck(
    "no text of SQL is put together from values",
    buildsSql,
    {
      bad: [
        "`select * from seats where id = ${id}`;",
        '"select * from seats where id = " + id;',
        "sql.raw(text);",
        "const raw = sql.raw;",
        "sql`select ${sql.lit(name)}`;",
        "pool.query(`\n  DELETE FROM seats\n WHERE id = ${id}`);",
      ],
      good: [
        "sql`select * from seats where id = ${id}`;",
        "`Select the seats you want in row ${row}.`;",
        '"select 1 from seats";',
        "`you may update ${name}`;",
      ],
    },
    // Migrations are files of SQL, run as they are.
    (path) => path.startsWith("src/") && !isTest(path) && path !== "src/adapters/db/migrate.ts",
  ),
  syntaxCheck(
    "no secret is compared character by character",
    comparesSecrets,
    {
      bad: [
        "if (given === stored.tokenHash) open();",
        "const same = digest(given) !== account.totpSecret;",
        "return mac == expected;",
      ],
      good: [
        "if (token === undefined || typeof code === 'string') leave();",
        "return before.passwordHash === after.passwordHash;",
        "timingSafeEqual(tokenHash, givenHash);",
        "if (header === TOKEN) begin();",
      ],
    },
    (path) => path.startsWith("src/") && !isTest(path),
  ),
  syntaxCheck(
    "every test runs, or says why not",
    isNotRun,
    {
      bad: ['test.only("x", f);', 'test("x", { todo: true }, f);', "describe.skip('x', f);"],
      good: ['test("x", { skip: noServer && "DATABASE_URL is not set" }, f);'],
    },
    isTest,
    "test/races/example.test.ts",
  ),
  syntaxCheck(
    "no test sleeps",
    sleeps,
    {
      bad: ['import { setTimeout as pause } from "node:timers/promises";'],
      good: ['import { waitFor } from "../support/wait-for.ts";'],
    },
    (path) => path.endsWith(".test.ts"),
    "test/races/example.test.ts",
  ),
];
