import type { Sample } from "./samples.ts";
import type { World } from "./world.ts";

const kept = (world: World, name: string) => world.kept.get(name);
let numbers = 0;
/** A wallet's number that nobody has. */
const newNumber = () => {
  numbers += 1;
  return { walletId: `${process.pid}00${numbers}` };
};
const nothing = () => ({});
const wallet = (world: World) => ({ walletId: kept(world, "wallet") });
const peer = (world: World) => ({ walletId: kept(world, "peer") });
const tx = (world: World) => ({ txId: kept(world, "tx") });
const payment = (world: World) => ({
  fromId: kept(world, "wallet"),
  toId: kept(world, "peer"),
  amount: "12.50",
});

/** Open, with the money that a new wallet is given to try things with. */
const isGranted = (body: unknown) =>
  (body as { last: { status: string } | null }).last?.status === "SUCCESSFUL";
const hasStatus = (status: string) => (body: unknown) =>
  (body as { status: string }).status === status;

const WALLET: Sample["after"] = [
  { as: "ada", operation: "wallet.create", input: newNumber, keep: ["wallet", "walletId"] },
  { as: "ada", operation: "wallet.balance", input: wallet, until: isGranted },
];
const PAIR: Sample["after"] = [
  ...WALLET,
  { as: "ben", operation: "wallet.create", input: newNumber, keep: ["peer", "walletId"] },
  { as: "ben", operation: "wallet.balance", input: peer, until: isGranted },
];
const SENT: Sample["after"] = [
  ...PAIR,
  { as: "ada", operation: "wallet.transfer", input: payment, keep: ["tx", "txId"] },
  {
    as: "ada",
    operation: "wallet.getTransaction",
    input: tx,
    until: hasStatus("SUCCESSFUL"),
  },
];
const HELD: Sample["after"] = [
  ...PAIR,
  { as: "ada", operation: "wallet.hold", input: payment, keep: ["tx", "txId"] },
  {
    as: "ada",
    operation: "wallet.getTransaction",
    input: tx,
    until: hasStatus("PROCESSING"),
  },
];

/** What others are told of a wallet that is not theirs: an operator is one of them. */
const own = (code = "OK") => ({
  ada: code,
  ben: "WALLET_NOT_FOUND",
  operator: "WALLET_NOT_FOUND",
});
const ownTransaction = {
  ada: "OK",
  ben: "TRANSACTION_NOT_FOUND",
  operator: "TRANSACTION_NOT_FOUND",
};
const everyPerson = { ada: "OK", ben: "OK", operator: "OK" };
const operator = { operator: "OK" };

export const WALLET_SAMPLES: Readonly<Record<string, Sample>> = {
  "wallet.create": { input: newNumber, codes: everyPerson },
  "wallet.list": { after: WALLET, input: nothing, codes: everyPerson },
  "wallet.assets": { input: nothing, codes: { nobody: "OK", ...everyPerson } },
  "wallet.balance": { after: WALLET, input: wallet, codes: own() },
  "wallet.balanceAt": {
    after: WALLET,
    input: (w) => ({ ...wallet(w), atMs: w.startsAtMs }),
    codes: own(),
  },
  "wallet.transfer": { after: PAIR, input: payment, codes: own() },
  "wallet.transferMany": {
    after: PAIR,
    input: (w) => ({ transfers: [payment(w)], together: true }),
    codes: own(),
  },
  "wallet.hold": { after: PAIR, input: payment, codes: own() },
  "wallet.capture": { after: HELD, input: tx, codes: ownTransaction },
  "wallet.release": { after: HELD, input: tx, codes: ownTransaction },
  "wallet.reverse": {
    after: SENT,
    input: tx,
    codes: { ada: "NOT_REVERSIBLE", ben: "OK", operator: "TRANSACTION_NOT_FOUND" },
  },
  "wallet.getTransaction": {
    after: SENT,
    input: tx,
    codes: { ada: "OK", ben: "OK", operator: "TRANSACTION_NOT_FOUND" },
  },
  "wallet.transactions": { after: WALLET, input: wallet, codes: own() },
  "wallet.statement": { after: WALLET, input: wallet, codes: own() },
  "wallet.close": { after: WALLET, input: wallet, codes: own("WALLET_USED") },
  "wallet.issue": {
    after: WALLET,
    input: (w) => ({ toId: kept(w, "wallet"), amount: 5 }),
    codes: operator,
  },
  "wallet.freeze": {
    after: WALLET,
    input: (w) => ({ ...wallet(w), frozen: true }),
    codes: operator,
  },
  "wallet.setOverdraft": {
    after: WALLET,
    input: (w) => ({ ...wallet(w), overdraft: "10" }),
    codes: operator,
  },
  "wallet.saveAsset": {
    input: () => ({ code: "BEAN", name: "Beans", scale: 0 }),
    codes: operator,
  },
  "wallet.shards": { input: nothing, codes: operator },
  "wallet.inFlight": { input: nothing, codes: operator },
  "wallet.audit": { input: nothing, codes: operator },
  "wallet.subscribe": { after: WALLET, input: wallet, codes: own() },
};
