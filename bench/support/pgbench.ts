import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { Client } from "pg";

/** Connections of pgbench at once: more of them were not faster on two cores. */
const CLIENTS = 8;
const THREADS = 2;

/**
 * A transfer as one SQL transaction: a row that says so, and both balances. The rows are locked in
 * the order of their ids; otherwise hot wallets would end in deadlocks.
 */
const TRANSFER = `\\set a random(1, :wallets)
\\set b random(1, :wallets)
\\set lower least(:a, :b)
\\set upper greatest(:a, :b)
begin;
insert into reference_transfers (payer, payee, amount) values (:a, :b, 1);
update reference_wallets set posted = posted - 1 where id = :lower;
update reference_wallets set posted = posted + 1 where id = :upper;
commit;
`;

export interface Pgbench extends AsyncDisposable {
  /** Runs so many transfers among the wallets 1 to `wallets`; transfers a second. */
  run(options: { readonly wallets: number; readonly count: number }): Promise<number>;
  /** Runs at a rate for some seconds; how long 99 of 100 took from when they were due, in ms. */
  p99Ms(options: { wallets: number; perSecond: number; seconds: number }): Promise<number>;
}

/** Makes the reference's tables in the database. */
export async function preparePgbench(databaseUrl: string, wallets: number): Promise<Pgbench> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(`
    create table reference_wallets (id integer primary key, posted bigint not null)
      with (fillfactor = 70);
    create table reference_transfers (id bigserial primary key, payer integer not null,
      payee integer not null, amount bigint not null, at timestamptz not null default now());
    insert into reference_wallets select id, 0 from generate_series(1, ${wallets}) as id;
  `);
  await client.query("vacuum analyze");
  await client.end();
  const folder = await mkdtemp(path.join(tmpdir(), "stoa-pgbench-"));
  const script = path.join(folder, "transfer.sql");
  await writeFile(script, TRANSFER);
  const pgbench = async (wallets: number, flags: readonly string[]) => {
    const common = ["-n", "-M", "prepared", "-f", script, "-D", `wallets=${wallets}`];
    const size = ["-c", String(CLIENTS), "-j", String(THREADS)];
    const args = [...common, ...size, ...flags, databaseUrl];
    return (await promisify(execFile)("pgbench", args, { cwd: folder })).stdout;
  };
  return {
    async run({ wallets, count }) {
      const stdout = await pgbench(wallets, ["-t", String(Math.ceil(count / CLIENTS))]);
      const tps = /tps = ([\d.]+) \(without/.exec(stdout)?.[1];
      if (tps === undefined) throw new Error(`pgbench said nothing of its speed: ${stdout}`);
      return Number(tps);
    },
    async p99Ms({ wallets, perSecond, seconds }) {
      await pgbench(wallets, ["-R", String(Math.round(perSecond)), "-T", String(seconds), "-l"]);
      const logs = readdirSync(folder).filter((name) => name.startsWith("pgbench_log"));
      const texts = await Promise.all(
        logs.map((name) => readFile(path.join(folder, name), "utf8")),
      );
      for (const name of logs) await rm(path.join(folder, name));
      const micros = texts.flatMap((text) =>
        text.split("\n").flatMap((line) => (line === "" ? [] : Number(line.split(" ")[2]))),
      );
      micros.sort((a, b) => a - b);
      return (micros[Math.floor(micros.length * 0.99)] ?? Number.NaN) / 1_000;
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
