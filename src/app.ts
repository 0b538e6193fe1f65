import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createMemoryBus } from "./adapters/bus/memory.ts";
import { createRabbitBus } from "./adapters/bus/rabbitmq.ts";
import {
  createEventLog,
  createMailQueue,
  createRepeatStore,
  migrate,
  openDatabase,
} from "./adapters/db/index.ts";
import { createLog } from "./adapters/log/pino.ts";
import { createFolderTransport, listMails } from "./adapters/mail/folder.ts";
import { createSmtpTransport } from "./adapters/mail/smtp.ts";
import { openHttpRemote } from "./adapters/remote/http.ts";
import { systemClock } from "./adapters/system/clock.ts";
import { systemRandom } from "./adapters/system/random.ts";
import { createVault } from "./adapters/vault/aes-gcm.ts";
import type { Config } from "./config/config.ts";
import type { Bus } from "./core/bus.ts";
import type { Clock } from "./core/clock.ts";
import { Dispatch } from "./core/dispatch.ts";
import type { Signal, StreamEvent } from "./core/event-log.ts";
import { createIds } from "./core/ids.ts";
import { JobRunner } from "./core/jobs.ts";
import type { Log } from "./core/log.ts";
import { createMailDelivery, createMailer } from "./core/mail-delivery.ts";
import type { MailTransport } from "./core/mailer.ts";
import { Presence } from "./core/presence.ts";
import type { Random } from "./core/random.ts";
import { Registry } from "./core/registry.ts";
import { Repeats } from "./core/repeats.ts";
import { Streams } from "./core/streams.ts";
import { trimmingJobs } from "./core/trimming.ts";
import { UnitOfWork } from "./core/unit-of-work.ts";
import {
  createLocalShards,
  createRemoteShards,
  type ShardAccess,
  type WebhookPlace,
} from "./modules/wallet/index.ts";
import { createModules } from "./modules.ts";
import {
  createHttpServer,
  type HttpConfig,
  type HttpParts,
  listenForMetrics,
  Metrics,
  registerSite,
} from "./transports/http/index.ts";
import { phoenixProtocol } from "./transports/phoenix/index.ts";
import { registerRest } from "./transports/rest/index.ts";
import { nativeProtocol, SOCKET_ERRORS } from "./transports/socket/index.ts";
import { attachSockets, type SocketParts } from "./transports/websocket/index.ts";

/** What a test or the simulator puts in place of the machine's own. */
export interface Ports {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly log?: Log;
  /** Tests fail on errors that a method does not declare. */
  readonly strict?: boolean;
}

/** A running installation, or one node of it. */
export interface App extends AsyncDisposable {
  /** Where it listens, as a URL. */
  readonly url: string;
  /** Whether the demo data is there to sign in with. */
  readonly demo: boolean;
  readonly dispatch: Dispatch;
  readonly registry: Registry;
  readonly work: UnitOfWork;
  readonly streams: Streams;
  /** Drains and ends: no request fails, sockets are told to reconnect. */
  stop(): Promise<void>;
}

const WEB_FOLDER = join(import.meta.dirname, "../dist/web");
const SOCKETS_PER_NETWORK_MAX = 2_000;
const SOCKETS_PER_PERSON_MAX = 50;

/**
 * The composition root: builds one node from its configuration and starts it.
 *
 * What is opened is pushed on a stack of things to close, so that a start that fails half way
 * leaves nothing behind, and stopping undoes in the reverse order.
 */
export async function startApp(config: Config, ports: Ports = {}): Promise<App> {
  await using opened = new AsyncDisposableStack();
  const outside = await openOutside(config, ports, opened);
  const node = await assemble(config, outside, opened, ports.strict ?? false);
  const { clock, log, mailQueue, mailTransport } = outside;
  const { work, registry } = node;

  await node.authenticator.start();
  for (const module of registry.modules) {
    const started = await module.start?.();
    if (started !== undefined) opened.use(started);
  }
  const demo = config.demo && !config.production;
  if (demo) {
    const { signal } = new AbortController();
    for (const module of registry.modules) await module.fillDemo?.({ work, log, signal });
  }
  const delivery = createMailDelivery({ ...outside, queue: mailQueue, transport: mailTransport });
  delivery.start();
  opened.defer(() => delivery.stop());
  const jobs = new JobRunner(clock, { work, log });
  jobs.start([
    ...trimmingJobs(outside),
    ...registry.modules.flatMap((module) => module.jobs ?? []),
  ]);
  opened.defer(() => jobs.stop());

  const server = await listen(config, {
    ...outside,
    ...node,
    config: { ...httpConfig(config), demo },
    readiness: () => readiness(outside),
    socketErrors: SOCKET_ERRORS,
    ...(config.production || config.mail.smtpUrl !== undefined
      ? {}
      : { mailbox: () => listMails(outside.mailFolder) }),
  });
  opened.defer(() => server.close());
  node.address.publicUrl ||= server.url;

  const running = opened.move();
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= running.disposeAsync();
    return stopping;
  };
  return {
    ...node,
    url: server.url,
    demo,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** A one-time token: the account that presents it becomes an operator. */
export async function createOperatorToken(config: Config): Promise<string> {
  await using opened = new AsyncDisposableStack();
  const outside = await openOutside(config, {}, opened);
  const { modules, work } = await assemble(config, outside, opened, false);
  // Awaited here: what is opened is closed as soon as this function returns.
  return await modules.auth.createOperatorToken(work);
}

type Outside = Awaited<ReturnType<typeof openOutside>>;

/** The ports, each with the adapter that the configuration asks for. */
async function openOutside(config: Config, ports: Ports, opened: AsyncDisposableStack) {
  const { clock = systemClock, random = systemRandom } = ports;
  const { dataFolder } = config;
  const log = ports.log ?? createLog({ level: config.logLevel, pretty: !config.production, clock });
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  const database = await openDatabase({ ...config.database, dataFolder, clock, log });
  opened.defer(() => database.close());
  await migrate(database, random);
  const bus = openBus(config, { clock, random, log });
  opened.defer(() => bus.close());
  const mailFolder = join(dataFolder, "mail");
  const mailTransport = openMail(config, mailFolder, clock);
  opened.defer(() => mailTransport.close());
  return {
    clock,
    random,
    ids: createIds(clock, random),
    log,
    database,
    bus,
    vault: createVault({ keys: config.secrets.vaultKeys, random }),
    eventLog: createEventLog(),
    repeatStore: createRepeatStore(),
    mailQueue: createMailQueue(),
    mailFolder,
    mailTransport,
    metrics: new Metrics(),
  };
}

/** The modules on the floor: everything but transports. */
async function assemble(
  config: Config,
  outside: Outside,
  opened: AsyncDisposableStack,
  strict: boolean,
) {
  const { clock, ids, log, eventLog, vault, mailQueue, repeatStore, metrics } = outside;
  // Known only once the port is: modules read it when they write a mail.
  const address = { publicUrl: config.http.publicUrl ?? "" };
  const later: { work?: UnitOfWork } = {};
  const modules = createModules({
    ...outside,
    ...config.secrets,
    production: config.production,
    isAlone: outside.database.engine === "pglite",
    webhook: openWebhook(config, outside, opened),
    shards: openShards(config, { ...outside, work: () => known(later.work) }, opened),
    mailer: createMailer({ queue: mailQueue, ids, clock }),
    work: () => known(later.work),
    frontendUrl: () => config.http.frontendUrl ?? `${address.publicUrl}/app`,
  });
  const served = modules.all.filter(({ name }) => isServed(name, config.only));
  const registry = new Registry(served);
  const { eventSchemas } = registry;
  const publish = (events: readonly StreamEvent[]) => streams.publish(events);
  const signal = (signals: readonly Signal[]) => streams.signal(signals);
  const work = new UnitOfWork({ ...outside, eventSchemas, publish, signal });
  later.work = work;
  const nodeId = ids.uuid();
  const streams = new Streams({
    nodeId,
    read: (reading) => work.snapshot(reading),
    eventLog,
    bus: outside.bus,
    clock,
    log,
    heard: (event) => registry.heard(event),
  });
  opened.defer(() => streams.close());
  const presence = new Presence({ nodeId, bus: outside.bus, clock, log });
  opened.defer(() => presence.close());
  const authenticator = modules.auth.authenticator({ work, streams, clock, log });
  opened.defer(() => authenticator.close());
  const dispatch = new Dispatch({
    registry,
    authenticator,
    work,
    streams,
    repeats: new Repeats({ store: repeatStore, vault, clock, secret: config.secrets.repeatSecret }),
    clock,
    ids,
    log,
    budget: config.budget,
    strict,
    observe: metrics.observe,
  });
  metrics.gauge("stoa_topics", "Topics followed on this node.", () => streams.topicCount);
  metrics.gauge("stoa_calls_running", "Calls running now.", () => dispatch.running);
  metrics.gauge("stoa_calls_running_max", "Calls that may run now.", () => dispatch.runningMax);
  return { modules, registry, work, streams, presence, authenticator, dispatch, address };
}

/** Where wallets live: processes of their own, or inside of this one. */
function openShards(
  config: Config,
  outside: Outside & { readonly work: () => UnitOfWork },
  opened: AsyncDisposableStack,
): ShardAccess[] {
  const { shards, shardsInside, shardSecret: secret } = config;
  if (shards.length === 0) return createLocalShards(outside.database, shardsInside, outside);
  const remotes = shards.map(({ url }) => openHttpRemote({ url, secret, clock: outside.clock }));
  for (const remote of remotes) opened.defer(() => remote.close());
  return createRemoteShards(remotes);
}

function openWebhook(
  { webhook }: Config,
  { clock }: Outside,
  opened: AsyncDisposableStack,
): WebhookPlace | undefined {
  if (webhook === undefined) return undefined;
  const remote = openHttpRemote({ url: webhook.url, secret: undefined, clock });
  opened.defer(() => remote.close());
  return { remote, secret: webhook.secret };
}

/** A service that runs alone still has accounts: its people sign in. */
function isServed(name: string, only: string | undefined): boolean {
  return only === undefined || name === only || name === "auth";
}

/** A node cut off from the bus still serves: its followers hear of other nodes a little later. */
async function readiness({ database, bus }: Outside) {
  const answers = await database.ping().then(
    () => true,
    () => false,
  );
  return {
    database: { ok: answers, engine: database.engine },
    bus: { ok: true, connected: bus.connected() },
  };
}

/** Every operation there is, for the documentation: nothing is opened and nothing runs. */
export function describeModules(): Registry {
  const nothing = (): never => {
    throw new Error("Nothing runs here.");
  };
  const secret = new Uint8Array(32);
  const [clock, random] = [systemClock, systemRandom];
  const modules = createModules({
    clock,
    random,
    ids: createIds(clock, random),
    log: createLog({ level: "silent" }),
    vault: { beginning: "", seal: nothing, open: nothing },
    eventLog: createEventLog(),
    mailer: { send: nothing },
    work: nothing,
    tokenSecret: secret,
    tagSecret: secret,
    frontendUrl: nothing,
    production: false,
    shards: [],
    isAlone: true,
    webhook: undefined,
  });
  return new Registry(modules.all);
}

type ListenParts = HttpParts &
  Pick<SocketParts, "authenticator"> &
  Pick<Parameters<typeof phoenixProtocol>[0], "streams" | "presence">;

/** Puts the transports on one port. */
async function listen(config: Config, parts: ListenParts) {
  const { host, port, trustedProxies } = config.http;
  const http = createHttpServer(parts);
  registerSite(http, parts);
  registerRest(http, parts.registry, config.only);
  const paths = ["/socket", ...parts.registry.modules.map(({ name }) => `/${name}/socket`)];
  const sockets = attachSockets({
    ...parts,
    server: http.fastify.server,
    protocols: [
      nativeProtocol({ ...parts, paths, cookie: http.cookie }),
      phoenixProtocol({ ...parts, only: config.only }),
    ],
    origins: http.origins,
    config: {
      trustedProxies,
      connectionsPerNetworkMax: SOCKETS_PER_NETWORK_MAX,
      connectionsPerPersonMax: SOCKETS_PER_PERSON_MAX,
      handshakeBudget: config.budget,
    },
  });
  const { metrics } = parts;
  metrics.sockets("stoa", () => sockets.stats("socket"));
  metrics.sockets("stoa_phoenix", () => sockets.stats("phoenix"));
  const metricsListener = await listenForMetrics(metrics, parts.config);
  await http.fastify.listen({ host, port });
  const bound = http.fastify.server.address();
  const boundPort = typeof bound === "object" && bound !== null ? bound.port : port;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${boundPort}`,
    async close() {
      await Promise.all([http.drain(), sockets.drain()]);
      sockets.close();
      await parts.dispatch.idle();
      await metricsListener?.close();
    },
  };
}

function httpConfig(config: Config): HttpConfig {
  const { publicUrl, allowedOrigins, trustedProxies, metricsAddress } = config.http;
  return {
    production: config.production,
    publicUrl,
    secureCookies: publicUrl?.startsWith("https://") ?? false,
    allowedOrigins,
    trustedProxies,
    metricsAddress,
    webFolder: WEB_FOLDER,
    only: config.only,
    accessLog: config.logLevel === "debug",
  };
}

function openBus(config: Config, parts: { clock: Clock; random: Random; log: Log }): Bus {
  const { url } = config.bus;
  return url === undefined ? createMemoryBus(parts) : createRabbitBus({ url, ...parts });
}

function openMail(config: Config, folder: string, clock: Clock): MailTransport {
  const { smtpUrl, from } = config.mail;
  if (smtpUrl !== undefined) return createSmtpTransport({ url: smtpUrl, from });
  return createFolderTransport({ folder, from, clock });
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("The modules are not registered yet.");
  return value;
}
