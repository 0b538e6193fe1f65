import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { PGlite } from "@electric-sql/pglite";
import { INITDB_ARGUMENTS, SERVER_SETTINGS } from "./settings.ts";
import type { WorkerReply, WorkerRequest } from "./worker-protocol.ts";

/**
 * The thread that PGlite lives in. It knows nothing but messages of PostgreSQL's wire protocol,
 * which it answers one after the other, and the wish to close.
 */

async function run(port: MessagePort, folder: string): Promise<void> {
  const pglite = await PGlite.create({
    dataDir: folder,
    startParams: [
      ...PGlite.defaultStartParams,
      ...Object.entries(SERVER_SETTINGS).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    ],
    initDbStartParams: [...INITDB_ARGUMENTS],
  });
  const reply = (message: WorkerReply, transfer: ArrayBuffer[] = []) => {
    port.postMessage(message, transfer);
  };

  const answer = async (message: Uint8Array): Promise<Uint8Array<ArrayBuffer>> => {
    // The streaming call hands the bytes over as they are. The plain one also parses them, and
    // keeps what it parsed for ever.
    const chunks: Uint8Array[] = [];
    const onRawData = (data: Uint8Array) => {
      chunks.push(data.slice());
    };
    await pglite.execProtocolRawStream(message, { syncToFs: false, onRawData });
    return joined(chunks);
  };

  port.on("message", async (request: WorkerRequest) => {
    if (request.kind === "close") {
      // Ends with a checkpoint, as the shutdown of a server does.
      await pglite.close();
      return port.close();
    }
    const bytes = await answer(request.bytes);
    reply({ kind: "answer", bytes }, [bytes.buffer]);
  });
  reply({ kind: "ready" });
}

function joined(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

if (parentPort === null) throw new Error("This file is the start of a worker thread.");
await run(parentPort, workerData.folder);
