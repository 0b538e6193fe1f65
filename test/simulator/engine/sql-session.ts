import { createHash } from "node:crypto";
import { PGlite } from "@electric-sql/pglite";
import pg, { type QueryResult } from "pg";
import { columnTypes } from "../../../src/adapters/db/column-types.ts";
import { readMigrations } from "../../../src/adapters/db/migrate.ts";
import { joined } from "../../../src/adapters/db/pglite/bytes.ts";
import type { PgliteHost } from "../../../src/adapters/db/pglite/host.ts";
import { INITDB_ARGUMENTS } from "../../../src/adapters/db/pglite/settings.ts";
import { WireStream } from "../../../src/adapters/db/pglite/wire-stream.ts";
import type { WorkerLink } from "../../../src/adapters/db/pglite/worker-link.ts";

/**
 * No background work, no flushing, and plans that do not depend on how often a statement ran: the
 * order of rows without an order follows the plan.
 */
const SETTINGS = {
  shared_buffers: "16MB",
  max_wal_size: "64MB",
  wal_level: "minimal",
  wal_init_zero: "off",
  min_wal_size: "2MB",
  max_wal_senders: "0",
  full_page_writes: "off",
  fsync: "off",
  synchronous_commit: "off",
  plan_cache_mode: "force_generic_plan",
  jit: "off",
};
const EPOCH = "simulated";
/** The log of an embedded database grows until somebody makes a checkpoint. */
const RESETS_PER_CHECKPOINT = 200;

/**
 * A PostgreSQL in this thread and in memory, with the product's tables and driver. A statement is
 * answered before anything else in the process happens: nothing about it depends on real time.
 */
export class SqlSession implements AsyncDisposable {
  readonly #pglite: PGlite;
  readonly #client: pg.Client;
  #resets = 0;

  private constructor(pglite: PGlite, client: pg.Client) {
    this.#pglite = pglite;
    this.#client = client;
  }

  static async open(): Promise<SqlSession> {
    const settings = Object.entries(SETTINGS).flatMap(([key, value]) => ["-c", `${key}=${value}`]);
    const pglite = await PGlite.create({
      dataDir: "memory://",
      startParams: [...PGlite.defaultStartParams, ...settings],
      initDbStartParams: [...INITDB_ARGUMENTS],
    });
    for (const { text } of await readMigrations()) await pglite.exec(text);
    await pglite.exec(`insert into stoa_meta (key, value) values ('epoch', '${EPOCH}')`);
    const client = new pg.Client({
      user: "postgres",
      database: "postgres",
      password: "",
      ssl: false,
      types: columnTypes,
      stream: () => new WireStream(hostOf(pglite)),
    });
    await client.connect();
    return new SqlSession(pglite, client);
  }

  async query(text: string, values: readonly unknown[] = []): Promise<QueryResult> {
    // Named statements are prepared once a process, which is half of what a statement costs.
    return values.length === 0
      ? this.#client.query(text)
      : this.#client.query({ name: nameOf(text), text, values: [...values] });
  }

  /** Empties every table but what the migrations filled, and lets all numbers begin anew. */
  async reset(): Promise<void> {
    await this.query("rollback");
    const { rows } = await this.query(`
      select format('%I', relname) as name, relkind from pg_class
      where relnamespace = 'public'::regnamespace and relname <> 'stoa_meta'
        and (relkind = 'S' or relkind = 'r' and pg_relation_size(oid) > 0)
      order by relname
    `);
    const names = (kind: string) =>
      rows.filter(({ relkind }) => relkind === kind).map(({ name }) => String(name));
    const [tables, sequences] = [names("r"), names("S")];
    if (tables.length > 0) await this.query(`truncate ${tables.join(", ")} cascade`);
    const restarts = sequences.map((name) => `setval('${name}', 1, false)`);
    await this.query(`select ${restarts.join(", ")}`);
    this.#resets += 1;
    if (this.#resets % RESETS_PER_CHECKPOINT === 0) await this.query("checkpoint");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.end();
    await this.#pglite.close();
  }
}

/** What the product's stream to its worker needs, without a worker. */
function hostOf(pglite: PGlite): PgliteHost {
  const never = new AbortController();
  const ask = async (bytes: Uint8Array): Promise<Uint8Array> => {
    const chunks: Uint8Array[] = [];
    const onRawData = (data: Uint8Array) => void chunks.push(data.slice());
    await pglite.execProtocolRawStream(bytes, { syncToFs: false, onRawData });
    return joined(chunks);
  };
  const link: Pick<WorkerLink, "ask" | "command" | "lost"> = {
    ask,
    command: async (statement) => void (await pglite.exec(statement)),
    lost: never.signal,
  };
  const host: Pick<PgliteHost, "link"> = { link: async () => link as WorkerLink };
  return host as PgliteHost;
}

const names = new Map<string, string>();

/** A short name for a statement, the same in every process. */
export function nameOf(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = createHash("sha256").update(text).digest("hex").slice(0, 10);
  names.set(text, name);
  return name;
}
