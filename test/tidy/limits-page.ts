import { isTest, type ProjectFile, projectFiles } from "./tree.ts";

export const LIMITS_PAGE = "docs/limits.md";

/** A bound of the product, as its code declares it. */
interface Limit {
  readonly name: string;
  /** As it is written, which says more than what it comes to. */
  readonly value: string;
  /** Its comment, in one line. */
  readonly meaning: string;
  readonly path: string;
}

/** A named constant with a comment: what bounds something says so in its name. */
const LIMIT =
  /\/\*\*((?:[^*]|\*(?!\/))*)\*\/\n(?:export )?const ([A-Z][A-Z0-9_]*_(?:MAX|MIN|MS|BUDGET|BYTES|INTERVAL)(?:_[A-Z]+)*) = ([^;]+);/g;
const ROOMS: ReadonlyArray<readonly [prefix: string, title: string]> = [
  ["src/core/", "The pipeline"],
  ["src/adapters/", "What the service leans on"],
  ["src/transports/", "HTTP and sockets"],
  ["src/modules/auth/", "Accounts"],
  ["src/modules/cinema/", "Cinema"],
  ["src/modules/wallet/", "Wallet"],
];

/** The bounds that a file declares. */
export function limitsOf({ path, text }: ProjectFile): Limit[] {
  return [...text.matchAll(LIMIT)].map(([, comment = "", name = "", value = ""]) => ({
    name,
    value: value.replace(/\s+/g, " ").replace(/ as const$/, ""),
    meaning: comment
      .replace(/\n\s*\*/g, " ")
      .replace(/\{@link ([^}]+)\}/g, "`$1`")
      .replace(/\s+/g, " ")
      .trim(),
    path,
  }));
}

/** Every bound of the server with what it is for, written from the code (ASVS 13.1.2, 13.1.3). */
export function limitsPage(files = projectFiles()): string {
  const sources = files.filter(({ path }) => path.startsWith("src/") && !isTest(path));
  const limits = sources.flatMap(limitsOf);
  const rooms = ROOMS.map(([prefix, title]) => {
    const rows = limits
      .filter(({ path }) => path.startsWith(prefix))
      .map(
        ({ name, value, meaning, path }) =>
          `| [${name}](../${path}) | \`${cell(value)}\` | ${cell(meaning)} |`,
      );
    return [
      `## ${title}`,
      "",
      "| limit | value | what it bounds |",
      "| --- | --- | --- |",
      ...rows,
      "",
    ];
  });
  return [...HEAD, ...rooms.flat()].join("\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

const HEAD = [
  "# Limits",
  "",
  "Everything has a limit, and this page has all of them, written from the code by `npm run docs:limits`. What",
  "comes beyond one is refused: too much with 413, too often with 429 and `Retry-After`, while the service is",
  "busy with 503 and `Retry-After`, too late with 504; a socket is closed with a code that says why",
  "([socket](protocol/socket.md)). What an operator can set is in [.env.example](../.env.example).",
  "",
];
