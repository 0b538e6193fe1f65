import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { answersAt, firstOf, folderFor, freePort } from "./own-server.ts";
import { endWithTests, killTree, signalTree } from "./process-tree.ts";
import { waitFor } from "./wait-for.ts";

/** A RabbitMQ of a test's own, to be treated as badly as the test likes. */
export interface BrokerProcess extends AsyncDisposable {
  /** The same after every restart. */
  readonly url: string;
  /** Starts it, and resolves when it takes connections. */
  start(): Promise<void>;
  /** SIGKILL of all its processes at once. */
  kill(): Promise<void>;
  /** SIGSTOP: connections stay, and nobody answers. */
  pause(): void;
  resume(): void;
}

const START_TIMEOUT_MS = 90_000;
/** Past the distribution's wrapper, which knows one user and one broker only. */
const SERVER = firstOf(["/usr/lib/rabbitmq/bin/rabbitmq-server"]);
const PORT_MAPPER = firstOf(["/usr/bin/epmd"]);

/** Why there can be none here; false when there can. */
export const NO_BROKER =
  SERVER === undefined || PORT_MAPPER === undefined ? "RabbitMQ is not installed" : false;

/** Starts a broker with a port mapper of its own, so that it meets no other one. */
export async function startBrokerProcess(): Promise<BrokerProcess> {
  const folder = await folderFor("stoa-broker-");
  const [port, mapperPort, distPort] = [await freePort(), await freePort(), await freePort()];
  const inFolder = (name: string) => path.join(folder, name);
  for (const name of ["mnesia", "log", "home"]) await mkdir(inFolder(name));
  writeFileSync(inFolder("plugins"), "[].\n");
  writeFileSync(inFolder("rabbitmq.conf"), `listeners.tcp.default = 127.0.0.1:${port}\n`);
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: inFolder("home"),
    ERL_EPMD_PORT: String(mapperPort),
    ERL_EPMD_ADDRESS: "127.0.0.1",
    RABBITMQ_NODENAME: `stoa-test-${port}@localhost`,
    RABBITMQ_DIST_PORT: String(distPort),
    RABBITMQ_CONFIG_FILE: inFolder("rabbitmq.conf"),
    RABBITMQ_CONF_ENV_FILE: "/dev/null",
    RABBITMQ_ENABLED_PLUGINS_FILE: inFolder("plugins"),
    RABBITMQ_MNESIA_BASE: inFolder("mnesia"),
    RABBITMQ_LOG_BASE: inFolder("log"),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "-kernel inet_dist_use_interface {127,0,0,1}",
  };
  const run = (file: string, ...args: string[]) =>
    endWithTests(spawn(file, args, { env, stdio: "ignore" }));
  const mapper = run(PORT_MAPPER ?? "", "-port", String(mapperPort), "-address", "127.0.0.1");
  let child: ChildProcess | undefined;

  const broker: BrokerProcess = {
    url: `amqp://guest:guest@127.0.0.1:${port}`,
    async start() {
      child = run(SERVER ?? "");
      const { pid } = child;
      const up = { what: `RabbitMQ (process ${pid}) answers`, timeoutMs: START_TIMEOUT_MS };
      await waitFor(() => answersAt(port), up);
    },
    async kill() {
      if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      killTree(child.pid);
      await ended;
    },
    pause: () => signalTree(child?.pid ?? 0, "SIGSTOP"),
    resume: () => signalTree(child?.pid ?? 0, "SIGCONT"),
    async [Symbol.asyncDispose]() {
      await broker.kill();
      mapper.kill("SIGKILL");
      await rm(folder, { recursive: true, force: true });
    },
  };
  try {
    await broker.start();
  } catch (error) {
    await broker[Symbol.asyncDispose]();
    throw error;
  }
  return broker;
}
