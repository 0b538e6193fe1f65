import { useState } from "preact/hooks";
import { call } from "../../api.ts";
import { toast } from "../../ui/announce.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Disclosure } from "../../ui/disclosure.tsx";
import { Problem } from "../../ui/feedback.tsx";
import { useAction } from "../../ui/load.ts";
import { isZero } from "../../wallet/amounts.ts";
import type { Balance, WalletModel } from "../../wallet/wallet-model.ts";

export function CloseWallet(props: { readonly model: WalletModel; readonly balance: Balance }) {
  const { model, balance } = props;
  const [isAsking, setAsking] = useState(false);
  const isEmpty = isZero(balance.posted) && isZero(balance.held);
  const close = useAction(async () => {
    await call("wallet.close", { walletId: model.walletId });
    toast("The wallet is closed.");
    setAsking(false);
    await model.reread();
  });
  return (
    <Disclosure title="Close this wallet">
      <p class="soft">
        {isEmpty
          ? "A closed wallet takes no money any more and cannot be opened again. Its history stays."
          : "Only an empty wallet can be closed. Send what is in it somewhere else first."}
      </p>
      <div>
        <Button kind="danger" disabled={!isEmpty} onPress={() => setAsking(true)}>
          Close the wallet
        </Button>
      </div>
      {isAsking && (
        <Dialog title="Close this wallet?" onClose={() => setAsking(false)}>
          <p>It is closed for good: nobody can send to its number any more.</p>
          <Problem error={close.error} />
          <div class="split">
            <Button onPress={() => setAsking(false)}>Keep it</Button>
            <Button kind="danger" busy={close.busy} onPress={() => close.run()}>
              Close it for good
            </Button>
          </div>
        </Dialog>
      )}
    </Disclosure>
  );
}
