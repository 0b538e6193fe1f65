import { createHmac } from "node:crypto";
import { pauseAfter } from "../../../core/backoff.ts";
import { type Clock, sleep } from "../../../core/clock.ts";
import type { Log } from "../../../core/log.ts";
import type { Random } from "../../../core/random.ts";
import type { UnitOfWork } from "../../../core/unit-of-work.ts";
import { statusOf, type TransferRecord } from "../orchestrator/transfer.ts";
import { formatAmount } from "../rules/amounts.ts";
import { deleteEnded, listEnded } from "../store/outbox.ts";
import { findTransfers } from "../store/transfers.ts";
import type { Listings } from "./listings.ts";
import type { WebhookPlace } from "./parts.ts";

/** Transfers told of in one request. */
const EVENTS_MAX = 100;
const TIMEOUT_MS = 10_000;
const ANSWER_BYTES_MAX = 64 * 1024;
/** Between attempts. It is tried until it is taken. */
const PAUSE_MS = { first: 1_000, longest: 5 * 60_000 } as const;

export interface WebhookParts extends WebhookPlace {
  readonly work: () => UnitOfWork;
  readonly listings: Listings;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/**
 * Tells the operator's own program how transfers end: in the order of their ends, each until it is
 * taken, which is any answer of 2xx. A request that was taken and whose answer was lost comes again
 * with the same id. It is signed as Standard Webhooks have it: `webhook-signature` is `v1,` and the
 * HMAC-SHA256 of id, timestamp and body, joined by points, in base64.
 *
 * @see https://www.standardwebhooks.com
 */
export class Webhook {
  readonly #parts: WebhookParts;
  #failures = 0;

  constructor(parts: WebhookParts) {
    this.#parts = parts;
  }

  /**
   * Sends what waits. One run at a time, on one node.
   *
   * @param isOurs whether that is still this one
   */
  async run(signal: AbortSignal, isOurs: () => boolean): Promise<void> {
    const { work, clock, random, log } = this.#parts;
    while (!signal.aborted && isOurs()) {
      const ended = await work().single((tx) => listEnded(tx, EVENTS_MAX));
      const [first, last] = [ended[0], ended.at(-1)];
      if (first === undefined || last === undefined) return;
      const transfers = await work().single((tx) =>
        findTransfers(
          tx,
          ended.map(({ transfer }) => transfer),
        ),
      );
      const byId = new Map(transfers.map((transfer) => [transfer.id, transfer]));
      const inOrder = ended.flatMap(({ transfer }) => byId.get(transfer) ?? []);
      if (await this.#send(`${first.place}-${last.place}`, inOrder, signal)) {
        this.#failures = 0;
        const places = ended.map(({ place }) => place);
        await work().write(({ tx }) => deleteEnded(tx, places), { repeatable: true });
      } else if (!signal.aborted) {
        if (this.#failures === 0) log.warn({}, "the webhook does not take what it is told");
        this.#failures += 1;
        await sleep(clock, pauseAfter(this.#failures, PAUSE_MS, random), signal);
      }
    }
  }

  /** @returns whether it was taken */
  async #send(
    id: string,
    transfers: readonly TransferRecord[],
    signal: AbortSignal,
  ): Promise<boolean> {
    const { remote, secret, clock } = this.#parts;
    const events = await Promise.all(transfers.map((transfer) => this.#event(transfer)));
    const body = JSON.stringify({ events });
    const timestamp = String(Math.floor(clock.nowMs() / 1_000));
    try {
      const { status } = await remote.ask({
        path: "",
        body,
        timeoutMs: TIMEOUT_MS,
        signal,
        answerBytesMax: ANSWER_BYTES_MAX,
        headers: {
          "webhook-id": id,
          "webhook-timestamp": timestamp,
          "webhook-signature": signatureOf({ id, timestamp, body, secret }),
        },
      });
      return status >= 200 && status < 300;
    } catch {
      return false;
    }
  }

  async #event(transfer: TransferRecord) {
    const { id, kind, from, to, asset, amount, captured, code, finishedMs } = transfer;
    const scale = await this.#parts.listings.scaleOf(asset);
    return {
      type: "wallet.transaction.ended",
      txId: String(id),
      kind,
      status: statusOf(transfer),
      code,
      fromId: from,
      toId: to,
      asset,
      amount: formatAmount(captured ?? amount, scale),
      initiatedAtMs: transfer.initiatedMs,
      finishedAtMs: finishedMs,
    };
  }
}

/** What proves that a request is ours, and when it was made. */
function signatureOf(request: {
  readonly id: string;
  readonly timestamp: string;
  readonly body: string;
  readonly secret: string;
}): string {
  const { id, timestamp, body, secret } = request;
  const mac = createHmac("sha256", secret).update(`${id}.${timestamp}.${body}`).digest("base64");
  return `v1,${mac}`;
}
