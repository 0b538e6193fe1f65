import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { callHttp, type Input, type MethodName, type Output } from "../../client/index.ts";
import { fraction, type Random } from "../../src/core/random.ts";
import type { Transaction } from "../../src/modules/wallet/types.ts";
import { crowd } from "./crowd.ts";
import { PERSON_PASSWORD } from "./in-process.ts";
import type { Append, ListHistory, ListRead } from "./list-history.ts";
import { newWalletNumber } from "./wallet-funds.ts";

/**
 * Payers and readers of many wallets, a few of which are in use at a time, so that each is wanted
 * by many and its lists stay short. What they saw is a history of append-only lists: what was asked
 * of a wallet, by number, and what was posted to it, by line of its statement.
 */

/** Wallets in use at a time, and for so many transfers. */
const WINDOW = 16;
const TRANSFERS_PER_WINDOW = 960;
/** Windows of one person. */
const WINDOWS_PER_PERSON = 50;
const PEOPLE = 32;
const OPENED_AT_ONCE = 50;
/** Transfers of one call: one, or so many. */
const MANY = 20;
const MANY_SHARE = 0.1;
const PAGES = [100, 37];
const PAUSE_MS = 100;
const CALL_MS_MAX = 20_000;
const FIRST_MONEY = "1000.00";

export interface HistoryCrowdOptions {
  /** The service. */
  readonly url: string;
  readonly random: Random;
  readonly transfers: number;
  readonly reads: number;
}

/** Somebody whose token is renewed when it has ended: a long run outlives it. */
interface Person {
  readonly username: string;
  bearer: string;
}

interface Window {
  readonly person: Person;
  readonly wallets: readonly string[];
}

interface Asked {
  readonly lists: readonly string[];
  readonly beganMs: number;
  readonly endedMs: number;
}

export class HistoryCrowd {
  readonly #options: HistoryCrowdOptions;
  readonly #windows: readonly Window[];
  /** By number. */
  readonly #asked = new Map<string, Asked>();
  readonly #reads: ListRead[] = [];
  /** How transfers had ended when that was seen for the first time. */
  readonly #ends = new Map<string, { readonly status: string; readonly seenMs: number }>();
  /** One string an item, however often it is read. */
  readonly #names = new Map<string, string>();
  /** What cannot be: a state that went back. */
  readonly wrongs: string[] = [];
  #sent = 0;
  #looks = 0;
  #repeats = 0;

  private constructor(options: HistoryCrowdOptions, windows: readonly Window[]) {
    this.#options = options;
    this.#windows = windows;
  }

  /** Takes the wallets' numbers; each person then opens his own. */
  static async gather(options: HistoryCrowdOptions): Promise<HistoryCrowd> {
    const count = Math.ceil(options.transfers / TRANSFERS_PER_WINDOW);
    const windows: Window[] = [];
    let person: Person = { username: "", bearer: "" };
    for (let at = 0; at < count; at += 1) {
      if (at % WINDOWS_PER_PERSON === 0) person = await register(options.url);
      const number = newWalletNumber();
      const wallets = Array.from({ length: WINDOW }, (_, of) => `${number}${10 + of}`);
      windows.push({ person, wallets });
    }
    return new HistoryCrowd(options, windows);
  }

  /** One a person: opens all of his wallets. */
  get openings(): Array<() => Promise<void>> {
    const persons = Map.groupBy(this.#windows, ({ person }) => person);
    return [...persons.values()].map((windows) => async () => {
      const calls = windows.flatMap((window) =>
        window.wallets.map((walletId) => () => this.#open(window, walletId)),
      );
      await crowd(calls, OPENED_AT_ONCE);
    });
  }

  get wallets(): string[] {
    return this.#windows.flatMap(({ wallets }) => wallets);
  }

  /** How much was done. */
  get counts() {
    const [transfers, reads] = [this.#asked.size, this.#reads.length];
    return { transfers, reads, sentAgain: this.#repeats };
  }

  /** Everybody at once, until as much is done as was asked for; reads keep step with transfers. */
  async run(): Promise<void> {
    const { transfers, reads } = this.#options;
    const work = async () => {
      for (;;) {
        const [sent, looked] = [this.#sent / transfers, this.#looks / reads];
        if (sent >= 1 && looked >= 1) return;
        await (sent <= looked ? this.#pay() : this.#look());
      }
    };
    await Promise.all(Array.from({ length: PEOPLE }, work));
  }

  /** Reads everything once more, with nobody at work; fails when something has not ended. */
  async finish(): Promise<ListHistory> {
    const finals = new Map<string, readonly string[]>();
    const wallets = this.#windows.flatMap((window) =>
      window.wallets.map((walletId) => async () => {
        for (const read of [this.#readAsked, this.#readPosted]) {
          const { list, items } = await read.call(this, window, walletId);
          finals.set(list, items);
        }
      }),
    );
    await crowd(wallets, PEOPLE);
    for (const id of this.#asked.keys()) {
      if (!this.#ends.has(id)) this.wrongs.push(`${id} has not ended.`);
    }
    return { appends: this.#appends(), reads: this.#reads, finals };
  }

  async #open({ person }: Window, walletId: string): Promise<void> {
    await this.#insist(() => this.#call("wallet.create", { walletId }, person));
    for (;;) {
      const { posted } = await this.#insist(() =>
        this.#call("wallet.balance", { walletId }, person),
      );
      if (posted === FIRST_MONEY) return;
      await pause(PAUSE_MS);
    }
  }

  #below(count: number): number {
    return Math.floor(fraction(this.#options.random) * count);
  }

  get #window(): { readonly window: Window; readonly before: Window } {
    const at = Math.floor(this.#sent / TRANSFERS_PER_WINDOW);
    const window = this.#windows[Math.min(at, this.#windows.length - 1)] as Window;
    return { window, before: this.#windows[at - 1] ?? window };
  }

  async #pay(): Promise<void> {
    const { window } = this.#window;
    const count = fraction(this.#options.random) < MANY_SHARE ? MANY : 1;
    this.#sent += count;
    const transfers = Array.from({ length: count }, () => {
      const from = this.#below(WINDOW);
      const to = (from + 1 + this.#below(WINDOW - 1)) % WINDOW;
      const amount = `0.0${1 + this.#below(5)}`;
      return { fromId: window.wallets[from] ?? "", toId: window.wallets[to] ?? "", amount };
    });
    const [key, beganMs] = [randomUUID(), performance.now()];
    const [first] = transfers;
    const accepted = await this.#insist(async () => {
      if (count === 1 && first !== undefined) {
        return [await this.#call("wallet.transfer", first, window.person, key)];
      }
      const input = { transfers, together: false };
      return (await this.#call("wallet.transferMany", input, window.person, key)).transfers;
    });
    const endedMs = performance.now();
    for (const [at, { txId }] of accepted.entries()) {
      const { fromId = "", toId = "" } = transfers[at] ?? {};
      if (this.#asked.has(txId)) this.wrongs.push(`${txId} stands for two transfers.`);
      this.#asked.set(txId, { lists: [fromId, toId], beganMs, endedMs });
    }
  }

  async #look(): Promise<void> {
    this.#looks += 1;
    const { window, before } = this.#window;
    const where = this.#below(4) === 0 ? before : window;
    const walletId = where.wallets[this.#below(WINDOW)] ?? "";
    const read = this.#below(2) === 0 ? this.#readAsked : this.#readPosted;
    try {
      this.#reads.push(await read.call(this, where, walletId));
    } catch (error) {
      if (!isAway(error)) throw error;
      // A read that failed says nothing.
      this.#looks -= 1;
      await pause(PAUSE_MS);
    }
  }

  async #readAsked({ person }: Window, walletId: string): Promise<ListRead> {
    const beganMs = performance.now();
    const rows: Transaction[] = [];
    const limit = PAGES[this.#below(PAGES.length)] ?? 1;
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const input = { walletId, limit, ...(cursor === undefined ? {} : { cursor }) };
      const page = await this.#call("wallet.transactions", input, person);
      rows.push(...page.transactions);
      ({ cursor } = page);
    }
    const endedMs = performance.now();
    for (const row of rows) this.#noteEnd(row, beganMs, endedMs);
    const transfers = rows.filter(({ kind }) => kind === "transfer");
    return this.#seen("asked", walletId, { beganMs, endedMs, ids: transfers });
  }

  /** The newest page first; turned round, it is the list as it was then. */
  async #readPosted({ person }: Window, walletId: string): Promise<ListRead> {
    const beganMs = performance.now();
    const rows: Output<"wallet.statement">["entries"] = [];
    for (let before: number | null | undefined; before !== null; ) {
      const input = { walletId, ...(before === undefined ? {} : { before }) };
      const page = await this.#call("wallet.statement", input, person);
      rows.push(...page.entries);
      ({ before } = page);
    }
    const endedMs = performance.now();
    const transfers = rows.filter(({ kind }) => kind === "transfer").reverse();
    return this.#seen("posted", walletId, { beganMs, endedMs, ids: transfers });
  }

  #seen(
    what: "asked" | "posted",
    walletId: string,
    read: Pick<ListRead, "beganMs" | "endedMs"> & {
      readonly ids: ReadonlyArray<{ readonly txId: string }>;
    },
  ): ListRead {
    const { beganMs, endedMs, ids } = read;
    const items = ids.map(({ txId }) => this.#name(txId));
    return { list: this.#name(`${what} ${walletId}`), beganMs, endedMs, items };
  }

  #name(text: string): string {
    const known = this.#names.get(text);
    if (known === undefined) this.#names.set(text, text);
    return known ?? text;
  }

  /** A state that is final stays, for every read that begins after it was seen. */
  #noteEnd({ txId, status, finishedAtMs }: Transaction, beganMs: number, seenMs: number): void {
    const known = this.#ends.get(txId);
    if (known !== undefined && known.seenMs < beganMs && known.status !== status) {
      this.wrongs.push(`${txId} was ${known.status}, and then ${status}.`);
    }
    const isFinal = finishedAtMs !== null;
    if (isFinal && (known === undefined || seenMs < known.seenMs)) {
      this.#ends.set(this.#name(txId), { status, seenMs });
    }
  }

  /**
   * What was asked is there from the answer on. What was posted is there, on both sides, from when
   * somebody has seen that it was successful; what came to nothing is never there.
   */
  #appends(): Append[] {
    const appends: Append[] = [];
    for (const [item, { lists, beganMs, endedMs }] of this.#asked) {
      const end = this.#ends.get(item);
      for (const wallet of lists) {
        appends.push({ list: this.#name(`asked ${wallet}`), item, beganMs, endedMs });
        if (end?.status === "SUCCESSFUL") {
          const list = this.#name(`posted ${wallet}`);
          appends.push({ list, item, beganMs, endedMs: end.seenMs });
        }
      }
    }
    return appends;
  }

  async #call<N extends MethodName>(
    name: N,
    input: Input<N>,
    person: Person,
    idempotencyKey?: string,
  ): Promise<Output<N>> {
    const { url } = this.#options;
    const key = idempotencyKey === undefined ? {} : { idempotencyKey };
    const options = () => ({ bearer: person.bearer, timeoutMs: CALL_MS_MAX, ...key });
    try {
      return await callHttp(url, name, input, options());
    } catch (error) {
      if ((error as { code?: string }).code !== "UNAUTHENTICATED") throw error;
      const { username } = person;
      const signIn = { username, secret: PERSON_PASSWORD };
      person.bearer = (await callHttp(url, "auth.login", signIn)).token;
      return callHttp(url, name, input, options());
    }
  }

  /** Again and again, as a careful client under one key, while the service is away. */
  async #insist<T>(call: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await call();
      } catch (error) {
        if (!isAway(error)) throw error;
        this.#repeats += 1;
        await pause(PAUSE_MS);
      }
    }
  }
}

/** What leaves a call open. */
const AWAY = new Set(["DISCONNECTED", "TIMEOUT", "UNAVAILABLE", "TOO_MANY"]);
const isAway = (error: unknown) => AWAY.has((error as { code?: string }).code ?? "");

async function register(url: string): Promise<Person> {
  const username = `history-${newWalletNumber()}`;
  const input = { username, password: PERSON_PASSWORD };
  return { username, bearer: (await callHttp(url, "auth.register", input)).token };
}
