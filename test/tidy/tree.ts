import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

/** A file of the project, or an example that a check is tried on. */
export interface ProjectFile {
  /** From the project's root, `src/core/clock.ts`. */
  readonly path: string;
  readonly text: string;
}

/** Something a check holds against a file. */
export interface Finding {
  readonly path: string;
  /** Counted from 1. */
  readonly line: number;
  readonly problem: string;
}

/** One rule on the shape of the code, with a file that breaks it and one that does not. */
export interface Check {
  readonly name: string;
  applies(path: string): boolean;
  find(file: ProjectFile): readonly Finding[];
  readonly bad: readonly ProjectFile[];
  readonly good: readonly ProjectFile[];
}

const BINARY = /\.(png|ico|woff2|jpg|webp)$/;

/** Every text file that git tracks or would track. */
export function projectFiles(): readonly ProjectFile[] {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  return execFileSync("git", args, { encoding: "utf8" })
    .split("\0")
    .filter((path) => path !== "" && !BINARY.test(path) && existsSync(path))
    .map((path) => ({ path, text: readFileSync(path, "utf8") }));
}

export function isTest(path: string): boolean {
  return /\.test\.tsx?$/.test(path) || path.startsWith("test/") || path.startsWith("bench/");
}

export function isSource(path: string): boolean {
  return /\.(ts|tsx|mjs)$/.test(path) && !path.endsWith(".d.ts");
}

/** What the server runs: no test, no adapter. */
export function isPure(path: string): boolean {
  return path.startsWith("src/") && !path.startsWith("src/adapters/") && !isTest(path);
}

/** One finding for each line that the pattern is in. */
export function findLines(
  { path, text }: ProjectFile,
  pattern: RegExp,
  problem: (line: string) => string,
): Finding[] {
  return text.split("\n").flatMap((line, index) => {
    if (!pattern.test(line)) return [];
    return [{ path, line: index + 1, problem: problem(line) }];
  });
}

export function describeFinding({ path, line, problem }: Finding): string {
  return `${path}:${line} ${problem}`;
}
