import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { cruise, type ICruiseOptions, type IForbiddenRuleType } from "dependency-cruiser";
import config from "../../.dependency-cruiser.mjs";

const ROOTS = ["src", "client", "web"];
const SOURCE = /\.(ts|tsx)$/;
const GENERATED_TYPES = /\.d\.ts$/;

export interface ImportViolation {
  readonly rule: string;
  readonly comment: string;
  readonly from: string;
  readonly to: string;
}

/** The rules by name, as configured. */
export const IMPORT_RULES: ReadonlyMap<string, IForbiddenRuleType> = new Map(
  config.forbidden.map((rule: IForbiddenRuleType) => [rule.name ?? "", rule]),
);

/** Follows the imports of a tree, this one or a planted one, and holds them against the rules. */
export async function cruiseTree(baseDir: string): Promise<{
  readonly files: readonly string[];
  /** The imports that the files make, each as `from → to`. */
  readonly imports: readonly { readonly from: string; readonly to: string }[];
  readonly violations: readonly ImportViolation[];
}> {
  const { enhancedResolveOptions, ...options } = config.options;
  const cruiseOptions: ICruiseOptions = {
    ...options,
    baseDir: resolve(baseDir),
    validate: true,
    ruleSet: { forbidden: [...IMPORT_RULES.values()] },
  };
  const { output } = await cruise(ROOTS, cruiseOptions, enhancedResolveOptions);
  if (typeof output === "string") throw new Error("The cruise answered text.");
  return {
    files: output.modules.map(({ source }) => source).filter((file) => isOurs(file)),
    imports: output.modules.flatMap(({ source, dependencies }) =>
      dependencies.map(({ resolved }) => ({ from: source, to: resolved })),
    ),
    violations: output.summary.violations.map(({ rule, from, to }) => ({
      rule: rule.name,
      comment: IMPORT_RULES.get(rule.name)?.comment ?? "",
      from,
      to,
    })),
  };
}

export function describeViolation({ rule, from, to, comment }: ImportViolation): string {
  return `${rule}: ${from}${to === from ? "" : ` → ${to}`} (${comment})`;
}

function isOurs(file: string): boolean {
  return ROOTS.some((root) => file.startsWith(`${root}/`)) && SOURCE.test(file);
}

/**
 * The source files that git lists and the cruise did not see. Where dependency-cruiser finds no
 * TypeScript it can use, it sees no file, finds no violation, and is content.
 */
export function missedFiles(baseDir: string, cruised: readonly string[]): string[] {
  const seen = new Set(cruised);
  const args = ["ls-files", "--cached", "--others", "--exclude-standard", "--", ...ROOTS];
  return execFileSync("git", args, { cwd: baseDir, encoding: "utf8" })
    .split("\n")
    .filter((file) => isOurs(file) && !GENERATED_TYPES.test(file) && !seen.has(file));
}
