import type { Tx } from "../../../core/database.ts";
import { holdEnded, transactionNotFound } from "../errors.ts";
import type { Decision, TransferRecord } from "../orchestrator/transfer.ts";
import { insertEnded } from "../store/outbox.ts";
import { decideHold, findTransfers } from "../store/transfers.ts";
import type { Desk } from "./desk.ts";
import { viewAccepted } from "./views.ts";

interface Verdict {
  readonly decision: Decision;
  /** Null for all of it. */
  readonly captured: bigint | null;
}

/** A hold that this person has made. @throws TRANSACTION_NOT_FOUND */
export async function findOwnHold(
  { work }: Desk,
  txId: string,
  accountId: string,
): Promise<TransferRecord> {
  const [hold] = await work().single((tx) => findTransfers(tx, [BigInt(txId)]));
  if (hold === undefined || hold.owner !== accountId) throw transactionNotFound();
  return hold;
}

/**
 * Decides a hold: the journal takes the first verdict and no other. Asking for the same again is
 * answered as the first time.
 *
 * @throws HOLD_ENDED
 */
export async function decide(
  { work, clock, transfers, webhook }: Desk,
  hold: TransferRecord,
  to: Verdict,
) {
  const verdict = { ...to, nowMs: clock.nowMs() };
  const decideOnce = async (tx: Tx) => {
    const decided = await decideHold(tx, hold.id, verdict);
    // What goes through has ended only when it is finished.
    if (webhook !== undefined && decided?.decision === "abort") await insertEnded(tx, hold.id);
    return decided;
  };
  const decided = await work().write(({ tx }) => decideOnce(tx), { repeatable: true });
  if (decided !== null) {
    transfers.carry([decided]);
    return viewAccepted(decided);
  }
  const [present] = await work().single((tx) => findTransfers(tx, [hold.id]));
  const isSame =
    present?.kind === "hold" &&
    present.decision === to.decision &&
    present.captured === to.captured &&
    (to.decision === "commit" || present.code === "released");
  if (!isSame) throw holdEnded();
  return viewAccepted(present);
}
