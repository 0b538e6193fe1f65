import pg from "pg";

/**
 * How columns arrive in JavaScript, set on each pool and never on the driver: int8 is a bigint,
 * and a `date` stays the text it is, because a `Date` at local midnight is another day elsewhere.
 * Everything else is as the driver has it: timestamptz is a Date, json and jsonb are parsed,
 * bytea is a Buffer, numeric (also `sum` of int8) is text.
 */
type Parser = (text: string) => unknown;

const { INT8, DATE } = pg.types.builtins;
// The driver's types name no arrays.
const TEXT_ARRAY: number = 1009;
const INT8_ARRAY = 1016;
const DATE_ARRAY = 1182;

const textArray: (text: string) => Array<string | null> = pg.types.getTypeParser(TEXT_ARRAY);

const PARSERS: Readonly<Record<number, Parser>> = {
  [INT8]: BigInt,
  [INT8_ARRAY]: (text) => textArray(text).map((item) => (item === null ? null : BigInt(item))),
  [DATE]: (text) => text,
  [DATE_ARRAY]: textArray,
};

export const columnTypes: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: "text" | "binary") {
    const own = format === "binary" ? undefined : PARSERS[oid];
    return own ?? pg.types.getTypeParser(oid, format ?? "text");
  },
};
