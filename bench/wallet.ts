import { countEnded, SLICE_MS, type Speed } from "./support/count-ended.ts";
import {
  createDatabase,
  setOnServer,
  startLedgerServer,
  versionOf,
} from "./support/ledger-server.ts";
import { type Measured, startMeasured } from "./support/measured.ts";
import { type Pgbench, preparePgbench } from "./support/pgbench.ts";
import type { Aim, Answer, Question, Row } from "./support/question.ts";
import { alternate, median, pairedRatio, pick } from "./support/slices.ts";

const WALLETS = 10_000;
const HOT_WALLETS = 10;
/** Transfers of a slice of pgbench: about as many as a quarter second takes. */
const PGBENCH_COUNT = 1_600;
const CONNECTIONS = 256;
const ROUNDS = 15;
const WARM_UPS = 4;
/** What most disks take for a commit; the one of a bench machine may take less. */
const SLOW_COMMITS = "commit_delay = 1000, commit_siblings = 0";

export const wallet: Question = {
  name: "wallet",
  asks: "how many transfers between shards end in a second, beside one SQL transaction for each?",
  answer,
};

async function answer(): Promise<Answer> {
  await using server = await startLedgerServer();
  const [stoaUrl, referenceUrl, ...halves] = await Promise.all(
    ["stoa", "reference", "first_half", "second_half"].map((name) =>
      createDatabase(server.url, name),
    ),
  );
  await using stoa = await startMeasured("wallet.ts", [stoaUrl ?? ""]);
  await using payers = await startMeasured("payers.ts");
  await using pgbench = await preparePgbench(referenceUrl ?? "", WALLETS);
  await using twoPhase = await startMeasured("two-phase.ts", halves);
  await stoa.ask("makeWallets", WALLETS);
  const [url, token] = [await stoa.ask<string>("url"), await stoa.ask<string>("token")];
  await payers.ask("open", { url, token, connections: CONNECTIONS });
  const parts = { stoa, payers, pgbench, twoPhase };

  const uniform = await compare(parts, WALLETS);
  const hot = await compare(parts, HOT_WALLETS);
  await setOnServer(server.url, SLOW_COMMITS);
  const hotAndSlow = await compare(parts, HOT_WALLETS);
  await setOnServer(server.url, "");
  const findings = await stoa.ask<readonly string[]>("audit");
  if (findings.length > 0) throw new Error(findings.join("\n"));

  const one = "one SQL transaction each, pgbench";
  return {
    rows: [
      row("W1: over HTTP, ended, between shards, 10,000 wallets", uniform, "http", one, 0.8),
      row("W1: the same, 10 wallets, 1 ms a commit", hotAndSlow, "http", one, 3),
      row("W2: the same as the first, ÷ two-phase commit", uniform, "http", "PREPARE pairs", 2),
      row("W3: `transferMany`, between shards, 10,000 wallets", uniform, "many", one, 2.5),
      row("W3: the same, 10 wallets", hot, "many", one, 4),
      row("W3: the same, 10 wallets, 1 ms a commit", hotAndSlow, "many", one, 20),
      row("W4: `transferMany` between shards, ÷ within one", uniform, "many", "within", 0.5),
    ],
    with: { PostgreSQL: await versionOf(server.url) },
  };
}

interface Parts {
  readonly stoa: Measured;
  readonly payers: Measured;
  readonly pgbench: Pgbench;
  readonly twoPhase: Measured;
}

const REFERENCES = {
  "one SQL transaction each, pgbench": "pgbench",
  "PREPARE pairs": "twoPhase",
  within: "within",
} as const;

type Slices = Awaited<ReturnType<typeof compare>>;

function compare({ stoa, payers, pgbench, twoPhase }: Parts, wallets: number) {
  const many = (within: boolean) => () =>
    countEnded(stoa, () => stoa.ask("sendMany", { wallets, within, sliceMs: SLICE_MS }));
  return alternate(
    {
      http: () => countEnded(stoa, () => payers.ask("run", { wallets, sliceMs: SLICE_MS })),
      async pgbench(): Promise<Speed> {
        return { perSecond: await pgbench.run({ wallets, count: PGBENCH_COUNT }) };
      },
      many: many(false),
      within: many(true),
      async twoPhase(): Promise<Speed> {
        const { finished, elapsedMs } = await twoPhase.ask<{ finished: number; elapsedMs: number }>(
          "run",
          { sliceMs: SLICE_MS },
        );
        return { perSecond: (finished / elapsedMs) * 1_000 };
      },
    },
    { rounds: ROUNDS, warmUps: WARM_UPS },
  );
}

function row(
  what: string,
  slices: Slices,
  side: "http" | "many",
  name: keyof typeof REFERENCES,
  atLeast: number,
): Row {
  const ours = pick(slices[side], "perSecond");
  const reference = pick(slices[REFERENCES[name]], "perSecond");
  const aim: Aim = { atLeast };
  return {
    what,
    ours: { value: median(ours), unit: "/s" },
    reference: { value: median(reference), unit: "/s", name },
    ratio: pairedRatio(ours, reference),
    aim,
  };
}
