/** A room of Socket.IO, as its documentation has it, to hold the fan-out against. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import { answerCommands } from "../support/commands.ts";
import { pushInRhythm, type Rhythm } from "../support/pushing.ts";

const ROOM = "screening";

const http = createServer();
const io = new Server(http, { transports: ["websocket"] });
io.on("connection", (socket) => socket.join(ROOM));
await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
const { port } = http.address() as AddressInfo;

let offset = 0;

answerCommands({
  url: () => `ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`,
  push({ rhythm, type, data }: { rhythm: Rhythm; type: string; data: object }) {
    return pushInRhythm(() => {
      offset += 1;
      io.to(ROOM).emit(type, { offset, ...data });
    }, rhythm);
  },
  end: () => io.close(),
});
