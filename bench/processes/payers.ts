/**
 * Clients that send money over HTTP as document 004 has it: each of their connections sends the
 * next request as soon as the answer is there, and any answer but 202 ends it all.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { answerCommands } from "../support/commands.ts";

const PATH = "/wallet/api/user/do_transaction";
const HEAD_END = "\r\n\r\n";

export interface PayersOptions {
  readonly url: string;
  readonly token: string;
  readonly connections: number;
}

class Payer {
  readonly #socket: Socket;
  readonly #head: string;
  #received = "";
  #answered: () => void = () => {};

  constructor(socket: Socket, host: string, token: string) {
    this.#socket = socket;
    this.#head = [
      `POST ${PATH} HTTP/1.1`,
      `host: ${host}`,
      "content-type: application/json",
      `authorization: Bearer ${token}`,
      "content-length: ",
    ].join("\r\n");
    socket.setNoDelay(true);
    socket.on("data", (bytes) => this.#take(bytes.toString("latin1")));
    socket.on("error", fail);
    socket.on("close", () => fail(new Error("A connection was closed.")));
  }

  pay(body: string, answered: () => void): void {
    this.#answered = answered;
    this.#received = "";
    this.#socket.write(`${this.#head}${body.length}${HEAD_END}${body}`);
  }

  #take(text: string): void {
    this.#received += text;
    const headEnd = this.#received.indexOf(HEAD_END);
    if (headEnd < 0) return;
    if (!this.#received.startsWith("HTTP/1.1 202 ")) fail(new Error(this.#received));
    const length = /\r\ncontent-length: (\d+)/i.exec(this.#received)?.[1];
    const missing = headEnd + HEAD_END.length + Number(length) - this.#received.length;
    if (missing === 0) this.#answered();
    else if (!(missing > 0)) fail(new Error(`More than was asked for: ${this.#received}`));
  }

  end(): void {
    this.#socket.removeAllListeners("close").destroy();
  }
}

function fail(error: Error): never {
  console.error(error);
  process.exit(1);
}

let payers: Payer[] = [];

async function open({ url, token, connections }: PayersOptions): Promise<void> {
  const { host, hostname, port } = new URL(url);
  payers = await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect({ host: hostname, port: Number(port) });
      await once(socket, "connect");
      return new Payer(socket, host, token);
    }),
  );
}

/** An amount of 0.01 between two of the wallets 1 to `wallets`, of other shards of two. */
function bodyOf(wallets: number): string {
  const from = 1 + Math.floor(Math.random() * wallets);
  const near = 1 + Math.floor(Math.random() * wallets);
  const to = from % 2 === near % 2 ? (near % wallets) + 1 : near;
  return JSON.stringify({ from_id: String(from), to_id: String(to), amount: "0.01" });
}

/** Sends for so long; answers how many transfers were accepted, and how long each took. */
function run({ wallets, sliceMs }: { readonly wallets: number; readonly sliceMs: number }) {
  const startedMs = performance.now();
  const durationsMs: number[] = [];
  return new Promise((resolve) => {
    let open = payers.length;
    for (const payer of payers) {
      const next = () => {
        const sentMs = performance.now();
        payer.pay(bodyOf(wallets), () => {
          const nowMs = performance.now();
          durationsMs.push(nowMs - sentMs);
          if (nowMs - startedMs < sliceMs) return next();
          open -= 1;
          if (open === 0) resolve({ accepted: durationsMs.length, durationsMs });
        });
      };
      next();
    }
  });
}

interface Pace {
  readonly wallets: number;
  readonly perSecond: number;
  readonly sliceMs: number;
}

/** Sends at a rate; answers how long each answer took from when its request was due. */
async function pace({ wallets, perSecond, sliceMs }: Pace) {
  const idle = [...payers];
  const waiting: number[] = [];
  const durationsMs: number[] = [];
  const total = Math.round((perSecond * sliceMs) / 1_000);
  const startedMs = performance.now();
  let due = 0;
  const send = (payer: Payer, dueMs: number) => {
    payer.pay(bodyOf(wallets), () => {
      durationsMs.push(performance.now() - dueMs);
      const next = waiting.shift();
      if (next === undefined) idle.push(payer);
      else send(payer, next);
    });
  };
  while (durationsMs.length < total) {
    for (; due < total && startedMs + (due * 1_000) / perSecond <= performance.now(); due += 1) {
      const dueMs = startedMs + (due * 1_000) / perSecond;
      const payer = idle.pop();
      if (payer === undefined) waiting.push(dueMs);
      else send(payer, dueMs);
    }
    // It sleeps, as pgbench does at a rate: whoever spins takes one of the two cores.
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return { durationsMs };
}

answerCommands({
  open,
  run,
  pace,
  end: () => {
    for (const payer of payers) payer.end();
  },
});
