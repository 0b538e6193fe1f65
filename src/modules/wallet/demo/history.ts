/** What the demo's people have, and what they have sent each other, in this order. */

export const DEMO_ASSET = "COIN";

export const DEMO_WALLETS: Readonly<
  Record<string, { readonly id: string; readonly name: string }>
> = {
  ada: { id: "482011000001", name: "Everyday" },
  ben: { id: "482011000002", name: "Pocket money" },
  chloe: { id: "482011000003", name: "Travel" },
};

export interface DemoTransfer {
  readonly from: string;
  readonly to: string;
  readonly amount: string;
  readonly memo: string;
}

export const DEMO_TRANSFERS: readonly DemoTransfer[] = [
  { from: "ada", to: "ben", amount: "42.00", memo: "Tickets for Nine Bridges" },
  { from: "ben", to: "chloe", amount: "18.50", memo: "Half of the taxi" },
  { from: "chloe", to: "ada", amount: "240.00", memo: "Rent of the boat" },
  { from: "ben", to: "ada", amount: "7.35", memo: "Cardamom" },
  // More than he has: refused, so that one sees what that looks like.
  { from: "ben", to: "chloe", amount: "5000.00", memo: "A piano" },
  { from: "ada", to: "chloe", amount: "63.20", memo: "Supper for three" },
];
