import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { PGlite } from "@electric-sql/pglite";
import { joined } from "./bytes.ts";
import { INITDB_ARGUMENTS, SERVER_SETTINGS } from "./settings.ts";
import type { WorkerReply, WorkerRequest } from "./worker-protocol.ts";

/**
 * The thread that PGlite lives in. It knows nothing but messages of PostgreSQL's wire protocol,
 * which it answers one after the other, and the wish to close.
 */

/** PostgreSQL's last lines before it gave up; they say why. */
const LAST_WORDS_MAX = 10;

async function start(folder: string): Promise<PGlite> {
  const words: string[] = [];
  const settings = Object.entries(SERVER_SETTINGS).flatMap(([name, value]) => [
    "-c",
    `${name}=${value}`,
  ]);
  try {
    return await PGlite.create({
      dataDir: folder,
      startParams: [...PGlite.defaultStartParams, ...settings],
      initDbStartParams: [...INITDB_ARGUMENTS],
      onStderr(line) {
        words.push(line);
        if (words.length > LAST_WORDS_MAX) words.shift();
        return false;
      },
    });
  } catch (cause) {
    throw new Error(words.join("\n") || "PostgreSQL gave up without a word.", { cause });
  }
}

/** What PostgreSQL answers to messages of the wire protocol. */
async function answer(pglite: PGlite, message: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  // This call hands the bytes over as they are. The one that collects them also parses them, and
  // keeps what it parsed for ever.
  const chunks: Uint8Array[] = [];
  const onRawData = (data: Uint8Array) => {
    chunks.push(data.slice());
  };
  await pglite.execProtocolRawStream(message, { syncToFs: false, onRawData });
  return joined(chunks);
}

async function run(port: MessagePort, folder: string): Promise<void> {
  const pglite = await start(folder);
  const reply = (message: WorkerReply, transfer: ArrayBuffer[] = []) => {
    port.postMessage(message, transfer);
  };
  port.on("message", async (request: WorkerRequest) => {
    if (request.kind === "close") {
      // Ends with a checkpoint, as the shutdown of a server does.
      await pglite.close();
      return port.close();
    }
    const bytes = await answer(pglite, request.bytes);
    reply({ kind: "answer", bytes }, [bytes.buffer]);
  });
  reply({ kind: "ready" });
}

if (parentPort === null) throw new Error("This file is the start of a worker thread.");
await run(parentPort, workerData.folder);
