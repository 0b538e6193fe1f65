import assert from "node:assert/strict";
import { test } from "node:test";
import { createLog } from "../../src/adapters/log/pino.ts";
import { openHttpRemote } from "../../src/adapters/remote/http.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { fraction } from "../../src/core/random.ts";
import { ShardSender } from "../../src/modules/wallet/orchestrator/shard-sender.ts";
import type { Operation, Outcome, ShardPosition } from "../../src/modules/wallet/shard/protocol.ts";
import type { EntryRecord } from "../../src/modules/wallet/shard/records.ts";
import { RemoteShard } from "../../src/modules/wallet/shard/remote-shard.ts";
import { freshPostgres, onPostgres } from "../support/database.ts";
import { scaled } from "../support/fault-scale.ts";
import { lasting } from "../support/lasting.ts";
import { freePort } from "../support/own-server.ts";
import { createSeededRandom } from "../support/seeded-random.ts";
import { type ServerProcess, startServerProcess } from "../support/server-process.ts";
import { waitFor } from "../support/wait-for.ts";

/**
 * SIGKILL of a shard that is a process of its own, in the middle of batches: its orchestrator sends
 * again what got no answer, and every operation has one effect.
 */

const ROUNDS = scaled(6);
const LOAD_MS = { least: 50, most: 400 };
const WALLETS = 8;
const OPERATIONS_UNDER_WAY_MAX = 1_500;
const PLACE = { shard: 0, shards: 2 };
const ASSET = "COIN";
const ISSUER = "issue:COIN:0";
const SECRET = "of-this-test-".repeat(4);
const PAGE = 1_000;

const log = createLog({ level: "silent" });
const clock = systemClock;
const random = createSeededRandom("shard-killed");
const below = (count: number) => Math.floor(fraction(random) * count);

interface Done {
  readonly operation: Operation;
  readonly outcome: Outcome;
}

/** Pushes operations through the orchestrator's own sender until it is told to stop. */
class Load {
  readonly done: Done[] = [];
  readonly #sender: ShardSender;
  #underWay = 0;
  #transfers = 0n;
  #goesOn = false;

  constructor(sender: ShardSender) {
    this.#sender = sender;
  }

  get isIdle(): boolean {
    return this.#underWay === 0;
  }

  push(operation: Operation, then: (outcome: Outcome) => void = () => {}): void {
    this.#underWay += 1;
    this.#sender.push({
      operation,
      isWanted: () => true,
      done: (outcome) => {
        this.#underWay -= 1;
        this.done.push({ operation, outcome });
        then(outcome);
      },
    });
  }

  start(): void {
    this.#goesOn = true;
    const turn = () => {
      if (!this.#goesOn) return;
      while (this.#underWay < OPERATIONS_UNDER_WAY_MAX) this.#pushOne();
      clock.after(1, turn);
    };
    turn();
  }

  stop(): void {
    this.#goesOn = false;
  }

  /** Within the shard, or one side of a transfer that is posted or voided after it is reserved. */
  #pushOne(): void {
    this.#transfers += 1n;
    const transfer = this.#transfers;
    const [from, to] = [String(below(WALLETS)), String(below(WALLETS))];
    const amount = BigInt(1 + below(2_000));
    if (from !== to) {
      this.push({ verb: "move", transfer, from, to, asset: ASSET, amount });
      return;
    }
    const side = transfer % 2n === 0n ? "debit" : "credit";
    const verb = transfer % 3n === 0n ? "void" : "post";
    this.push(
      { verb: "reserve", transfer, side, wallet: from, asset: ASSET, amount, peer: 1 },
      ({ ok }) => {
        if (ok) this.push({ verb, transfer, side });
      },
    );
  }
}

const opened = (): Operation[] => [
  { verb: "open", wallet: ISSUER, asset: ASSET, minBalance: -1_000_000n },
  ...Array.from({ length: WALLETS }, (_, wallet) => {
    return { verb: "open", wallet: String(wallet), asset: ASSET, minBalance: 0n } as const;
  }),
];
/** Transfers far above those of the load. */
const granted = (): Operation[] =>
  Array.from({ length: WALLETS }, (_, wallet) => ({
    verb: "move",
    transfer: 1_000_000_000n + BigInt(wallet),
    from: ISSUER,
    to: String(wallet),
    asset: ASSET,
    amount: 10_000n,
  }));

async function entriesOf(shard: RemoteShard, wallet: string): Promise<EntryRecord[]> {
  const entries: EntryRecord[] = [];
  for (;;) {
    const after = entries.at(-1)?.version ?? 0;
    const page = await shard.entries({ wallet, after, limit: PAGE });
    entries.push(...page);
    if (page.length < PAGE) return entries;
  }
}

/** The lines that these outcomes lead to: `transfer wallet amount`. */
function expectedLines(done: readonly Done[]): string[] {
  const reserved = new Map<bigint, Operation>();
  const lines: string[] = [];
  for (const { operation, outcome } of done) {
    if (!outcome.ok) continue;
    if (operation.verb === "reserve") reserved.set(operation.transfer, operation);
    if (operation.verb === "move") {
      const { transfer, from, to, amount } = operation;
      lines.push(`${transfer} ${from} ${-amount}`, `${transfer} ${to} ${amount}`);
    }
    if (operation.verb === "post") {
      const leg = reserved.get(operation.transfer);
      if (leg?.verb !== "reserve") throw new Error("What was not reserved was posted.");
      const amount = leg.side === "debit" ? -leg.amount : leg.amount;
      lines.push(`${leg.transfer} ${leg.wallet} ${amount}`);
    }
  }
  return lines.sort();
}

onPostgres("a shard that is killed in the middle of batches", (_database, serverUrl) => {
  test(`every operation sent again has one effect, ${ROUNDS} times`, async (t) => {
    await using place = await freshPostgres(serverUrl);
    const address = `127.0.0.1:${await freePort()}`;
    const args = ["shard", "-a", address, "-d", place.url ?? ""];
    const env = { SHARD_SECRET: SECRET };
    const start = () => startServerProcess({ dataFolder: place.dataFolder, env, args });
    let running: ServerProcess = await start();
    const remote = openHttpRemote({ url: running.url, secret: SECRET, clock });
    const shard = new RemoteShard(remote, PLACE);
    const stopped = new AbortController();
    const failures: unknown[] = [];
    let position: ShardPosition | undefined;
    const sender = new ShardSender({
      link: shard,
      epoch: 1n,
      known: undefined,
      clock,
      random,
      log: { ...log, error: (fields: object) => void failures.push(fields) },
      signal: stopped.signal,
      onRefused: (cause) => void failures.push(cause),
      onPosition: (heard) => {
        position = heard;
      },
    });
    const load = new Load(sender);
    const idle = () =>
      waitFor(() => load.isIdle, { what: "everything is answered", timeoutMs: 30_000 });
    try {
      for (const operation of [...opened(), ...granted()]) load.push(operation);
      await idle();
      let interrupted = 0;
      for (let round = 0; round < ROUNDS; round += 1) {
        const before = load.done.length;
        load.start();
        await waitFor(() => load.done.length > before + 1_000, { what: "the shard is busy" });
        await lasting(LOAD_MS.least + below(LOAD_MS.most - LOAD_MS.least));
        await running.kill();
        await waitFor(() => sender.isAway, { what: "its orchestrator notices" });
        if (!load.isIdle) interrupted += 1;
        running = await start();
        load.stop();
        await idle();
      }
      assert.equal(interrupted, ROUNDS, "every kill hit operations that were under way");
      assert.deepEqual(failures, []);

      const wallets = opened().flatMap(({ verb, ...rest }) =>
        "wallet" in rest ? rest.wallet : [],
      );
      const entries = await Promise.all(wallets.map((wallet) => entriesOf(shard, wallet)));
      const lines = entries.flat().map((one) => `${one.transfer} ${one.wallet} ${one.amount}`);
      assert.deepEqual(lines.sort(), expectedLines(load.done));
      for (const { wallet, held } of await shard.wallets(wallets)) {
        assert.equal(held, 0n, `nothing is held of wallet ${wallet}`);
      }
      assert.deepEqual((await shard.audit()).findings, []);

      const again = load.done.splice(0);
      // Answers that say what is there are given after a commit, if only of nothing: batches go on.
      const state = async () => {
        const { batch: _batch, ...counts } = await shard.summary();
        return [counts, await shard.wallets(wallets)];
      };
      const before = await state();
      for (const { operation } of again) load.push(operation);
      await idle();
      assert.deepEqual(await state(), before, "nothing happens a second time");
      assert.deepEqual(await shard.take(2n, position), position);
      t.diagnostic(`${again.length} operations, ${lines.length} entries, ${ROUNDS} kills`);
    } finally {
      stopped.abort();
      remote.close();
      await running.kill();
    }
  });

  test("it stops when it is told to, and asks for its secret", async () => {
    await using place = await freshPostgres(serverUrl);
    await using running = await startServerProcess({
      dataFolder: place.dataFolder,
      databaseUrl: place.url,
      args: ["shard"],
      env: { SHARD_SECRET: SECRET },
    });
    const { url } = running;
    for (const secret of [undefined, `${SECRET}x`]) {
      const remote = openHttpRemote({ url, secret, clock });
      const taken = new RemoteShard(remote, PLACE).take(1n, undefined);
      await assert.rejects(taken, /SHARD_SECRET is not the same on both sides/);
      remote.close();
    }
    const remote = openHttpRemote({ url, secret: SECRET, clock });
    await new RemoteShard(remote, PLACE).take(1n, undefined);
    assert.deepEqual(await (await fetch(`${url}/ready`)).json(), { status: "ready" });
    assert.equal(await running.stop(), 0);
    assert.ok(!running.output().includes(SECRET));
    remote.close();
  });
});
