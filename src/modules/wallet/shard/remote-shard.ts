import { unavailable } from "../../../core/errors.ts";
import type { Remote, RemoteAnswer } from "../../../core/remote.ts";
import {
  type Operation,
  type ShardLink,
  ShardOutdated,
  type ShardPosition,
  ShardRefused,
  type ShardReply,
  ShardUnavailable,
} from "./protocol.ts";
import type {
  EntryPage,
  LedgerReader,
  LegMark,
  LegPage,
  ShardAudit,
  ShardSummary,
} from "./reader.ts";
import type { EntryRecord, LegKey, WalletRecord } from "./records.ts";
import {
  ANSWER_BYTES_MAX,
  AUDIT,
  BALANCE_AT,
  decode,
  ENTRIES,
  encode,
  Failure,
  LEGS,
  type Question,
  SEND,
  type ShardPlace,
  SUMMARY,
  TAKE,
  WALLETS,
} from "./remote-protocol.ts";

/** When it is worth reading again from a shard that did not answer. */
const READ_AGAIN_MS = 1_000;

/**
 * A shard that is a process of its own, as its orchestrator sees it. Whatever comes back that is
 * not exactly an answer to the question counts as none: the shard is unavailable, and what was sent
 * may have been carried out.
 */
export class RemoteShard implements ShardLink, LedgerReader {
  readonly #remote: Remote;
  readonly #place: ShardPlace;

  constructor(remote: Remote, place: ShardPlace) {
    this.#remote = remote;
    this.#place = place;
  }

  take(epoch: bigint, known: ShardPosition | undefined): Promise<ShardPosition> {
    const place = this.#place;
    return this.#ask(TAKE, known === undefined ? { place, epoch } : { place, epoch, known });
  }

  async send(epoch: bigint, operations: readonly Operation[]): Promise<ShardReply> {
    const reply = await this.#ask(SEND, { epoch, operations: [...operations] });
    if (reply.outcomes.length === operations.length) return reply;
    throw this.#unavailable("answers for another number of operations");
  }

  wallets(ids: readonly string[]): Promise<readonly WalletRecord[]> {
    return this.#read(WALLETS, { place: this.#place, wallets: [...ids] });
  }

  entries(page: EntryPage): Promise<readonly EntryRecord[]> {
    return this.#read(ENTRIES, { place: this.#place, page });
  }

  async legs(page: LegPage): Promise<readonly LegMark[]> {
    const legs = await this.#read(LEGS, { place: this.#place, page });
    if (isPage(legs, page)) return legs;
    const cause = this.#unavailable("gives other legs than it was asked for");
    throw unavailable(undefined, { retryAfterMs: READ_AGAIN_MS, cause });
  }

  balanceAt(wallet: string, atMs: number): Promise<bigint> {
    return this.#read(BALANCE_AT, { place: this.#place, wallet, atMs });
  }

  summary(): Promise<ShardSummary> {
    return this.#read(SUMMARY, { place: this.#place });
  }

  audit(): Promise<ShardAudit> {
    return this.#read(AUDIT, { place: this.#place });
  }

  /** @throws UNAVAILABLE, for the caller of the method that reads */
  async #read<In, Out>(question: Question<In, Out>, input: In): Promise<Out> {
    try {
      return await this.#ask(question, input);
    } catch (cause) {
      throw unavailable(undefined, { retryAfterMs: READ_AGAIN_MS, cause });
    }
  }

  async #ask<In, Out>(question: Question<In, Out>, input: In): Promise<Out> {
    const { path, output, timeoutMs } = question;
    const body = encode(input);
    const answer = await this.#remote
      .ask({ path, body, timeoutMs, answerBytesMax: ANSWER_BYTES_MAX })
      .catch((cause: unknown) => {
        throw this.#unavailable("does not answer", cause);
      });
    if (answer.status !== 200) throw this.#failure(answer);
    try {
      return decode(output, answer.body);
    } catch (cause) {
      throw this.#unavailable("gives an answer that is none to this question", cause);
    }
  }

  #failure({ status, body }: RemoteAnswer): Error {
    let failure: Failure;
    try {
      failure = decode(Failure, body);
    } catch (cause) {
      return this.#unavailable(`answers with status ${status} and no reason`, cause);
    }
    const message = `Shard ${this.#place.shard}: ${failure.message}`;
    // The status has to agree, so that nothing in between can make up an end of the epoch.
    if (status === 409 && failure.failure === "refused") return new ShardRefused(message);
    if (status === 409 && failure.failure === "outdated") return new ShardOutdated(message);
    return new ShardUnavailable(message);
  }

  #unavailable(what: string, cause?: unknown): ShardUnavailable {
    const message = `Shard ${this.#place.shard} ${what}.`;
    return new ShardUnavailable(message, cause === undefined ? undefined : { cause });
  }
}

/** Whether these are the legs of the page, in their order: the next page goes on behind them. */
function isPage(legs: readonly LegMark[], { after, upTo, limit }: LegPage): boolean {
  const follows = (leg: LegKey, before: LegKey) =>
    leg.transfer > before.transfer ||
    (leg.transfer === before.transfer && leg.side === "credit" && before.side === "debit");
  const inOrder = legs.every(
    (leg, at) => leg.transfer <= upTo && follows(leg, legs[at - 1] ?? after),
  );
  return inOrder && legs.length <= limit;
}
