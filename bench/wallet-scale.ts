import { countEnded, SLICE_MS } from "./support/count-ended.ts";
import { createDatabase, startLedgerServer, versionOf } from "./support/ledger-server.ts";
import { type Measured, startMeasured } from "./support/measured.ts";
import type { Answer, Question, Row } from "./support/question.ts";
import { alternate, median, pairedRatio, pick } from "./support/slices.ts";

const ROUNDS = 12;
const WARM_UPS = 6;
const FEW = 10_000;
const MANY = 1_000_000;
const MIB = 1024 * 1024;

export const walletScale: Question = {
  name: "wallet-scale",
  asks: "does a transfer cost the same with a million wallets, and with four shards?",
  answer,
};

async function answer(): Promise<Answer> {
  await using server = await startLedgerServer();
  const start = async (name: string, wallets: number, shards: number) => {
    const url = await createDatabase(server.url, name);
    const stoa = await startMeasured("wallet.ts", [url, String(shards)]);
    await stoa.ask("makeWallets", wallets);
    return stoa;
  };
  await using usual = await start("usual", FEW, 2);
  await using large = await start("large", MANY, 2);
  await using single = await start("single", FEW, 1);
  await using wide = await start("wide", FEW, 4);
  const idleBytes = await large.ask<number>("residentBytes");
  const slice = (stoa: Measured, wallets: number) => () =>
    countEnded(stoa, () =>
      stoa.ask("sendMany", { wallets, within: stoa === single, sliceMs: SLICE_MS }),
    );
  const slices = await alternate(
    {
      usual: slice(usual, FEW),
      large: slice(large, MANY),
      single: slice(single, FEW),
      wide: slice(wide, FEW),
    },
    { rounds: ROUNDS, warmUps: WARM_UPS },
  );
  const row = (what: string, ours: keyof typeof slices, reference: keyof typeof slices): Row => ({
    what: `transfers a second, ${what}`,
    ours: { value: median(pick(slices[ours], "perSecond")), unit: "/s" },
    reference: {
      value: median(pick(slices[reference], "perSecond")),
      unit: "/s",
      name: "10,000 wallets, 2 shards",
    },
    ratio: pairedRatio(pick(slices[ours], "perSecond"), pick(slices[reference], "perSecond")),
  });
  const bytes = await large.ask<number>("residentBytes");
  return {
    rows: [
      row("a million wallets", "large", "usual"),
      row("4 shards", "wide", "usual"),
      row("1 shard, within it", "single", "usual"),
      {
        what: "resident memory, a million wallets, idle",
        ours: { value: idleBytes / MIB, unit: "MiB" },
      },
      {
        what: "the same after the transfers between them",
        ours: { value: bytes / MIB, unit: "MiB" },
      },
    ],
    with: { PostgreSQL: await versionOf(server.url) },
  };
}
