/**
 * Rooms of Socket.IO, as its documentation has them, to hold the fan-out against. Argument: how
 * many are in a room, the first ones in the first; without it all are in one.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import { answerCommands } from "../support/commands.ts";
import { pushInRhythm, type Rhythm } from "../support/pushing.ts";

const membersMax = Number(process.argv[2] ?? Number.POSITIVE_INFINITY);
const rooms = new Set<string>();

const http = createServer();
const io = new Server(http, { transports: ["websocket"] });
let members = 0;
io.on("connection", (socket) => {
  const room = `screening ${Math.floor(members / membersMax)}`;
  members += 1;
  rooms.add(room);
  socket.join(room);
});
await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
const { port } = http.address() as AddressInfo;

let offset = 0;

answerCommands({
  url: () => `ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`,
  push({ rhythm, type, data }: { rhythm: Rhythm; type: string; data: object }) {
    return pushInRhythm(() => {
      offset += 1;
      for (const room of rooms) io.to(room).emit(type, { offset, ...data });
    }, rhythm);
  },
  end: () => io.close(),
});
