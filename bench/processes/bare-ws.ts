/** The package ws and a loop over its sockets: what is left when all else is taken away. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { answerCommands } from "../support/commands.ts";
import { pushInRhythm, pushOnSchedule, type Rhythm } from "../support/pushing.ts";

const http = createServer();
const server = new WebSocketServer({ server: http });
await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
const { port } = http.address() as AddressInfo;

function sendToAll(text: string): void {
  for (const socket of server.clients) socket.send(text);
}

answerCommands({
  url: () => `ws://127.0.0.1:${port}/`,
  push({ rhythm, text }: { rhythm: Rhythm; text: string }) {
    return pushInRhythm(() => sendToAll(text), rhythm);
  },
  pushOnSchedule({ afterMs, text }: { afterMs: readonly number[]; text: string }) {
    return pushOnSchedule(() => sendToAll(text), afterMs);
  },
  end() {
    for (const socket of server.clients) socket.terminate();
    server.close();
    http.close();
  },
});
