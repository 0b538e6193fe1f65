/** Stoa with wallets that can always pay. Arguments: the URL of its database, how many shards. */
import { setTimeout as pause } from "node:timers/promises";
import { Client } from "pg";
import { StoaError } from "../../src/core/errors.ts";
import { callWithin } from "../../test/support/in-process.ts";
import { startBenchApp } from "../support/app.ts";
import { answerCommands } from "../support/commands.ts";

const [databaseUrl = "", shardsInside = "2"] = process.argv.slice(2);
const bench = await startBenchApp(databaseUrl, { STOA_SHARDS: shardsInside });
const [payer] = await bench.newPeople(1);
const [operator] = await bench.newPeople(1, { operator: true });
if (payer === undefined || operator === undefined) throw new Error("Nobody is there.");
const pay = callWithin(bench.app, payer.token);
const operate = callWithin(bench.app, operator.token);

/** Transfers in one call, and calls at once. */
const MANY = 100;
const CALLS = 24;

/**
 * Wallets 1 to `count`, which may go far below zero: what is measured are transfers, not refusals.
 * They are written straight into the tables, which is what makes a million of them possible.
 */
async function makeWallets(count: number): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const shards = (await operate("wallet.shards", {})).shards.length;
  await client.query(
    `insert into wallet_directory (wallet, owner, asset, shard, created_at)
     select id::text, $1, 'COIN', id % $3, now() from generate_series(1, $2::integer) as id`,
    [payer?.accountId, count, shards],
  );
  await client.query(
    `insert into wallet_accounts
       (wallet, shard, asset, state, posted, held, min_balance, version)
     select id::text, id % $2, 'COIN', 'open', 0, 0, -1000000000000000, 0
     from generate_series(1, $1::integer) as id`,
    [count, shards],
  );
  await client.query("vacuum analyze");
  // As a server that has run for a while has them: in its memory, as far as they fit there.
  await client.query("create extension if not exists pg_prewarm");
  await client.query(
    `select pg_prewarm(oid) from pg_class where relname in ('wallet_accounts',
       'wallet_accounts_pk', 'wallet_directory', 'wallet_directory_pk')`,
  );
  await client.end();
}

/** Resolves when nothing is on its way any more. */
async function settled(): Promise<void> {
  while ((await operate("wallet.shards", {})).inFlight > 0) await pause(1);
}

export interface Choice {
  /** Numbers 1 to this. */
  readonly wallets: number;
  /** Whether the two are on one shard of two. */
  readonly within: boolean;
}

/** Sends for so long by `wallet.transferMany`, and waits until all have ended. */
async function sendMany({ sliceMs, ...choice }: Choice & { readonly sliceMs: number }) {
  const startedMs = performance.now();
  const call = async () => {
    while (performance.now() - startedMs < sliceMs) {
      const transfers = Array.from({ length: MANY }, () => pick(choice));
      await pay("wallet.transferMany", { transfers, together: false });
    }
  };
  await Promise.all(Array.from({ length: CALLS }, call));
  await settled();
}

function pick({ wallets, within }: Choice) {
  const from = 1 + Math.floor(Math.random() * wallets);
  let to = 1 + Math.floor(Math.random() * wallets);
  if ((from % 2 === to % 2) !== within || to === from) to = (to % wallets) + 1;
  if ((from % 2 === to % 2) !== within || to === from) to = (to % wallets) + 1;
  return { fromId: String(from), toId: String(to), amount: "0.01" };
}

/** Adds everything up, which takes a while after so many transfers. */
async function audit(): Promise<readonly string[]> {
  for (;;) {
    try {
      return (await operate("wallet.audit", {})).findings;
    } catch (cause) {
      if (!(cause instanceof StoaError) || cause.code !== "AUDIT_RUNNING") throw cause;
      await pause(1_000);
    }
  }
}

/** How many transfers ended between these two times of the machine's clock. */
async function endedBetween({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }) {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ ended: string; newest: string | null }>(
    `select count(*) filter (where finished_ms >= $1 and finished_ms < $2) as ended,
       max(id) as newest
     from wallet_transfers where id > $3`,
    [fromMs, toMs, lastCounted],
  );
  await client.end();
  lastCounted = rows[0]?.newest ?? lastCounted;
  return Number(rows[0]?.ended);
}

let lastCounted = "0";

/** How long transfers took from their request to their end, since the last time this was asked. */
async function endings(): Promise<readonly number[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ id: string; ms: number }>(
    `select id, (finished_ms - initiated_ms)::integer as ms from wallet_transfers
     where id > $1 order by id`,
    [lastEnding],
  );
  await client.end();
  lastEnding = rows.at(-1)?.id ?? lastEnding;
  return rows.map(({ ms }) => ms);
}

let lastEnding = "0";

answerCommands({
  endings,
  endedBetween,
  url: () => bench.app.url,
  token: () => payer.token,
  makeWallets,
  settled,
  sendMany,
  audit,
  end: () => bench[Symbol.asyncDispose](),
});
