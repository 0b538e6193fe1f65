import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { type DatabasePlace, freshPostgres, onPostgres } from "../support/database.ts";
import { post, send } from "../support/http-client.ts";
import { freePort } from "../support/own-server.ts";
import { type ServerProcess, spawnStoa, startServerProcess } from "../support/server-process.ts";
import { waitFor } from "../support/wait-for.ts";

/**
 * Document 004 over two shards that are processes of their own, each over a database of its own: a
 * transfer crosses from one to the other, also when the other one is killed in between.
 */

const WAIT_MS = 20_000;
const PASSWORD = "a horse of four shards";

interface Shown {
  readonly TxID: string | null;
  readonly status: string;
  readonly amount: string;
}

/** A client of the document that knows its requests and nothing else. */
class Client {
  readonly #url: string;
  readonly #authorization: string;

  private constructor(url: string, authorization: string) {
    this.#url = url;
    this.#authorization = authorization;
  }

  static async register(url: string, login: string): Promise<Client> {
    const { status, text, headers } = await post(`${url}/auth/register`, {
      login,
      password: PASSWORD,
    });
    assert.deepEqual([status, text], [200, ""]);
    return new Client(url, headers["authorization"] ?? "");
  }

  get(path: string) {
    return send(`${this.#url}/api/user/${path}`, {
      headers: { authorization: this.#authorization },
    });
  }

  post(path: string, input: unknown) {
    const authorization = this.#authorization;
    return post(`${this.#url}/api/user/${path}`, input, { authorization });
  }

  async transfer(from: string, to: string, amount: string): Promise<string> {
    const terms = { from_id: from, to_id: to, amount };
    const { status, json } = await this.post("do_transaction", terms);
    assert.equal(status, 202);
    return (json() as { TxID: string }).TxID;
  }

  async statusOf(wallet: string, id: string): Promise<string | undefined> {
    const { status, json } = await this.get(`transactions/${wallet}`);
    assert.equal(status, 200);
    return (json() as Shown[]).find(({ TxID }) => TxID === id)?.status;
  }

  async available(wallet: string): Promise<string> {
    const { status, json } = await this.get(`balance/${wallet}`);
    return status === 200 ? (json() as { available: string }).available : `status ${status}`;
  }
}

interface Cluster extends AsyncDisposable {
  readonly service: ServerProcess;
  /** `SHARD_ADDRESS_0` and so on, as the service has them. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly shards: ServerProcess[];
  startShard(shard: number): Promise<ServerProcess>;
}

async function startCluster(places: readonly DatabasePlace[]): Promise<Cluster> {
  const [journal, ...ledgers] = places;
  if (journal === undefined) throw new Error("The journal has a database of its own.");
  const addresses = await Promise.all(ledgers.map(async () => `127.0.0.1:${await freePort()}`));
  const startShard = (shard: number) => {
    const { dataFolder, url = "" } = ledgers[shard] ?? journal;
    const args = ["shard", "-a", addresses[shard] ?? "", "-d", url];
    return startServerProcess({ dataFolder, args });
  };
  const shards = await Promise.all(ledgers.map((_, shard) => startShard(shard)));
  const named = Object.fromEntries(
    addresses.map((address, shard) => [`SHARD_ADDRESS_${shard}`, address]),
  );
  const service = await startServerProcess({
    dataFolder: journal.dataFolder,
    databaseUrl: journal.url,
    args: ["serve", "--only", "wallet"],
    env: { STOA_DEMO: "off", ...named },
  });
  return {
    service,
    addresses: named,
    shards,
    startShard,
    async [Symbol.asyncDispose]() {
      for (const running of [service, ...shards]) await running.kill();
    },
  };
}

/** What `stoa verify` finds with the service's database; every finding is a line. */
async function verify(journal: DatabasePlace, env: Readonly<Record<string, string>>) {
  const { dataFolder, url: databaseUrl } = journal;
  await using verifying = spawnStoa({ dataFolder, databaseUrl, args: ["verify"], env });
  const code = await verifying.exited;
  return { code, output: verifying.output() };
}

/** Changes a database behind everybody's back. */
async function damage(place: DatabasePlace | undefined, statement: string): Promise<void> {
  const database = await place?.openEmpty();
  await database?.statement((tx) => sql.raw(statement).execute(tx.as()));
  await database?.close();
}

onPostgres("document 004 over shards that are processes", (_database, serverUrl) => {
  test("money crosses from one to the other, also when that one is away in between", async () => {
    await using stack = new AsyncDisposableStack();
    const places: DatabasePlace[] = [];
    for (let count = 0; count < 3; count += 1) {
      places.push(stack.use(await freshPostgres(serverUrl)));
    }
    const cluster = stack.use(await startCluster(places));
    const { url } = cluster.service;
    const [ada, ben] = [await Client.register(url, "ada"), await Client.register(url, "ben")];
    const wallets = [
      [ada, "10"],
      [ben, "11"],
    ] as const;
    for (const [client, wallet] of wallets) {
      assert.equal((await client.post("create_wallet", { wallet_id: wallet })).status, 202);
      const isOpen = async () => (await client.available(wallet)) === "1000.00";
      await waitFor(isOpen, { what: `wallet ${wallet} has its first money`, timeoutMs: WAIT_MS });
    }
    const first = await ada.transfer("10", "11", "50");
    const isDone = (id: string) => async () => (await ada.statusOf("10", id)) === "SUCCESSFUL";
    await waitFor(isDone(first), { what: "the transfer is done", timeoutMs: WAIT_MS });
    assert.equal(await ben.available("11"), "1050.00");

    await cluster.shards[1]?.kill();
    assert.equal(await ben.available("11"), "status 503");
    const second = await ada.transfer("10", "11", "7.5");
    assert.equal(await ada.statusOf("10", second), "PENDING");
    cluster.shards[1] = await cluster.startShard(1);
    await waitFor(isDone(second), { what: "the transfer is done", timeoutMs: WAIT_MS });
    assert.equal(await ada.available("10"), "942.50");
    assert.equal(await ben.available("11"), "1057.50");
    assert.equal(await cluster.service.stop(), 0);

    const [journal, ...ledgers] = places;
    assert.ok(journal);
    const sound = await verify(journal, cluster.addresses);
    assert.deepEqual([sound.code, /everything adds up/.test(sound.output)], [0, true]);
    assert.match((await verify(journal, {})).output, /Not held against the journal: shards 0, 1/);
    await damage(ledgers[1], `delete from wallet_legs where transfer = ${first}`);
    await damage(
      ledgers[1],
      `insert into wallet_legs (transfer, is_credit, shard, state, amount)
      values (${first}000, true, 1, 'reserved', 5)`,
    );
    await damage(
      journal,
      `update wallet_transfers set decision = 'abort', code = 'deadline' where id = ${second}`,
    );
    const { code, output } = await verify(journal, cluster.addresses);
    assert.equal(code, 1);
    for (const finding of [
      `Transfer ${first} went through, and its credit is missing.`,
      `Transfer ${first}000 has its credit reserved on shard 1, and it is in no journal.`,
      `Transfer ${second} came to nothing, and its debit is posted.`,
      `Transfer ${second} came to nothing, and its credit is posted.`,
    ]) {
      assert.ok(output.includes(`${finding}\n`), output);
    }
    for (const shard of cluster.shards) assert.equal(await shard.stop(), 0);
  });
});
