import { Client } from "pg";
import { type PostgresServer, startPostgresServer } from "../../test/support/postgres-server.ts";

/** A PostgreSQL server of a question's own: with fsync, and with room for a ledger. */
export function startLedgerServer(): Promise<PostgresServer> {
  return startPostgresServer({
    walSegmentMiB: 16,
    settings: {
      shared_buffers: "256MB",
      max_wal_size: "2GB",
      max_prepared_transactions: "64",
      max_connections: "100",
    },
  });
}

async function onServer<T>(url: string, act: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await act(client);
  } finally {
    await client.end();
  }
}

/** A database of this name; its URL. */
export function createDatabase(serverUrl: string, name: string): Promise<string> {
  return onServer(serverUrl, async (client) => {
    await client.query(`create database ${name}`);
    const url = new URL(serverUrl);
    url.pathname = `/${name}`;
    return url.href;
  });
}

/** Settings for all sessions from their next transaction on; none for the server's own. */
export function setOnServer(serverUrl: string, settings: string): Promise<void> {
  return onServer(serverUrl, async (client) => {
    await client.query("alter system reset all");
    for (const setting of settings.split(", ")) {
      if (setting !== "") await client.query(`alter system set ${setting}`);
    }
    await client.query("select pg_reload_conf()");
  });
}

/** As in 15.20. */
export function versionOf(serverUrl: string): Promise<string> {
  return onServer(serverUrl, async (client) => {
    const { rows } = await client.query<{ server_version: string }>("show server_version");
    return rows[0]?.server_version.split(" ")[0] ?? "";
  });
}
