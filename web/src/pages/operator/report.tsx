import { useState } from "preact/hooks";
import { call } from "../../api.ts";
import { dayKey, moment, money, number } from "../../format.ts";
import { Button } from "../../ui/button.tsx";
import { Empty, Loading } from "../../ui/feedback.tsx";
import { Field } from "../../ui/field.tsx";
import { useLoad } from "../../ui/load.ts";
import { saveFile } from "../../ui/save-file.ts";
import { TableFrame } from "../../ui/table-frame.tsx";
import type { Cinema } from "./answers.ts";
import { type ReportLine, reportCsv } from "./report-csv.ts";

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 7;

/** What was sold, screening by screening. */
export function Report({ cinema }: { readonly cinema: Cinema }) {
  const [from, setFrom] = useState(() => dayKey(Date.now() - DEFAULT_DAYS * DAY_MS));
  const [to, setTo] = useState(() => dayKey(Date.now() + DEFAULT_DAYS * DAY_MS));
  const fromMs = new Date(`${from}T00:00`).getTime();
  // The last day counts as a whole.
  const toMs = new Date(`${to}T00:00`).getTime() + DAY_MS;
  const valid = Number.isFinite(fromMs) && Number.isFinite(toMs) && fromMs < toMs;
  const report = useLoad(
    async () =>
      valid ? (await call("cinema.report", { cinemaId: cinema.id, fromMs, toMs })).lines : [],
    `${cinema.id} ${fromMs} ${toMs}`,
  );
  const lines = report.value;
  return (
    <section class="stack" aria-labelledby="report-title">
      <h2 id="report-title">Report</h2>
      <div class="report-bar">
        <Field label="From" type="date" value={from} max={to} onValue={setFrom} />
        <Field label="To" type="date" value={to} min={from} onValue={setTo} />
        <Button
          icon="download"
          disabled={lines === undefined || lines.length === 0}
          onPress={() => saveFile(`report-${from}-${to}.csv`, "text/csv", reportCsv(lines ?? []))}
        >
          Export CSV
        </Button>
      </div>
      <Loading of={report} lines={5} />
      {lines?.length === 0 && (
        <Empty icon="info" title="No screening in this time">
          <p>Choose other days.</p>
        </Empty>
      )}
      {lines !== undefined && lines.length > 0 && <ReportTable lines={lines} />}
    </section>
  );
}

function ReportTable({ lines }: { readonly lines: readonly ReportLine[] }) {
  const sum = (pick: (line: ReportLine) => number) =>
    lines.reduce((total, line) => total + pick(line), 0);
  const currencies = [...new Set(lines.map(({ currency }) => currency))];
  return (
    <TableFrame label="Report">
      <table>
        <thead>
          <tr>
            <th scope="col">Film</th>
            <th scope="col">Begins</th>
            <th scope="col">Hall</th>
            <th scope="col" class="figure">
              Seats
            </th>
            <th scope="col" class="figure">
              Booked
            </th>
            <th scope="col" class="figure">
              Held
            </th>
            <th scope="col" class="figure">
              Free
            </th>
            <th scope="col" class="figure">
              Bookings
            </th>
            <th scope="col" class="figure">
              Revenue
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.screeningId}>
              <th scope="row">{line.title}</th>
              <td class="nowrap">{moment(line.startsAtMs)}</td>
              <td>{line.hallName}</td>
              <td class="figure">{number(line.seatCount)}</td>
              <td class="figure">{number(line.counts.booked)}</td>
              <td class="figure">{number(line.counts.held)}</td>
              <td class="figure">{number(line.counts.free)}</td>
              <td class="figure">{number(line.bookings)}</td>
              <td class="figure">{money(line.revenueMinor, line.currency)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" colSpan={3}>
              Together
            </th>
            <td class="figure">{number(sum((line) => line.seatCount))}</td>
            <td class="figure">{number(sum((line) => line.counts.booked))}</td>
            <td class="figure">{number(sum((line) => line.counts.held))}</td>
            <td class="figure">{number(sum((line) => line.counts.free))}</td>
            <td class="figure">{number(sum((line) => line.bookings))}</td>
            <td class="figure">
              {currencies
                .map((currency) =>
                  money(
                    sum((line) => (line.currency === currency ? line.revenueMinor : 0)),
                    currency,
                  ),
                )
                .join(" + ")}
            </td>
          </tr>
        </tfoot>
      </table>
    </TableFrame>
  );
}
