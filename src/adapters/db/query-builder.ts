import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from "kysely";
import type { Session } from "./session.ts";

/** Where the query builder's statements run. */
export interface SessionSource {
  acquire(): Promise<Session>;
  release(session: Session): void;
}

/**
 * kysely's PostgreSQL dialect over our own sessions. Transactions are begun and ended by
 * `Database.transaction` alone, so the builder's own ways to do it are closed.
 */
export function createQueryBuilder(source: SessionSource): Kysely<object> {
  return new Kysely<object>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createQueryCompiler: () => new PostgresQueryCompiler(),
      createIntrospector: (builder) => new PostgresIntrospector(builder),
      createDriver: () => new SessionDriver(source),
    },
  });
}

class SessionDriver implements Driver {
  readonly #source: SessionSource;

  constructor(source: SessionSource) {
    this.#source = source;
  }

  async init(): Promise<void> {}
  async destroy(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return new SessionConnection(await this.#source.acquire());
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    this.#source.release((connection as SessionConnection).session);
  }

  beginTransaction(): Promise<void> {
    return refuse();
  }

  commitTransaction(): Promise<void> {
    return refuse();
  }

  rollbackTransaction(): Promise<void> {
    return refuse();
  }
}

async function refuse(): Promise<never> {
  throw new Error("Transactions are begun by Database.transaction, not by the query builder.");
}

/** Commands whose row count says how many rows they changed. */
const CHANGING_COMMANDS = new Set(["INSERT", "UPDATE", "DELETE", "MERGE"]);

class SessionConnection implements DatabaseConnection {
  readonly session: Session;

  constructor(session: Session) {
    this.session = session;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const { command, rowCount, rows } = await this.session.query(query.sql, query.parameters);
    if (!CHANGING_COMMANDS.has(command)) return { rows: rows ?? [] };
    return { rows, numAffectedRows: BigInt(rowCount ?? 0) };
  }

  streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error("Results are read in bounded pages, not streamed.");
  }
}
