import { readPage } from "../../../core/page.ts";
import { defineSubscription } from "../../../core/subscription.ts";
import { type Desk, getOwned } from "../desk/desk.ts";
import { walletTopic } from "../desk/follow.ts";
import { viewPage } from "../desk/views.ts";
import { walletNotFound } from "../errors.ts";
import { listLatest } from "../store/transfers.ts";
import { LATEST_MAX, walletWire } from "../types.ts";

export const subscribe = (desk: Desk) =>
  defineSubscription({
    name: "wallet.subscribe",
    ...walletWire.subscriptions["wallet.subscribe"],
    summary: "The latest transactions of a wallet, how they go on, and changes of its state.",
    access: "person",
    errors: [walletNotFound],
    topic: ({ input }) => walletTopic(input.walletId),
    async prepare({ input: { walletId }, actor }) {
      await getOwned(desk, walletId, actor.accountId);
      await desk.following.begin(walletId);
    },
    async snapshot({ input: { walletId }, actor, tx }) {
      const { scale } = await getOwned(desk, walletId, actor.accountId);
      const page = await readPage(LATEST_MAX, (limit) =>
        listLatest(tx, walletId, { before: undefined, limit }),
      );
      return viewPage(page, walletId, scale);
    },
  });
