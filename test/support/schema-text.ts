import { sql } from "kysely";
import type { Database } from "../../src/core/database.ts";

/** What a database's schema is, as text that can be compared. */
export interface Schema {
  /** Names of the migrations that are recorded as applied. */
  readonly applied: readonly string[];
  /** Tables with their columns, indexes, sequences and constraints; not the migrations' own. */
  readonly objects: readonly string[];
}

/** The schema `public`. */
export async function readSchema(database: Database): Promise<Schema> {
  const options = { isolation: "repeatable read", readOnly: true } as const;
  return database.transaction(options, async (tx) => {
    const namesOf = async (query: string) => {
      const { rows } = await sql.raw<{ name: string }>(query).execute(tx.as());
      return rows.map(({ name }) => name);
    };
    const objects = await namesOf(OBJECTS);
    const [recorded] = await namesOf("select to_regclass('public.stoa_migrations')::text as name");
    if (recorded === null) return { applied: [], objects };
    return { applied: await namesOf("select name from stoa_migrations order by name"), objects };
  });
}

const OBJECTS = `
  select name from (
    select 'column ' || c.relname || '.' || a.attname || ' ' ||
      format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull as name, c.relname as owner
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
    where c.relkind in ('r', 'S') and c.relnamespace = 'public'::regnamespace
    union all
    select 'index ' || indexdef, tablename from pg_indexes where schemaname = 'public'
    union all
    select 'constraint ' || conrelid::regclass || '.' || conname || ' ' ||
      pg_get_constraintdef(oid), conrelid::regclass::text
    from pg_constraint where connamespace = 'public'::regnamespace
  ) everything
  where owner <> 'stoa_migrations'
  order by name
`;
