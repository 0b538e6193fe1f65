import { migrate, openDatabase } from "../adapters/db/index.ts";
import { createLog } from "../adapters/log/pino.ts";
import { systemClock } from "../adapters/system/clock.ts";
import { systemRandom } from "../adapters/system/random.ts";
import type { Flags } from "../config/config.ts";
import { loadShardConfig } from "../config/index.ts";
import { QUESTION_BYTES_MAX, serveShard } from "../modules/wallet/index.ts";
import { listenForOrchestrators } from "../transports/shard/index.ts";
import type { Command } from "./command.ts";
import { untilStopSignal } from "./stop-signal.ts";

export const shard: Command = {
  summary: "run one shard of the wallet over a database of its own",
  async run(flags: Flags) {
    const { host, port, secret, dataFolder, ...config } = loadShardConfig(flags);
    const stopped = untilStopSignal();
    const clock = systemClock;
    const log = createLog({ level: config.logLevel, pretty: !config.production, clock });
    await using opened = new AsyncDisposableStack();
    const database = await openDatabase({ ...config.database, dataFolder, clock, log });
    opened.defer(() => database.close());
    await migrate(database, systemRandom);
    const server = await listenForOrchestrators({
      host,
      port,
      secret,
      questionBytesMax: QUESTION_BYTES_MAX,
      answer: await serveShard(database, { clock, log }),
      ready: () =>
        database.ping().then(
          () => true,
          () => false,
        ),
      clock,
      log,
    });
    opened.defer(() => server.close());
    console.log(`The shard listens at ${server.url}`);
    await stopped;
  },
};
