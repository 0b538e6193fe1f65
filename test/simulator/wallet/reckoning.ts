import type { TransferRecord } from "../../../src/modules/wallet/orchestrator/transfer.ts";
import { statusOf } from "../../../src/modules/wallet/orchestrator/transfer.ts";
import { Violation } from "../engine/world.ts";
import { grantKey } from "./bank.ts";
import type { Client } from "./client.ts";
import { wrongIn, wrongInChain } from "./ledger-rules.ts";
import type { Oracle } from "./oracle.ts";

/** What must hold once everything has come to its end. @throws Violation */
export function reckon(oracle: Oracle, clients: readonly Client[]): void {
  for (const [shard, ledger] of oracle.ledgers.entries()) {
    const wrong = wrongIn(ledger) ?? wrongInChain(ledger);
    if (wrong !== undefined) throw new Violation(`Shard ${shard}: ${wrong}.`);
    for (const { transfer, side, state } of ledger.tables.legs.values()) {
      if (state !== "reserved") continue;
      throw new Violation(`Transfer ${transfer} ${side} is reserved, and nothing is under way.`);
    }
  }
  checkClearing(oracle);
  for (const transfer of oracle.journal.transfers.values()) checkEnd(oracle, transfer);
  checkBalances(oracle);
  checkKeys(oracle);
  checkReversals(oracle);
  checkGrants(oracle);
  for (const client of clients) checkPromises(oracle, client);
}

/** Nothing is on its way between any two shards. */
function checkClearing({ ledgers }: Oracle): void {
  const sums = new Map<string, bigint>();
  for (const [shard, { tables }] of ledgers.entries()) {
    for (const { peer, asset, balance } of tables.clearing.values()) {
      const pair = `${Math.min(shard, peer)} and ${Math.max(shard, peer)} in ${asset}`;
      sums.set(pair, (sums.get(pair) ?? 0n) + balance);
    }
  }
  for (const [pair, sum] of sums) {
    if (sum !== 0n) throw new Violation(`Between shards ${pair} there is ${sum} on its way.`);
  }
}

function checkEnd(oracle: Oracle, transfer: TransferRecord): void {
  const { id, finishedMs, decision } = transfer;
  if (finishedMs === null || decision === null) throw new Violation(`Transfer ${id} has no end.`);
  for (const side of ["debit", "credit"] as const) {
    const isPosted = oracle.leg(transfer, side)?.state === "posted";
    if (isPosted === (decision === "commit")) continue;
    throw new Violation(`Transfer ${id} is ${statusOf(transfer)}, its ${side} is not.`);
  }
}

/** The journal alone says what everybody has. */
function checkBalances({ ledgers, journal }: Oracle): void {
  const balances = new Map<string, bigint>();
  const add = (wallet: string, amount: bigint) =>
    balances.set(wallet, (balances.get(wallet) ?? 0n) + amount);
  for (const { decision, from, to, amount, captured } of journal.transfers.values()) {
    if (decision !== "commit") continue;
    add(from, -(captured ?? amount));
    add(to, captured ?? amount);
  }
  for (const { tables } of ledgers) {
    for (const { wallet, posted } of tables.wallets.values()) {
      const due = balances.get(wallet) ?? 0n;
      if (posted !== due) throw new Violation(`Wallet ${wallet} has ${posted}; due is ${due}.`);
    }
  }
}

/** A key has one effect. */
function checkKeys({ journal }: Oracle): void {
  const keys = new Set<string>();
  for (const { repeat, owner } of journal.transfers.values()) {
    if (repeat === null) continue;
    const key = `${owner} ${repeat.key}`;
    if (keys.has(key)) throw new Violation(`The key ${repeat.key} has had two effects.`);
    keys.add(key);
  }
}

/** What has happened is taken back once at the most. */
function checkReversals({ journal }: Oracle): void {
  const reversed = new Set<bigint>();
  for (const { reverses, decision } of journal.transfers.values()) {
    if (reverses === null || decision !== "commit") continue;
    if (reversed.has(reverses)) throw new Violation(`Transfer ${reverses} was taken back twice.`);
    reversed.add(reverses);
  }
}

/** Who was to be given something with a new wallet was. */
function checkGrants({ chores, journal }: Oracle): void {
  const keys = new Set([...journal.transfers.values()].map(({ repeat }) => repeat?.key));
  for (const { operation, refusal } of chores.chores.values()) {
    if (operation.verb !== "open" || operation.grant === null || refusal !== null) continue;
    if (keys.has(grantKey(operation.wallet))) continue;
    throw new Violation(`Wallet ${operation.wallet} was opened and not given its grant.`);
  }
}

/** What clients were told is so. */
function checkPromises({ journal }: Oracle, client: Client): void {
  for (const { told, order } of client.wishes) {
    const kept = (told ?? []).flatMap((id) => journal.transfers.get(id) ?? []);
    const isKept = (told ?? []).every((_, at) => {
      const [transfer, terms] = [kept[at], order.transfers[at]];
      return transfer?.amount === terms?.amount && transfer?.from === terms?.from;
    });
    if (!isKept) throw new Violation(`What was accepted as ${told} is not there.`);
  }
  const decided = new Set<bigint>();
  for (const { id, captured, told } of client.verdicts) {
    if (!told) continue;
    if (decided.has(id)) throw new Violation(`Hold ${id} was decided twice.`);
    decided.add(id);
    const transfer = journal.transfers.get(id);
    const is = transfer?.decision === "commit" ? (transfer.captured ?? transfer.amount) : null;
    if (is !== captured) throw new Violation(`Of hold ${id} ${captured} was taken, not ${is}.`);
  }
}
