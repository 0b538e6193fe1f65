import { randomBytes } from "node:crypto";
import { Client } from "pg";

/** The server that questions about PostgreSQL are asked on. */
const SERVER_URL = process.env["DATABASE_URL"] ?? "postgres://postgres@127.0.0.1:5432/postgres";

/** A database of a question's own, which disposing of it deletes. */
export interface BenchDatabase extends AsyncDisposable {
  readonly url: string;
  /** Of the server, as in 15.20. */
  readonly version: string;
}

export async function createBenchDatabase(): Promise<BenchDatabase> {
  const name = `stoa_bench_${randomBytes(6).toString("hex")}`;
  await onServer(`create database ${name}`);
  const [row] = await onServer("show server_version");
  const url = new URL(SERVER_URL);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    version: String(row?.["server_version"]).split(" ")[0] ?? "",
    async [Symbol.asyncDispose]() {
      await onServer(`drop database if exists ${name} with (force)`);
    },
  };
}

async function onServer(statement: string): Promise<Array<Record<string, unknown>>> {
  const client = new Client({ connectionString: SERVER_URL });
  await client.connect();
  try {
    return (await client.query(statement)).rows as Array<Record<string, unknown>>;
  } finally {
    await client.end();
  }
}
