import { PageTitle } from "../../ui/page-title.tsx";
import { DeskTabs } from "./desk-tabs.tsx";
import { Audit } from "./wallets/audit.tsx";
import { InFlight } from "./wallets/in-flight.tsx";
import { OneWallet } from "./wallets/one-wallet.tsx";
import { Shards } from "./wallets/shards.tsx";

/** `#/operator/wallets`: money for wallets, and how what carries it is. */
export function WalletsDesk() {
  return (
    <div class="page">
      <div class="spread">
        <PageTitle title="Operator’s desk" />
        <DeskTabs current="wallets" />
      </div>
      <div class="money">
        <OneWallet />
        <div class="stack loose">
          <Audit />
          <Shards />
          <InFlight />
        </div>
      </div>
    </div>
  );
}
