import type { Log } from "../../../core/log.ts";
import type { AnswerRemote, RemoteAnswer } from "../../../core/remote.ts";
import { type ShardLink, ShardOutdated, ShardRefused, ShardUnavailable } from "./protocol.ts";
import type { LedgerReader } from "./reader.ts";
import {
  AUDIT,
  BALANCE_AT,
  decode,
  ENTRIES,
  encode,
  type Failure,
  LEGS,
  type Question,
  SEND,
  type ShardPlace,
  SUMMARY,
  TAKE,
  WALLETS,
} from "./remote-protocol.ts";

/** Which shard of how many a database keeps. */
export interface PlaceStore {
  /** Null when that is not fixed yet. */
  find(): Promise<ShardPlace | null>;
  /**
   * Fixes it for good, unless it is fixed already, or the ledger of another shard is there.
   *
   * @returns what is fixed, or the number of the other shard
   */
  claim(place: ShardPlace): Promise<ShardPlace | { readonly keepsShard: number }>;
}

export interface EndpointParts {
  readonly place: PlaceStore;
  /** The shard of this number over the ledger that is here. */
  readonly open: (shard: number) => { readonly link: ShardLink; readonly reader: LedgerReader };
  readonly log: Log;
}

/** The shard that this process is, once that is known. */
interface Served {
  readonly place: ShardPlace;
  readonly link: ShardLink;
  readonly reader: LedgerReader;
}

/**
 * A shard that is a process of its own, as it answers its orchestrator. Which shard of how many it
 * is, the first one to take it says, and its database keeps that: whoever takes it for another one
 * is sent away, because wallets would be looked for where they are not.
 */
export async function createShardEndpoint(parts: EndpointParts): Promise<AnswerRemote> {
  const endpoint = new Endpoint(parts);
  await endpoint.remember();
  const answers = new Map<string, (body: string) => Promise<unknown>>();
  const on = <In, Out>(
    { path, input }: Question<In, Out>,
    answer: (input: In) => Promise<Out> | Promise<Readonly<Out>>,
  ) => {
    answers.set(path, (body) => answer(read(input, body)));
  };
  on(TAKE, async ({ place, epoch, known }) => {
    const { link } = await endpoint.claim(place);
    return link.take(epoch, known);
  });
  on(SEND, async ({ epoch, operations }) => endpoint.served.link.send(epoch, operations));
  on(WALLETS, async ({ place, wallets }) => endpoint.readerAt(place).wallets(wallets));
  on(ENTRIES, async ({ place, page }) => endpoint.readerAt(place).entries(page));
  on(LEGS, async ({ place, page }) => endpoint.readerAt(place).legs(page));
  on(BALANCE_AT, async ({ place, wallet, atMs }) =>
    endpoint.readerAt(place).balanceAt(wallet, atMs),
  );
  on(SUMMARY, async ({ place }) => endpoint.readerAt(place).summary());
  on(AUDIT, async ({ place }) => endpoint.readerAt(place).audit());
  return async (path, body) => {
    const answer = answers.get(path);
    if (answer === undefined) return failed(404, "malformed", "There is no such question.");
    try {
      return { status: 200, body: encode(await answer(body)) };
    } catch (cause) {
      return failureOf(cause, parts.log);
    }
  };
}

class Endpoint {
  readonly #parts: EndpointParts;
  #served: Served | undefined;

  constructor(parts: EndpointParts) {
    this.#parts = parts;
  }

  /** Serves what its database says it is. */
  async remember(): Promise<void> {
    const place = await this.#parts.place.find();
    if (place !== null) this.#serve(place);
  }

  async claim(place: ShardPlace): Promise<Served> {
    if (this.#served !== undefined) return this.#at(place);
    const fixed = await this.#parts.place.claim(place);
    if ("keepsShard" in fixed) {
      throw new ShardOutdated(
        `This database keeps the ledger of shard ${fixed.keepsShard} already, and cannot be ` +
          `shard ${place.shard}: each shard has a database of its own.`,
      );
    }
    // Two may have claimed it at once.
    this.#served ??= this.#serve(fixed);
    return this.#at(place);
  }

  /** Before anybody has taken it there is nothing in it, whichever shard it will be. */
  readerAt(place: ShardPlace): LedgerReader {
    if (this.#served !== undefined) return this.#at(place).reader;
    return this.#parts.open(place.shard).reader;
  }

  /** @throws ShardUnavailable before anybody has taken it */
  get served(): Served {
    if (this.#served === undefined) throw new ShardUnavailable("Nobody has taken it.");
    return this.#served;
  }

  /** @throws ShardOutdated when it is another shard, or one of another number */
  #at({ shard, shards }: ShardPlace): Served {
    const { served } = this;
    const { place } = served;
    if (place.shard === shard && place.shards === shards) return served;
    throw new ShardOutdated(
      `This is shard ${place.shard} of ${place.shards}, which its database keeps for good, and ` +
        `it was asked for as shard ${shard} of ${shards}. Look at the SHARD_ADDRESS_… of the ` +
        "service: their order and number stay what they were first.",
    );
  }

  #serve(place: ShardPlace): Served {
    this.#served = { place, ...this.#parts.open(place.shard) };
    return this.#served;
  }
}

/** What was asked is not of the form that this version understands. */
class Malformed extends Error {}

function read<T>(schema: Question<T>["input"], body: string): T {
  try {
    return decode(schema, body);
  } catch (cause) {
    throw new Malformed("It is not of the form of this question.", { cause });
  }
}

function failureOf(cause: unknown, log: Log): RemoteAnswer {
  if (cause instanceof ShardRefused) return failed(409, "refused", cause.message);
  if (cause instanceof ShardOutdated) return failed(409, "outdated", cause.message);
  if (cause instanceof Malformed) {
    log.warn({ err: cause }, "a question was not understood");
    return failed(400, "malformed", cause.message);
  }
  if (cause instanceof ShardUnavailable) return failed(503, "unavailable", cause.message);
  log.error({ err: cause }, "a question could not be answered");
  return failed(503, "unavailable", "The shard's database does not answer.");
}

function failed(status: number, failure: Failure["failure"], message: string): RemoteAnswer {
  return { status, body: encode({ failure, message } satisfies Failure) };
}
