import { useEffect, useRef, useState } from "preact/hooks";
import { call, patienceOf } from "../../api.ts";
import { count } from "../../format.ts";
import { announce, toast } from "../../ui/announce.ts";
import { Button } from "../../ui/button.tsx";
import { Problem } from "../../ui/feedback.tsx";
import { useAction } from "../../ui/load.ts";
import { saveFile } from "../../ui/save-file.ts";
import {
  collect,
  ENTRIES_MAX,
  type Statement,
  type StatementPage,
  statementCsv,
  statementJson,
  TooLong,
} from "../../wallet/statement.ts";
import type { Balance } from "../../wallet/wallet-model.ts";

const PAGE = 100;

const FORMATS = {
  csv: { type: "text/csv", write: statementCsv },
  json: { type: "application/json", write: statementJson },
} as const;

export interface ExportProps {
  readonly balance: Balance;
  readonly from: string;
  readonly to: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Reads a whole period and hands it over as a file; it says how far it is and can be stopped. */
export function Export({ balance, from, to, fromMs, toMs }: ExportProps) {
  const { walletId, asset } = balance;
  const [entries, setEntries] = useState<number>();
  const stopping = useRef(new AbortController());
  useEffect(() => () => stopping.current.abort(), []);
  const save = useAction(async (format: keyof typeof FORMATS) => {
    stopping.current = new AbortController();
    const { signal } = stopping.current;
    const period = { walletId, fromMs, toMs };
    setEntries(0);
    announce("The statement is being read.");
    try {
      const read = (before: number | undefined) => readPage({ ...period, before }, signal);
      const all = await collect(read, { signal, onProgress: setEntries });
      const statement: Statement = { ...period, asset, entries: all };
      const { type, write } = FORMATS[format];
      saveFile(`statement-${walletId}-${from}-${to}.${format}`, type, write(statement));
      toast(`${count(all.length, "entry", "entries")} saved.`, "good");
    } catch (error) {
      if (error instanceof TooLong) {
        const most = count(ENTRIES_MAX, "entry", "entries");
        toast(`A file has at most ${most}. Choose a shorter period.`, "bad");
      } else if (!signal.aborted) {
        throw error;
      }
    } finally {
      setEntries(undefined);
    }
  });
  return (
    <>
      {entries === undefined ? (
        <>
          <Button icon="download" onPress={() => save.run("csv")}>
            Export CSV
          </Button>
          <Button icon="download" onPress={() => save.run("json")}>
            Export JSON
          </Button>
        </>
      ) : (
        <>
          <p class="export-progress">
            <span class="spinner" /> {count(entries, "entry", "entries")} read…
          </p>
          <Button
            onPress={() => {
              stopping.current.abort();
              announce("The export was cancelled.");
            }}
          >
            Cancel
          </Button>
        </>
      )}
      <Problem error={save.error} />
    </>
  );
}

interface PageInput {
  readonly walletId: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly before: number | undefined;
}

/** Where the service asks for patience it is given. */
async function readPage(
  { before, ...period }: PageInput,
  signal: AbortSignal,
): Promise<StatementPage> {
  const input = { ...period, limit: PAGE, ...(before === undefined ? {} : { before }) };
  for (;;) {
    signal.throwIfAborted();
    try {
      return await call("wallet.statement", input, signal);
    } catch (error) {
      const pauseMs = patienceOf(error);
      if (pauseMs === undefined) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}
