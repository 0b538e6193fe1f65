import { useState } from "preact/hooks";
import { call } from "../../api.ts";
import { dayKey, decimal, moment } from "../../format.ts";
import { Button } from "../../ui/button.tsx";
import { Empty, Problem, Skeleton } from "../../ui/feedback.tsx";
import { Field } from "../../ui/field.tsx";
import { type Loaded, useAction, useLoad, useNews } from "../../ui/load.ts";
import { TableFrame } from "../../ui/table-frame.tsx";
import { joinPages, type StatementPage } from "../../wallet/statement.ts";
import type { Balance, WalletModel } from "../../wallet/wallet-model.ts";
import { titleOf } from "../../wallet/words.ts";
import { Export } from "./export.tsx";

const DAYS = 30;
const PAGE = 50;

/** The first moment of a day of this place's calendar; `days` later with that. */
function dayStart(day: string, days = 0): number {
  const date = new Date(`${day}T00:00`);
  date.setDate(date.getDate() + days);
  return date.getTime();
}

function daysAgo(days: number): string {
  const date = new Date();
  date.setDate(date.getDate() - days);
  return dayKey(date.getTime());
}

/** What was posted in a period, with the balance after each entry. */
export function Statement(props: { readonly model: WalletModel; readonly balance: Balance }) {
  const { model, balance } = props;
  const [from, setFrom] = useState(() => daysAgo(DAYS));
  const [to, setTo] = useState(() => daysAgo(0));
  const fromMs = dayStart(from);
  // The last day counts as a whole.
  const toMs = dayStart(to, 1);
  const isPeriod = Number.isFinite(fromMs) && Number.isFinite(toMs) && fromMs < toMs;
  return (
    <section class="stack" aria-labelledby="statement-title">
      <h2 id="statement-title">Statement</h2>
      <div class="report-bar">
        <Field label="From" type="date" value={from} max={to} onValue={setFrom} />
        <Field label="To" type="date" value={to} min={from} onValue={setTo} />
        {isPeriod && <Export balance={balance} from={from} to={to} fromMs={fromMs} toMs={toMs} />}
      </div>
      {isPeriod ? (
        <Posted {...{ model, balance, fromMs, toMs }} />
      ) : (
        <Empty icon="info" title="No such period">
          <p>Choose a first day and a last one that is not before it.</p>
        </Empty>
      )}
    </section>
  );
}

interface PeriodProps {
  readonly model: WalletModel;
  readonly balance: Balance;
  readonly fromMs: number;
  readonly toMs: number;
}

function Posted({ model, balance, fromMs, toMs }: PeriodProps) {
  const { walletId, asset } = balance;
  const period = { walletId, fromMs, toMs, limit: PAGE };
  const key = `${walletId} ${fromMs} ${toMs}`;
  const posted: Loaded<StatementPage> = useLoad(async () => {
    const known = posted.value;
    return joinPages(await call("wallet.statement", period), known);
  }, key);
  const ends = useLoad(async () => {
    const moments = [fromMs - 1, toMs - 1].map((atMs) => ({ walletId, atMs }));
    const balances = await Promise.all(moments.map((at) => call("wallet.balanceAt", at)));
    return balances.map((at) => at.posted);
  }, key);
  useNews(posted, model.news.value);
  useNews(ends, model.news.value);
  const page = posted.value;
  const older = useAction(async () => {
    if (page === undefined || page.before === null) return;
    const next = await call("wallet.statement", { ...period, before: page.before });
    posted.set({ entries: [...page.entries, ...next.entries], before: next.before });
  });
  const [opening, closing] = ends.value ?? [];
  return (
    <>
      <dl class="facts" aria-label="Balances">
        <div>
          <dt>Balance at the end of {dayName(fromMs - 1)}</dt>
          <dd>{opening === undefined ? "…" : `${decimal(opening)} ${asset}`}</dd>
        </div>
        <div>
          <dt>Balance at the end of {dayName(toMs - 1)}</dt>
          <dd>{closing === undefined ? "…" : `${decimal(closing)} ${asset}`}</dd>
        </div>
      </dl>
      <Problem error={posted.error ?? ends.error} retry={posted.reload} />
      {page === undefined && posted.error === undefined && <Skeleton lines={5} />}
      {page?.entries.length === 0 && (
        <Empty icon="info" title="Nothing was posted in this time">
          <p>Choose other days.</p>
        </Empty>
      )}
      {page !== undefined && page.entries.length > 0 && <Entries page={page} asset={asset} />}
      {page !== undefined && page.before !== null && (
        <div>
          <Button busy={older.busy} onPress={() => older.run()}>
            Show older ones
          </Button>
        </div>
      )}
      <Problem error={older.error} />
    </>
  );
}

const dayFormat = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium" });
const dayName = (atMs: number): string => dayFormat.format(atMs);

function Entries({ page, asset }: { readonly page: StatementPage; readonly asset: string }) {
  return (
    <TableFrame label="Statement">
      <table class="statement">
        <thead>
          <tr>
            <th scope="col" class="when">
              When
            </th>
            <th scope="col">What</th>
            <th scope="col" class="figure">
              Amount
            </th>
            <th scope="col" class="figure">
              Balance in {asset}
            </th>
          </tr>
        </thead>
        <tbody>
          {page.entries.map((entry) => (
            <tr key={entry.txId}>
              <td class="when nowrap">{moment(entry.atMs)}</td>
              <th scope="row">
                {titleOf(entry)}
                <span class="soft small block when-narrow">{moment(entry.atMs)}</span>
                <span class="soft small block">
                  {entry.memo !== null && `${entry.memo} · `}number {entry.txId}
                </span>
              </th>
              <td class={entry.amount.startsWith("+") ? "figure in" : "figure"}>
                {decimal(entry.amount)}
              </td>
              <td class="figure strong">{decimal(entry.balanceAfter)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}
