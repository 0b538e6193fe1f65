import { call, type Output } from "../../../api.ts";
import { moment } from "../../../format.ts";
import { Loading } from "../../../ui/feedback.tsx";
import { TableFrame } from "../../../ui/table-frame.tsx";
import { grouped } from "../../../wallet/numbers.ts";
import { amountOf, isIncoming, pillOf } from "../../../wallet/words.ts";
import { useRefreshed } from "./refreshed.ts";

type Transaction = Output<"wallet.inFlight">["transactions"][number];

export function InFlight() {
  const load = async () => (await call("wallet.inFlight", {})).transactions;
  const transfers = useRefreshed(load, "in flight");
  return (
    <section class="stack" aria-labelledby="flight-title">
      <h2 id="flight-title">Transfers in flight</h2>
      <Loading of={transfers} lines={2} />
      {transfers.value?.length === 0 && <p class="soft">Nothing is on its way.</p>}
      {transfers.value !== undefined && transfers.value.length > 0 && (
        <TableFrame label="Transfers in flight">
          <table>
            <thead>
              <tr>
                <th scope="col">Number</th>
                <th scope="col">From</th>
                <th scope="col">To</th>
                <th scope="col" class="figure">
                  Amount
                </th>
                <th scope="col">State</th>
                <th scope="col">Since</th>
              </tr>
            </thead>
            <tbody>
              {transfers.value.map((transaction) => (
                <Row key={transaction.txId} transaction={transaction} />
              ))}
            </tbody>
          </table>
        </TableFrame>
      )}
    </section>
  );
}

function Row({ transaction }: { readonly transaction: Transaction }) {
  const { txId, walletId, peerId, initiatedAtMs } = transaction;
  const own = grouped(walletId);
  const peer = peerId === null ? "the house" : grouped(peerId);
  const [from, to] = isIncoming(transaction) ? [peer, own] : [own, peer];
  const { text, look } = pillOf(transaction);
  return (
    <tr>
      <th scope="row">{txId}</th>
      <td class="wallet-number">{from}</td>
      <td class="wallet-number">{to}</td>
      <td class="figure">{amountOf(transaction)}</td>
      <td>
        <span class={`pill ${look}`}>{text}</span>
      </td>
      <td class="nowrap">{moment(initiatedAtMs)}</td>
    </tr>
  );
}
