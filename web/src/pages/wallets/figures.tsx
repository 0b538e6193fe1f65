import { decimal } from "../../format.ts";
import { isZero } from "../../wallet/amounts.ts";
import type { Balance } from "../../wallet/wallet-model.ts";

/** What is in a wallet, what of it is held and what can be spent. */
export function Figures(props: {
  readonly balance: Omit<Balance, "last">;
  readonly isLarge?: boolean;
}) {
  const { posted, held, available, overdraft, asset } = props.balance;
  return (
    <dl class={props.isLarge ? "figures large" : "figures"}>
      <div class="figures-main">
        <dt>Balance</dt>
        <dd>
          {decimal(posted)} <span class="asset">{asset}</span>
        </dd>
      </div>
      <div>
        <dt>Held</dt>
        <dd>{decimal(held)}</dd>
      </div>
      <div>
        <dt>Available</dt>
        <dd>{decimal(available)}</dd>
      </div>
      {!isZero(overdraft) && (
        <div>
          <dt>Overdraft</dt>
          <dd>{decimal(overdraft)}</dd>
        </div>
      )}
    </dl>
  );
}
