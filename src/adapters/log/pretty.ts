/** Turns the JSON lines of the log into lines for a person at a terminal, in development. */

const LEVELS: Readonly<Record<number, string>> = {
  20: "debug",
  30: "info",
  40: "warn",
  50: "error",
};

/**
 * Everything but the stack stays on one line and control characters stay escaped, so that what a
 * stranger sends can neither forge a line nor command the terminal.
 */
export function prettyLine(json: string): string {
  const { level, time, msg, err, ...fields } = JSON.parse(json) as {
    level: number;
    time: string;
    msg?: string;
    err?: { stack?: string };
    [field: string]: unknown;
  };
  const name = LEVELS[level] ?? String(level);
  const head = `${time.slice(11, 23)} ${name.padEnd(5)} ${visible(msg ?? "")}`;
  const rest = Object.entries(fields).map(([name, value]) => ` ${visible(name)}=${shown(value)}`);
  const stack = err === undefined ? "" : `\n${stackOf(err)}`;
  return `${head}${rest.join("")}${stack}\n`;
}

function shown(value: unknown): string {
  return typeof value === "string" && /^[\w.:/@-]+$/.test(value)
    ? value
    : visible(JSON.stringify(value));
}

function stackOf(err: { stack?: string }): string {
  const lines = (err.stack ?? JSON.stringify(err)).split("\n");
  return lines.map((line) => `    ${visible(line.trim())}`).join("\n");
}

function visible(text: string): string {
  return text.replace(
    /[\p{Cc}\u2028\u2029]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
