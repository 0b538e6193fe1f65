import { call } from "../../api.ts";
import { useLoad } from "../../ui/load.ts";
import { PageTitle } from "../../ui/page-title.tsx";
import { DeskTabs } from "./desk-tabs.tsx";
import { Assets } from "./wallets/assets.tsx";
import { Audit } from "./wallets/audit.tsx";
import { InFlight } from "./wallets/in-flight.tsx";
import { OneWallet } from "./wallets/one-wallet.tsx";
import { Shards } from "./wallets/shards.tsx";

/** `#/operator/wallets`: money for wallets, and how what carries it is. */
export function WalletsDesk() {
  const assets = useLoad(async () => (await call("wallet.assets", {})).assets, "assets");
  return (
    <div class="page">
      <div class="spread">
        <PageTitle title="Operator’s desk" />
        <DeskTabs current="wallets" />
      </div>
      <div class="money">
        <OneWallet assets={assets.value ?? []} />
        <div class="stack loose">
          <Assets assets={assets} />
          <Audit />
          <Shards />
          <InFlight />
        </div>
      </div>
    </div>
  );
}
