import { systemRandom } from "../../src/adapters/system/random.ts";
import type { Call } from "./in-process.ts";
import { waitFor } from "./wait-for.ts";

/** What somebody has to try things with: wallets on both shards, and transactions of each kind. */
export interface Funds {
  readonly walletId: readonly string[];
  readonly fromId: readonly string[];
  readonly toId: readonly string[];
  readonly txId: readonly string[];
}

const OPENED_WITHIN_MS = 10_000;

/** A number that nobody has. */
export function newWalletNumber(): string {
  return `7${Buffer.from(systemRandom.bytes(6)).readUIntBE(0, 6)}`;
}

/** Opens a wallet of a node in development, and waits until it has its first money. */
export async function openWallet(call: Call, walletId = newWalletNumber()): Promise<string> {
  await call("wallet.create", { walletId });
  await waitFor(
    async () => (await call("wallet.balance", { walletId })).last?.status === "SUCCESSFUL",
    { what: "a new wallet has its first money", timeoutMs: OPENED_WITHIN_MS },
  );
  return walletId;
}

/** @param call as whoever gets them */
export async function createFunds(call: Call): Promise<Funds> {
  const number = newWalletNumber();
  const [even, odd] = await Promise.all([
    openWallet(call, `${number}0`),
    openWallet(call, `${number}1`),
  ]);
  const there = { fromId: even, toId: odd, amount: "1" };
  const { txId: sent } = await call("wallet.transfer", there);
  const { txId: held } = await call("wallet.hold", { ...there, seconds: 3_600 });
  const statusOf = async (txId: string) => (await call("wallet.getTransaction", { txId })).status;
  await waitFor(
    async () => (await statusOf(sent)) === "SUCCESSFUL" && (await statusOf(held)) === "PROCESSING",
    { what: "money was sent and held", timeoutMs: OPENED_WITHIN_MS },
  );
  const wallets = [even, odd];
  return { walletId: wallets, fromId: [even], toId: [odd], txId: [sent, held] };
}
