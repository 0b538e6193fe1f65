import type { Outcome } from "./ways.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;
/** Fields whose values differ at every run; that they are there, and of which type, is compared. */
const VARYING = new Set([
  "token",
  "refreshToken",
  "challenge",
  "qr_code",
  "secret",
  "recoveryCodes",
  "reference",
  "by",
  "you",
  "to",
  "number",
  "username",
  "email",
  "displayName",
  "address",
  "userAgent",
  "version",
]);

/** Numbers in digits that differ as well. */
const NUMBERS = new Set(["walletId", "txId", "peerId", "reverses", "cursor"]);

/** What happened over one way, in a form that can be compared with another. */
export class Transcript {
  readonly lines: { step: string; code: string; body: unknown }[] = [];
  readonly #names = new Map<unknown, string>();

  add(step: string, { code, body }: Outcome): void {
    this.lines.push({ step, code, body: this.#normal(body, "") });
  }

  /** Ids become the order of their appearance, times and secrets their kind. */
  #normal(value: unknown, key: string): unknown {
    if (Array.isArray(value)) {
      if (VARYING.has(key)) return `${value.length} × ${key}`;
      return value.map((item) => this.#normal(item, key));
    }
    if (typeof value === "object" && value !== null) {
      return Object.fromEntries(
        Object.entries(value).map(([name, item]) => [name, this.#normal(item, name)]),
      );
    }
    if (value === null || value === undefined) return value;
    if (VARYING.has(key)) return typeof value;
    if (typeof value === "string" && TIME.test(value)) return "time";
    if (key.endsWith("Ms")) return typeof value === "number" ? "time" : value;
    const isSerial = typeof value === "number" && (key === "id" || key === "cinemaId");
    const isText = typeof value === "string" && (NUMBERS.has(key) || UUID.test(value));
    if (isSerial || isText) {
      const known = this.#names.get(value) ?? `id ${this.#names.size + 1}`;
      this.#names.set(value, known);
      return known;
    }
    return value;
  }
}
