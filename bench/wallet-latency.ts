import { createDatabase, startLedgerServer, versionOf } from "./support/ledger-server.ts";
import { startMeasured } from "./support/measured.ts";
import { preparePgbench } from "./support/pgbench.ts";
import type { Answer, Question } from "./support/question.ts";
import { alternate, median, pairedRatio, pick, quantile } from "./support/slices.ts";

const WALLETS = 10_000;
const CONNECTIONS = 96;
/** The 99th of a hundred needs some thousand transfers, so these slices are longer than others. */
const SLICE_MS = 2_000;
const PEAK_COUNT = 6_000;
const PEAK_SLICES = 3;
const ROUNDS = 7;

export const walletLatency: Question = {
  name: "wallet-latency",
  asks: "how long does a transfer take at half of the peak rate, beside one SQL transaction?",
  answer,
};

async function answer(): Promise<Answer> {
  await using server = await startLedgerServer();
  const stoaUrl = await createDatabase(server.url, "stoa");
  await using stoa = await startMeasured("wallet.ts", [stoaUrl]);
  await using payers = await startMeasured("payers.ts");
  await using pgbench = await preparePgbench(
    await createDatabase(server.url, "reference"),
    WALLETS,
  );
  await stoa.ask("makeWallets", WALLETS);
  const [url, token] = [await stoa.ask<string>("url"), await stoa.ask<string>("token")];
  await payers.ask("open", { url, token, connections: CONNECTIONS });
  const peaks = { ours: 0, reference: 0 };
  for (let slice = 0; slice < PEAK_SLICES; slice += 1) {
    const startedMs = performance.now();
    const run = { wallets: WALLETS, sliceMs: 1_000 };
    const { accepted } = await payers.ask<{ accepted: number }>("run", run);
    await stoa.ask("settled");
    const perSecond = (accepted / (performance.now() - startedMs)) * 1_000;
    peaks.ours = Math.max(peaks.ours, perSecond);
    const reference = await pgbench.run({ wallets: WALLETS, count: PEAK_COUNT });
    peaks.reference = Math.max(peaks.reference, reference);
  }
  await stoa.ask("endings");
  const slices = await alternate(
    {
      async ours() {
        const paced = { wallets: WALLETS, perSecond: peaks.ours / 2, sliceMs: SLICE_MS };
        const { durationsMs } = await payers.ask<{ durationsMs: number[] }>("pace", paced);
        await stoa.ask("settled");
        const endings = await stoa.ask<readonly number[]>("endings");
        return { acceptMs: quantile(durationsMs, 0.99), endMs: quantile(endings, 0.99) };
      },
      async reference() {
        const perSecond = peaks.reference / 2;
        const ms = await pgbench.p99Ms({ wallets: WALLETS, perSecond, seconds: SLICE_MS / 1_000 });
        return { acceptMs: ms, endMs: ms };
      },
    },
    { rounds: ROUNDS, warmUps: 1 },
  );
  const row = (what: string, figure: "acceptMs" | "endMs", atMost: number) => {
    const [ours, reference] = [pick(slices.ours, figure), pick(slices.reference, figure)];
    return {
      what: `${what}, 99 of 100 within`,
      ours: { value: median(ours), unit: "ms" },
      reference: { value: median(reference), unit: "ms", name: "pgbench" },
      ratio: pairedRatio(ours, reference),
      aim: { atMost },
    };
  };
  return {
    rows: [
      row("at half of the peak: accepted", "acceptMs", 3),
      row("at half of the peak: ended", "endMs", 10),
    ],
    with: { PostgreSQL: await versionOf(server.url) },
  };
}
