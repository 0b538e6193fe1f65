import { type DatabasePlace, freshPostgres } from "./database.ts";
import { freePort } from "./own-server.ts";
import { type ServerOptions, type ServerProcess, startServerProcess } from "./server-process.ts";

/** A command of the program that is killed and started again, at the same address. */
export interface Restartable extends AsyncDisposable {
  readonly url: string;
  start(): Promise<void>;
  kill(): Promise<void>;
  /** @throws Error with what it printed, when it does not end well */
  stop(): Promise<void>;
  pause(): void;
  resume(): void;
}

/** The service over two shards that are processes, each of the three over its own database. */
export interface WalletCluster extends AsyncDisposable {
  readonly journal: DatabasePlace;
  readonly ledgers: readonly DatabasePlace[];
  readonly service: Restartable;
  readonly shards: readonly Restartable[];
}

const SHARDS = 2;

async function startRestartable(options: (port: number) => ServerOptions): Promise<Restartable> {
  const port = await freePort();
  const start = () => startServerProcess(options(port));
  let running: ServerProcess = await start();
  return {
    url: running.url,
    async start() {
      running = await start();
    },
    kill: () => running.kill(),
    async stop() {
      if ((await running.stop()) !== 0) throw new Error(`It ended badly:\n${running.output()}`);
    },
    pause: () => running.pause(),
    resume: () => running.resume(),
    [Symbol.asyncDispose]: () => running.kill(),
  };
}

/** @param serverUrl of the PostgreSQL server where all databases are made */
export async function startWalletCluster(serverUrl: string): Promise<WalletCluster> {
  await using opening = new AsyncDisposableStack();
  const newPlace = async () => opening.use(await freshPostgres(serverUrl));
  const journal = await newPlace();
  const ledgers: DatabasePlace[] = [];
  const shards: Restartable[] = [];
  for (let shard = 0; shard < SHARDS; shard += 1) {
    const { dataFolder, url = "" } = await newPlace().then((place) => {
      ledgers.push(place);
      return place;
    });
    const args = (port: number) => ["shard", "-a", `127.0.0.1:${port}`, "-d", url];
    const options = (port: number) => ({ dataFolder, args: args(port) });
    shards.push(opening.use(await startRestartable(options)));
  }
  const addresses = shards.map(({ url }, shard) => [`SHARD_ADDRESS_${shard}`, new URL(url).host]);
  const service = opening.use(
    await startRestartable((port) => ({
      dataFolder: journal.dataFolder,
      databaseUrl: journal.url,
      args: ["serve", "--only", "wallet"],
      env: { STOA_DEMO: "off", PORT: String(port), ...Object.fromEntries(addresses) },
    })),
  );
  const opened = opening.move();
  return {
    journal,
    ledgers,
    service,
    shards,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
