/**
 * The textbook's way over two databases: both halves of a transfer are prepared, and then both are
 * committed. Arguments: the URLs of the two.
 */
import { Client } from "pg";
import { answerCommands } from "../support/commands.ts";

const PAIRS = 12;
const WALLETS = 10_000;

const [firstUrl = "", secondUrl = ""] = process.argv.slice(2);

async function connected(connectionString: string): Promise<Client> {
  const client = new Client({ connectionString });
  await client.connect();
  return client;
}

for (const url of [firstUrl, secondUrl]) {
  const client = await connected(url);
  await client.query(`
    create table halves (id text primary key, wallet integer not null, amount bigint not null);
    create table wallets (id integer primary key, posted bigint not null) with (fillfactor = 70);
    insert into wallets select id, 0 from generate_series(1, ${WALLETS}) as id;
  `);
  await client.query("vacuum analyze");
  await client.end();
}
const pairs = await Promise.all(
  Array.from({ length: PAIRS }, () => Promise.all([connected(firstUrl), connected(secondUrl)])),
);

let transfers = 0;

async function prepareHalf(client: Client, id: string, amount: number): Promise<void> {
  const wallet = 1 + Math.floor(Math.random() * WALLETS);
  await client.query("begin");
  await client.query({
    name: "half",
    text: "insert into halves (id, wallet, amount) values ($1, $2, $3)",
    values: [id, wallet, amount],
  });
  await client.query({
    name: "post",
    text: "update wallets set posted = posted + $2 where id = $1",
    values: [wallet, amount],
  });
  await client.query(`prepare transaction '${id}'`);
}

async function transfer([payer, payee]: readonly [Client, Client]): Promise<void> {
  transfers += 1;
  const [paid, got] = [`transfer-${transfers}-out`, `transfer-${transfers}-in`];
  await Promise.all([prepareHalf(payer, paid, -1), prepareHalf(payee, got, 1)]);
  await Promise.all([
    payer.query(`commit prepared '${paid}'`),
    payee.query(`commit prepared '${got}'`),
  ]);
}

answerCommands({
  async run({ sliceMs }: { readonly sliceMs: number }) {
    const startedMs = performance.now();
    let finished = 0;
    await Promise.all(
      pairs.map(async (pair) => {
        while (performance.now() - startedMs < sliceMs) {
          await transfer(pair);
          finished += 1;
        }
      }),
    );
    return { finished, elapsedMs: performance.now() - startedMs };
  },
  async end() {
    await Promise.all(pairs.flat().map((client) => client.end()));
  },
});
