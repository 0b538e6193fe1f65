/**
 * The last wall between secrets and the log. Callers do not log secrets; when one slips in all the
 * same, under a telling name or in an address, it is blanked here. What leaves is plain JSON data
 * of bounded size, whatever went in.
 */

const BLANK = "[redacted]";
const DEPTH_MAX = 6;
const ENTRIES_MAX = 50;
const STRING_CHARS_MAX = 8_192;
const CAUSES_MAX = 4;

/**
 * Compared with a key in lower case without `-` and `_`, so that `newPassword`, `password_hash`,
 * `set-cookie` and `X-Api-Key` are found, and `tokenEpoch` is not.
 */
const SECRET_KEY =
  /password|passphrase|secret|credential|(?:token|otp|authorization|cookie|privatekey|apikey|vaultkey|recoverycode|challenge|qrcode)s?$/;

/** `code` is a person's one-time code, unless it looks like an error's: `SEAT_TAKEN`, `23505`. */
const ERROR_CODE = /^(?:[A-Z]{2,}(?:_[A-Z0-9]+)*|[0-9A-Z]{5})$/;

/** What each of the three below needs; most strings of a log have none of it. */
const MAY_HOLD_SECRET = /[=@]|(?:Bearer|Basic) /i;
/** Secrets inside of strings: an address's parameters and its password, an authorization header. */
const SECRET_PARAMETER = /([?&#](?:[a-z]+_)?(?:token|code|otp|password|secret)=)[^&#\s"']+/gi;
const SECRET_USERINFO = /([a-z]:\/\/[^\s/:@]{0,256}:)[^\s/@]{1,256}@/gi;
const SECRET_BEARER = /\b(Bearer|Basic) [\w.~+/=-]{8,}/gi;

export function scrub(fields: object): Record<string, unknown> {
  return scrubEntries(fields, 1);
}

export function scrubString(text: string): string {
  const short =
    text.length > STRING_CHARS_MAX
      ? `${text.slice(0, STRING_CHARS_MAX)}… (${text.length} characters)`
      : text;
  if (!MAY_HOLD_SECRET.test(short)) return short;
  return short
    .replace(SECRET_PARAMETER, `$1${BLANK}`)
    .replace(SECRET_USERINFO, `$1${BLANK}@`)
    .replace(SECRET_BEARER, `$1 ${BLANK}`);
}

function scrubEntries(fields: object, depth: number): Record<string, unknown> {
  const clean: Record<string, unknown> = {};
  const entries = Object.entries(fields);
  for (const [key, value] of entries.slice(0, ENTRIES_MAX)) {
    clean[key] = isSecret(key, value) ? BLANK : scrubValue(value, depth);
  }
  if (entries.length > ENTRIES_MAX) clean["…"] = `${entries.length - ENTRIES_MAX} more`;
  return clean;
}

function isSecret(key: string, value: unknown): boolean {
  if (value === undefined || value === null || typeof value === "boolean") return false;
  const kind = kindOf(key);
  if (kind === "code") return typeof value !== "string" || !ERROR_CODE.test(value);
  return kind === "secret";
}

type KeyKind = "secret" | "code" | "plain";

/** The keys of a program are few, so each is judged once. */
const kinds = new Map<string, KeyKind>();
const KINDS_MAX = 2_000;

function kindOf(key: string): KeyKind {
  const known = kinds.get(key);
  if (known !== undefined) return known;
  const plain = key.toLowerCase().replace(/[-_]/g, "");
  const kind = plain === "code" ? "code" : SECRET_KEY.test(plain) ? "secret" : "plain";
  if (kinds.size < KINDS_MAX) kinds.set(key, kind);
  return kind;
}

function scrubValue(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case "string":
      return scrubString(value);
    case "bigint":
      return value.toString();
    case "function":
    case "symbol":
      return undefined;
    case "object":
      return value === null ? null : scrubObject(value, depth);
    default:
      return value;
  }
}

function scrubObject(value: object, depth: number): unknown {
  if (value instanceof Error) return scrubError(value, CAUSES_MAX);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (depth >= DEPTH_MAX) return "[deep]";
  if (Array.isArray(value)) {
    const clean = value.slice(0, ENTRIES_MAX).map((entry) => scrubValue(entry, depth + 1));
    if (value.length > ENTRIES_MAX) clean.push(`… ${value.length - ENTRIES_MAX} more`);
    return clean;
  }
  return scrubEntries(value, depth + 1);
}

/**
 * Of an error only what every error has, and its code: drivers hang queries with their parameters,
 * requests with their headers and other bodies on theirs.
 */
function scrubError(error: Error, causesMax: number): Record<string, unknown> {
  const clean: Record<string, unknown> = {
    type: error.name,
    message: scrubString(error.message),
  };
  if ("code" in error && (typeof error.code === "string" || typeof error.code === "number")) {
    clean["code"] = error.code;
  }
  if (error.stack !== undefined) clean["stack"] = scrubString(error.stack);
  if (error.cause instanceof Error && causesMax > 0) {
    clean["cause"] = scrubError(error.cause, causesMax - 1);
  }
  return clean;
}
