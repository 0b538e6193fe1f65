/** Phoenix Channels of Stoa, to be measured: rooms with members who hear signals. */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createMemoryBus } from "../../src/adapters/bus/memory.ts";
import { migrate, openDatabase } from "../../src/adapters/db/index.ts";
import { createLog } from "../../src/adapters/log/pino.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { systemRandom } from "../../src/adapters/system/random.ts";
import { ANONYMOUS, type Credentials } from "../../src/core/actor.ts";
import { Presence } from "../../src/core/presence.ts";
import { phoenixProtocol } from "../../src/transports/phoenix/index.ts";
import { attachSockets } from "../../src/transports/websocket/index.ts";
import { createHarness, newPerson } from "../../test/support/module-harness.ts";
import { createRoomModule } from "../../test/support/room-module.ts";
import { answerCommands } from "../support/commands.ts";
import { pushInRhythm, type Rhythm } from "../support/pushing.ts";

const log = createLog({ level: "silent" });
const dataFolder = await mkdtemp(path.join(tmpdir(), "stoa-bench-"));
const database = await openDatabase({ dataFolder, poolSize: 1, clock: systemClock, log });
await migrate(database, systemRandom);
const bus = createMemoryBus({ log });
const TOKEN = "a-member";
const authenticator = {
  authenticate: ({ bearer }: Credentials) => (bearer === TOKEN ? member : ANONYMOUS),
  onRevoked: () => {},
};
const harness = await createHarness({
  database,
  bus,
  authenticator: () => authenticator,
  modules: ({ eventLog }) => [createRoomModule({ eventLog })],
});
const { dispatch, registry, streams } = harness;
const { clock, ids } = harness.ports;
const member = newPerson(ids, clock);
const presence = new Presence({ nodeId: ids.uuid(), bus, clock, log });
const server = createServer();
const sockets = attachSockets({
  server,
  protocols: [phoenixProtocol({ registry, streams, presence })],
  dispatch,
  authenticator,
  clock,
  ids,
  log,
  origins: { allows: () => false },
  config: {
    trustedProxies: [],
    connectionsPerNetworkMax: 5_000,
    connectionsPerPersonMax: 5_000,
    handshakeBudget: { burst: 1_000_000, perSecond: 1_000_000 },
  },
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const { port } = server.address() as AddressInfo;

interface Pushing {
  readonly rhythm: Rhythm;
  readonly rooms: number;
  readonly data: object;
}

answerCommands({
  url: () => `ws://127.0.0.1:${port}/room/socket/websocket?token=${TOKEN}&vsn=2.0.0`,
  push: ({ rhythm, rooms, data }: Pushing) =>
    pushInRhythm(() => {
      for (let room = 0; room < rooms; room += 1) {
        streams.signal([{ topic: `room/${room}`, type: "room.waved", data }]);
      }
    }, rhythm),
  async end() {
    sockets.close();
    server.close();
    presence.close();
    await harness[Symbol.asyncDispose]();
    await bus.close();
    await database.close();
    await rm(dataFolder, { recursive: true, force: true });
  },
});
