import assert from "node:assert/strict";
import { test } from "node:test";
import { createManualClock } from "../../../../test/support/manual-clock.ts";
import {
  createMemoryJournalStore,
  MemoryJournal,
} from "../../../../test/support/memory-journal.ts";
import { createMemoryLedgerStore, MemoryLedger } from "../../../../test/support/memory-ledger.ts";
import { createSeededRandom } from "../../../../test/support/seeded-random.ts";
import { waitFor } from "../../../../test/support/wait-for.ts";
import type { Log } from "../../../core/log.ts";
import type { Operation, ShardLink, ShardReply } from "../shard/protocol.ts";
import { Shard } from "../shard/shard.ts";
import type { JournalStore } from "./journal.ts";
import { Orchestrator } from "./orchestrator.ts";
import { type Kind, statusOf, type TransferRecord, type TransferTerms } from "./transfer.ts";

const DEADLINE_MS = 5_000;
const LEASE_MS = 3_000;

/** A link whose answers a test can hold back. */
class SlowLink implements ShardLink {
  readonly #shard: ShardLink;
  readonly #held: (() => void)[] = [];
  /** Which answers are held back. */
  holds: (operation: Operation) => boolean = () => false;
  readonly sent: Operation[] = [];

  constructor(shard: ShardLink) {
    this.#shard = shard;
  }

  get held(): number {
    return this.#held.length;
  }

  take: ShardLink["take"] = (epoch, known) => this.#shard.take(epoch, known);

  async send(epoch: bigint, operations: readonly Operation[]): Promise<ShardReply> {
    this.sent.push(...operations);
    const reply = await this.#shard.send(epoch, operations);
    if (operations.some((one) => this.holds(one))) {
      await new Promise<void>((resolve) => this.#held.push(resolve));
    }
    return reply;
  }

  release(): void {
    for (const answer of this.#held.splice(0)) answer();
  }
}

/** Two shards with a wallet of 100 each, `0` and `1`, and an orchestrator over them. */
async function start(wrap: (right: JournalStore) => JournalStore = (right) => right) {
  const clock = createManualClock(1_000_000);
  const errors: object[] = [];
  const log: Log = {
    debug() {},
    info() {},
    warn() {},
    error: (fields) => void errors.push(fields),
    child: () => log,
  };
  const journal = new MemoryJournal();
  const right = createMemoryJournalStore(journal, clock.nowMs);
  const store = wrap(right);
  const ledgers = [new MemoryLedger(), new MemoryLedger()] as const;
  const newLink = (ledger: MemoryLedger) =>
    new SlowLink(new Shard({ store: createMemoryLedgerStore(ledger), clock, log }));
  const links = [newLink(ledgers[0]), newLink(ledgers[1])] as const;
  const lead = await store.lead("node", LEASE_MS);
  assert.ok(lead !== null);
  const random = createSeededRandom(1);
  const onFenced = () => {};
  const orchestrator = new Orchestrator(
    { journal: store, links, clock, random, log, onFenced },
    lead,
  );
  await orchestrator.resume();
  for (const shard of [0, 1]) {
    const open = { verb: "open", asset: "COIN" } as const;
    const issuer = `issuer${shard}`;
    await orchestrator.ask(shard, { ...open, wallet: issuer, minBalance: -1_000n });
    await orchestrator.ask(shard, { ...open, wallet: String(shard), minBalance: 0n });
    const transfer = BigInt(1_000_000 + shard);
    const move = { verb: "move", transfer, from: issuer, to: String(shard) } as const;
    await orchestrator.ask(shard, { ...move, asset: "COIN", amount: 100n });
  }
  const order = async (...orders: Partial<TransferTerms>[]): Promise<TransferRecord> => {
    const terms = orders.map((one) => ({ ...termsOf("transfer", clock.nowMs()), ...one }));
    const [acceptance] = await store.accept([{ transfers: terms }]);
    assert.ok(acceptance !== undefined && "transfers" in acceptance);
    orchestrator.carry(acceptance.transfers);
    return acceptance.transfers[0] as TransferRecord;
  };
  const next = async () => {
    clock.advance(LEASE_MS + 1);
    const following = await store.lead("next", LEASE_MS);
    assert.ok(following !== null);
    const parts = { journal: store, links, clock, random, log, onFenced };
    const follower = new Orchestrator(parts, following);
    await follower.resume();
    return follower;
  };
  const find = (id: bigint) => journal.transfers.get(id) as TransferRecord;
  const ended = async ({ id }: TransferRecord) => {
    await waitFor(() => find(id).finishedMs !== null, { what: "the transfer ends" });
    return find(id);
  };
  const posted = (wallet: string) => ledgers[Number(wallet)]?.tables.wallets.get(wallet)?.posted;
  return {
    clock,
    errors,
    journal,
    store,
    ledgers,
    links,
    orchestrator,
    next,
    order,
    find,
    ended,
    posted,
  };
}

function termsOf(kind: Kind, nowMs: number): TransferTerms {
  return {
    kind,
    owner: "somebody",
    repeat: null,
    from: "0",
    to: "1",
    fromShard: 0,
    toShard: 1,
    asset: "COIN",
    amount: 30n,
    memo: null,
    reverses: null,
    deadlineMs: nowMs + DEADLINE_MS,
    initiatedMs: nowMs,
  };
}

test("a transfer between shards goes through", async () => {
  const { order, ended, posted, orchestrator } = await start();
  const transfer = await ended(await order({}));
  assert.equal(statusOf(transfer), "SUCCESSFUL");
  assert.deepEqual([posted("0"), posted("1")], [70n, 130n]);
  await waitFor(() => orchestrator.inFlight === 0, { what: "nothing is in flight" });
});

test("holds that wait for their owners are in the journal alone, however many", async () => {
  const { order, ended, find, posted, orchestrator, journal, clock } = await start();
  const few = await Promise.all(
    Array.from({ length: 90 }, () => order({ kind: "hold", amount: 1n })),
  );
  const areHeld = () => few.every(({ id }) => find(id).heldMs !== null);
  await waitFor(areHeld, { what: "the money is held" });
  await waitFor(() => orchestrator.inFlight === 0, { what: "nothing is in memory" });
  await orchestrator.sweep();
  orchestrator.carry(few.map(({ id }) => find(id)));
  assert.equal(orchestrator.inFlight, 0, "nor when it is heard of again");

  // Decided on another node, which told nobody.
  const [first, second, ...others] = few;
  assert.ok(first !== undefined && second !== undefined);
  journal.decideHold(first.id, { decision: "commit", captured: null }, clock.nowMs());
  journal.decideHold(second.id, { decision: "abort", captured: null }, clock.nowMs());
  await orchestrator.sweep();
  assert.equal(statusOf(await ended(first)), "SUCCESSFUL");
  assert.equal((await ended(second)).code, "released");

  clock.advance(DEADLINE_MS + 1);
  await orchestrator.sweep();
  const codes = await Promise.all(others.map(async (hold) => (await ended(hold)).code));
  assert.deepEqual([...new Set(codes)], ["hold_expired"]);
  assert.deepEqual([posted("0"), posted("1")], [99n, 101n]);
});

test("the next to lead goes on with what the one before had begun, but for open holds", async () => {
  const { order, find, links, orchestrator, journal, next } = await start();
  const hold = await order({ kind: "hold", amount: 10n });
  await waitFor(() => find(hold.id).heldMs !== null, { what: "the money is held" });
  links[1].holds = ({ verb }) => verb === "reserve";
  const transfer = await order({ amount: 1n });
  await waitFor(() => links[1].held === 1, { what: "the credit is reserved" });
  orchestrator.stop();
  links[1].holds = () => false;
  const follower = await next();
  assert.equal(follower.inFlight, 1);
  await waitFor(() => find(transfer.id).finishedMs !== null, { what: "the transfer ends" });
  assert.equal(find(hold.id).decision, null);
  assert.equal(journal.transfers.size, 2);
});

test("what nobody told of is found by sweeps, a bundle as a whole", async () => {
  const { find, store, orchestrator, clock } = await start();
  const accept = async (...orders: Partial<TransferTerms>[]) => {
    const transfers = orders.map((one) => ({ ...termsOf("transfer", clock.nowMs()), ...one }));
    const [acceptance] = await store.accept([{ transfers }]);
    assert.ok(acceptance !== undefined && "transfers" in acceptance);
    return acceptance.transfers.map(({ id }) => id);
  };
  await accept({ amount: 1n });
  await orchestrator.sweep();
  const bundle = await accept({ amount: 1n }, { amount: 1_000n });
  await orchestrator.sweep();
  assert.equal(orchestrator.inFlight, 1, "what was there at the sweep before");
  await orchestrator.sweep();
  const haveEnded = () => bundle.every((id) => find(id).finishedMs !== null);
  await waitFor(haveEnded, { what: "the bundle ends" });
  assert.deepEqual(
    bundle.map((id) => find(id).code),
    ["bundle_refused", "funds_short"],
  );
});

test("what a shard refuses is invalid, and holds nothing on the other", async () => {
  const { order, ended, ledgers } = await start();
  const transfer = await ended(await order({ to: "3", amount: 30n }));
  assert.deepEqual([statusOf(transfer), transfer.code], ["INVALID", "wallet_unknown"]);
  assert.equal(ledgers[0].tables.wallets.get("0")?.held, 0n);
});

test("an answer that comes after the deadline does not bring a settled leg back", async () => {
  const { order, ended, links, clock, orchestrator } = await start();
  links[1].holds = ({ verb }) => verb === "reserve";
  const transfer = await order({});
  await waitFor(() => links[1].held === 1, { what: "the credit is reserved" });
  links[0].holds = ({ verb }) => verb === "void";
  clock.advance(DEADLINE_MS + 1_000);
  await waitFor(() => links[0].held === 1, { what: "the debit is voided" });
  await waitFor(() => links[1].sent.some(({ verb }) => verb === "void"), { what: "the void" });
  links[1].release();
  await waitFor(() => links[1].held === 0, { what: "the late answer" });
  await Promise.resolve();
  links[0].release();
  assert.equal(statusOf(await ended(transfer)), "FAILED");
  assert.equal(orchestrator.inFlight, 0);
});

test("a hold that is kept and given up at once is one entry of the journal", async () => {
  let isBlocked = false;
  let unblock = () => {};
  const written: bigint[][] = [];
  const { order, ended, clock, ledgers } = await start((right) => ({
    ...right,
    async record(commit) {
      written.push(commit.entries.map(({ id }) => id));
      if (isBlocked) await new Promise<void>((resolve) => (unblock = resolve));
      return right.record(commit);
    },
  }));
  isBlocked = true;
  await order({ amount: 1n });
  await waitFor(() => written.length === 1, { what: "a commit is under way" });
  const hold = await order({ kind: "hold" });
  const isReserved = () =>
    ledgers.every(({ tables }) =>
      [...tables.legs.values()].some((leg) => leg.transfer === hold.id),
    );
  // Both shards have answered then, and the entry waits for the commit before.
  await waitFor(isReserved, { what: "the hold is reserved" });
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(DEADLINE_MS + 1_000);
  isBlocked = false;
  unblock();
  assert.equal(statusOf(await ended(hold)), "FAILED");
  for (const ids of written) assert.equal(new Set(ids).size, ids.length);
});

test("others of a bundle that is refused are told that this was why", async () => {
  const { order, ended, find } = await start();
  const first = await ended(await order({ amount: 10n }, { amount: 1_000n }));
  const second = find(first.id + 1n);
  assert.deepEqual([first.code, second.code], ["bundle_refused", "funds_short"]);
});

test("a stale word of a transfer that has ended leaves nothing behind", async () => {
  const { order, ended, orchestrator, journal, clock } = await start();
  const hold = await order({ kind: "hold" });
  await waitFor(() => journal.find([hold.id])[0]?.heldMs !== null, { what: "it is held" });
  const decided = journal.decideHold(hold.id, { decision: "commit", captured: 5n }, clock.nowMs());
  assert.ok(decided !== null);
  orchestrator.carry([decided]);
  await ended(hold);
  await waitFor(() => orchestrator.inFlight === 0, { what: "it has been let go of" });
  orchestrator.carry([hold]);
  assert.equal(orchestrator.inFlight, 1);
  await waitFor(() => orchestrator.inFlight === 0, { what: "it has been let go of again" });
});

test("that the journal and a shard contradict each other is for people to know", async () => {
  const { order, errors, links, orchestrator } = await start();
  links[1].holds = ({ verb }) => verb === "reserve";
  const hold = await order({ kind: "hold" });
  await waitFor(() => links[1].held === 1, { what: "the credit is reserved" });
  // As if somebody had written into the shard's tables.
  await links[1].send(orchestrator.epoch, [{ verb: "void", transfer: hold.id, side: "credit" }]);
  orchestrator.carry([{ ...hold, decision: "commit" }]);
  await waitFor(() => errors.length > 0, { what: "the complaint" });
  assert.equal(errors.length, 1);
});

test("a bundle that another node has decided is settled as that node has it", async () => {
  const { order, links, orchestrator, find } = await start();
  links[1].holds = ({ verb }) => verb === "reserve";
  const { id } = await order({}, {});
  await waitFor(() => links[1].held === 1, { what: "the credits are reserved" });
  const decided = [find(id), find(id + 1n)].map((transfer): TransferRecord => {
    return { ...transfer, decision: "abort", code: "deadline" };
  });
  orchestrator.carry(decided);
  const settling = () => links[0].sent.filter(({ verb }) => verb === "void" || verb === "post");
  await waitFor(() => settling().length === 2, { what: "both debits are settled" });
  const verbs = [...links[0].sent, ...links[1].sent].map(({ verb }) => verb);
  assert.ok(!verbs.includes("post"), verbs.join());
});

test("a transfer that a shard cannot write does not hold up the others", async () => {
  const { order, ended, links, clock } = await start();
  const right = links[0].send.bind(links[0]);
  let poisoned: bigint | undefined;
  links[0].send = async (epoch, operations) => {
    const isPoison = operations.map((one) => "transfer" in one && one.transfer === poisoned);
    const { outcomes, position } = await right(
      epoch,
      operations.filter((_, at) => !isPoison[at]),
    );
    const rest = [...outcomes];
    return { outcomes: isPoison.map((is) => (is ? null : (rest.shift() ?? null))), position };
  };
  poisoned = 1n;
  const [sick, ...others] = [await order({}), await order({}), await order({ amount: 1n })];
  for (const transfer of others) assert.equal(statusOf(await ended(transfer)), "SUCCESSFUL");
  poisoned = undefined;
  clock.advance(2_000);
  assert.equal(statusOf(await ended(sick)), "SUCCESSFUL");
});

test("whoever waits for room is told when there is some, and forgotten when he waits no more", async () => {
  const { order, links, orchestrator } = await start();
  links[1].holds = ({ verb }) => verb === "reserve";
  await order({ amount: 1n });
  const [patient, gone] = [new AbortController(), new AbortController()];
  const told: string[] = [];
  const waiting = orchestrator.room(1, patient.signal).then(() => told.push("patient"));
  void orchestrator.room(1, gone.signal).then(() => told.push("gone"));
  gone.abort();
  await waitFor(() => links[1].held === 1, { what: "the credit is reserved" });
  assert.deepEqual(told, []);
  links[1].holds = () => false;
  links[1].release();
  await waiting;
  assert.deepEqual(told, ["patient"]);
});
