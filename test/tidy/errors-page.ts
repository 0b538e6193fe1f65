import { globSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { describeModules } from "../../src/app.ts";
import { type AnyErrorDefinition, PIPELINE_ERRORS } from "../../src/core/errors.ts";
import { statusOf } from "../../src/transports/http/status.ts";

export const ERRORS_PAGE = "docs/errors.md";

const COLUMNS_MAX = 100;

const INTRODUCTION = `# Errors

Every error has a code for programs and a sentence for people. Over HTTP the answer is
\`{code, message, data?, requestId}\` with the status of its kind; on the native socket the code
is in \`error\` and the rest in \`data\`. \`npm run docs:errors\` writes this page.
`;

/** Where errors are declared. */
const DECLARATIONS = ["src/{core,transports/*,modules/*}/errors.ts", "src/modules/*/errors/*.ts"];

/** Every error of the tree by code. @throws Error when two have one code */
async function declaredErrors(): Promise<Map<string, AnyErrorDefinition>> {
  const errors = new Map<string, AnyErrorDefinition>();
  for (const path of globSync(DECLARATIONS).sort()) {
    if (path.endsWith(".test.ts")) continue;
    const exported: Record<string, unknown> = await import(pathToFileURL(path).href);
    for (const value of Object.values(exported).filter(isDefinition)) {
      if ((errors.get(value.code) ?? value) !== value) {
        throw new Error(`Two errors have the code ${value.code}.`);
      }
      errors.set(value.code, value);
    }
  }
  return errors;
}

function isDefinition(value: unknown): value is AnyErrorDefinition {
  return typeof value === "function" && "code" in value && "kind" in value && "data" in value;
}

/** The page of all error codes, from their definitions. */
export async function errorsPage(): Promise<string> {
  const registry = describeModules();
  const users = new Map<string, string[]>();
  for (const operation of [...registry.methods.values(), ...registry.subscriptions.values()]) {
    for (const { code } of operation.errors) {
      users.set(code, [...(users.get(code) ?? []), operation.name]);
    }
  }
  const pipeline = new Set(PIPELINE_ERRORS.map(({ code }) => code));
  const others = [...(await declaredErrors()).values()]
    .filter(({ code }) => !pipeline.has(code))
    .sort((one, other) => (one.code < other.code ? -1 : 1));
  return [
    INTRODUCTION,
    "## Of every operation\n",
    ...PIPELINE_ERRORS.map((error) => section(error, [])),
    "## Of single operations\n",
    ...others.flatMap((error) => {
      const names = users.get(error.code);
      return names === undefined ? [] : [section(error, names)];
    }),
    "## Of a transport\n",
    ...others.filter(({ code }) => !users.has(code)).map((error) => section(error, [])),
  ].join("\n");
}

function section(error: AnyErrorDefinition, operations: readonly string[]): string {
  const kind = error.kind.replaceAll("_", " ");
  const lines = [`### ${error.code}\n`, `${error.message}\n`, `- ${kind}, HTTP ${statusOf(error)}`];
  if (error.data !== undefined) lines.push(...wrapped(`- data: \`${shapeOf(error.data)}\``));
  if (operations.length > 0) lines.push(...wrapped(`- of ${[...operations].sort().join(", ")}`));
  return `${lines.join("\n")}\n`;
}

/** Breaks an item of a list at spaces. */
function wrapped(item: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of item.split(" ")) {
    if (line !== "" && `${line} ${word}`.length > COLUMNS_MAX) {
      lines.push(line);
      line = ` `;
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** The shape of the data in a line: `{ seatIds: string[] }`. */
function shapeOf(schema: z.ZodType): string {
  return typeText(z.toJSONSchema(schema, { io: "input" }));
}

function typeText(schema: z.core.JSONSchema._JSONSchema): string {
  if (typeof schema === "boolean") return "unknown";
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives !== undefined) return alternatives.map(typeText).join(" | ");
  if (schema.enum !== undefined)
    return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.type === "array") {
    const item = schema.items;
    const text = item === undefined || Array.isArray(item) ? "unknown" : typeText(item);
    return text.includes(" ") && !text.startsWith("{") ? `(${text})[]` : `${text}[]`;
  }
  if (schema.type === "object") {
    const required = new Set(schema.required);
    const fields = Object.entries(schema.properties ?? {}).map(
      ([name, field]) => `${name}${required.has(name) ? "" : "?"}: ${typeText(field)}`,
    );
    return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
  }
  return typeof schema.type === "string" ? schema.type : "unknown";
}
