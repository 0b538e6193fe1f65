import { type Step, step } from "./step.ts";
import type { World } from "./world.ts";

const kept = (name: string) => (world: World) => world.kept.get(name);
/** Numbers on different shards, of this run alone. */
const ofAda = ({ serial }: World) => ({ walletId: `${process.pid}${serial}1` });
const ofBen = ({ serial }: World) => ({ walletId: `${process.pid}${serial}2` });
const payment =
  (more: object = {}) =>
  (world: World) => ({
    fromId: ofAda(world).walletId,
    toId: ofBen(world).walletId,
    amount: "12.50",
    memo: "Lamp oil",
    ...more,
  });
const tx = (name: string) => (world: World) => ({ txId: kept(name)(world) });
const isGranted = (body: unknown) =>
  (body as { last: { status: string } | null }).last?.status === "SUCCESSFUL";
const ends = (status: string) => ({
  until(body: unknown) {
    const transaction = body as { status: string; finishedAtMs: number | null };
    const isFinished = transaction.finishedAtMs !== null || status === "PROCESSING";
    return transaction.status === status && isFinished;
  },
});
const NUMBER = { walletId: "77" };

/** Wallets and what is sent between them. */
export const MONEY: readonly Step[] = [
  step("nobody", "wallet.assets", {}),
  step("nobody", "wallet.create", NUMBER, "UNAUTHENTICATED"),
  step("ada", "wallet.create", { walletId: "12a" }, "INVALID_INPUT"),
  step("ada", "wallet.create", { walletId: "1".repeat(65) }, "INVALID_INPUT"),
  step("ada", "wallet.create", { walletId: "1", asset: "GONE" }, "ASSET_NOT_FOUND"),
  step("ada", "wallet.create", ofAda),
  step("ada", "wallet.create", ofAda),
  step("ben", "wallet.create", ofAda, "WALLET_TAKEN"),
  step("ben", "wallet.create", ofBen),
  step("ada", "wallet.balance", ofAda, "OK", { until: isGranted }),
  step("ben", "wallet.balance", ofBen, "OK", { until: isGranted }),
  step("ben", "wallet.balance", ofAda, "WALLET_NOT_FOUND"),
  step("operator", "wallet.balance", ofAda, "WALLET_NOT_FOUND"),
  step("ada", "wallet.transfer", payment({ amount: "0" }), "AMOUNT_INVALID"),
  step("ada", "wallet.transfer", payment({ amount: "0.001" }), "AMOUNT_INVALID"),
  step("ada", "wallet.transfer", payment({ amount: "-1" }), "INVALID_INPUT"),
  step("ada", "wallet.transfer", payment({ amount: 1.5 }), "INVALID_INPUT"),
  step("ben", "wallet.transfer", payment(), "WALLET_NOT_FOUND"),
  step(
    "ada",
    "wallet.transfer",
    (world) => payment({ toId: ofAda(world).walletId })(world),
    "SAME_WALLET",
  ),
  step("ada", "wallet.transfer", payment(), "OK", { key: "pay-1", keep: ["tx", "txId"] }),
  step("ben", "wallet.getTransaction", tx("tx"), "OK", ends("SUCCESSFUL")),
  step("ada", "wallet.transfer", payment(), "OK", { key: "pay-1" }),
  step("operator", "wallet.getTransaction", tx("tx"), "TRANSACTION_NOT_FOUND"),
  step("ada", "wallet.transfer", payment({ amount: 9_000 }), "OK", { keep: ["broke", "txId"] }),
  step("ada", "wallet.getTransaction", tx("broke"), "OK", ends("INVALID")),
  step("ada", "wallet.reverse", tx("tx"), "NOT_REVERSIBLE"),
  step("ben", "wallet.reverse", tx("tx"), "OK", { keep: ["back", "txId"] }),
  step("ada", "wallet.getTransaction", tx("back"), "OK", ends("SUCCESSFUL")),
  step("ben", "wallet.reverse", tx("tx"), "NOT_REVERSIBLE"),
  step("ada", "wallet.hold", payment({ seconds: 0 }), "INVALID_INPUT"),
  step("ada", "wallet.hold", payment({ seconds: 60 }), "OK", { keep: ["hold", "txId"] }),
  step("ada", "wallet.getTransaction", tx("hold"), "OK", ends("PROCESSING")),
  step("ben", "wallet.capture", tx("hold"), "TRANSACTION_NOT_FOUND"),
  step("ada", "wallet.capture", (w) => ({ ...tx("hold")(w), amount: "13" }), "CAPTURE_TOO_LARGE"),
  step("ada", "wallet.capture", (w) => ({ ...tx("hold")(w), amount: "10" })),
  step("ada", "wallet.getTransaction", tx("hold"), "OK", ends("SUCCESSFUL")),
  step("ada", "wallet.release", tx("hold"), "HOLD_ENDED"),
  step("ada", "wallet.transferMany", (world) => ({
    transfers: [payment()(world), payment({ amount: "900" })(world)],
    together: true,
  })),
  step("ada", "wallet.balance", ofAda, "OK", {
    until: (body) => (body as { available: string }).available === "77.50" && isGranted(body),
  }),
  step("ada", "wallet.statement", (world) => ({ ...ofAda(world), limit: 2 })),
  step("ada", "wallet.transactions", (world) => ({ ...ofAda(world), limit: 3 })),
  step("ada", "wallet.balanceAt", (world) => ({ ...ofAda(world), atMs: world.startsAtMs })),
  step("ada", "wallet.list", {}),
  step("ada", "wallet.close", ofAda, "WALLET_USED"),
  step("ada", "wallet.freeze", (world) => ({ ...ofAda(world), frozen: true }), "FORBIDDEN"),
  step("operator", "wallet.freeze", (world) => ({ ...ofAda(world), frozen: true })),
  step("operator", "wallet.setOverdraft", (world) => ({ ...ofBen(world), overdraft: "20" })),
  step("ben", "wallet.balance", ofBen),
  step("operator", "wallet.saveAsset", { code: "COIN", name: "Coins", scale: 3 }, "ASSET_FIXED"),
  step(
    "operator",
    "wallet.issue",
    (world) => ({ toId: ofBen(world).walletId, amount: "5" }),
    "OK",
    { keep: ["issued", "txId"] },
  ),
  step("ben", "wallet.getTransaction", tx("issued"), "OK", ends("SUCCESSFUL")),
  step("ben", "wallet.shards", {}, "FORBIDDEN"),
  step("ben", "wallet.inFlight", {}, "FORBIDDEN"),
  step("ben", "wallet.audit", {}, "FORBIDDEN"),
];
