import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { describe, type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { Connection } from "rabbitmq-client";
import { createManualClock } from "../../../test/support/manual-clock.ts";
import { createTcpProxy } from "../../../test/support/tcp-proxy.ts";
import { waitFor } from "../../../test/support/wait-for.ts";
import type { Bus } from "../../core/bus.ts";
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import { createLog } from "../log/pino.ts";
import { systemClock } from "../system/clock.ts";
import { systemRandom } from "../system/random.ts";
import { createMemoryBus, type MemoryExchange } from "./memory.ts";
import { createRabbitBus } from "./rabbitmq.ts";

const AMQP_URL = process.env["AMQP_URL"];
const NO_BROKER = "AMQP_URL is not set: the RabbitMQ bus goes untested here";
const quiet = createLog({ level: "silent" });

/** Answers a function that makes another node of one and the same installation. */
type Installation = (t: TestContext) => Promise<(log?: Log) => Promise<Bus>>;

const inMemory: Installation = async (t) => {
  const exchange: MemoryExchange = new Set();
  return async (log = quiet) => {
    const bus = createMemoryBus({ log, exchange });
    t.after(() => bus.close());
    return bus;
  };
};

const onRabbit: Installation = async (t) => {
  const { connect } = await rabbitInstallation(t);
  return (log) => connect(AMQP_URL ?? "", log);
};

async function rabbitInstallation(t: TestContext) {
  const exchange = `stoa.test.${randomUUID()}`;
  const nodes: Bus[] = [];
  t.after(async () => {
    await Promise.all(nodes.map((bus) => bus.close()));
    const broker = new Connection(AMQP_URL);
    broker.on("error", () => {});
    await broker.exchangeDelete({ exchange });
    await broker.close();
  });
  const start = (url: string, log = quiet, clock = systemClock) => {
    const bus = createRabbitBus({ url, exchange, clock, random: systemRandom, log });
    nodes.push(bus);
    return bus;
  };
  const connect = async (url: string, log?: Log, clock?: Clock) => {
    const bus = start(url, log, clock);
    await waitFor(() => bus.connected(), { what: "the bus is connected" });
    return bus;
  };
  return { exchange, start, connect };
}

const source = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);

function listen(bus: Bus, channel = "events"): string[] {
  const heard: string[] = [];
  bus.subscribe(channel, (message) => heard.push(message));
  return heard;
}

function busSuite(name: string, installation: Installation, options: { skip: string | false }) {
  describe(`the bus: ${name}`, options, () => {
    test("a message reaches every node, the sender's own included, once", async (t) => {
      const node = await installation(t);
      const [a, b] = [await node(), await node()];
      const heard = [listen(a), listen(b), listen(b), listen(b, "other")];
      a.publish("events", "one");
      b.publish("events", "two");
      a.publish("other", "last");
      a.publish("events", "last");
      b.publish("events", "last");
      const lasts = () => heard.flat().filter((message) => message === "last").length;
      await waitFor(() => lasts() === 7, { what: "everybody heard the last messages" });
      const sorted = heard.map((messages) => messages.toSorted());
      const all = ["last", "last", "one", "two"];
      assert.deepEqual(sorted, [all, all, all, ["last"]]);
    });

    test("messages of one sender arrive in order", async (t) => {
      const node = await installation(t);
      const [a, b] = [await node(), await node()];
      const heard = [listen(a), listen(b)];
      const sent = Array.from({ length: 2_000 }, (_, i) => `${i}`);
      for (const message of sent) a.publish("events", message);
      await waitFor(() => heard.every(({ length }) => length === sent.length), {
        what: "both nodes heard all",
      });
      assert.deepEqual(heard, [sent, sent]);
    });

    test("a large message and one of any characters arrive whole", async (t) => {
      const node = await installation(t);
      const [a, b] = [await node(), await node()];
      const heard = listen(b);
      const sent = ["", "Зал № 1 🎬 \u0000\n", "é".repeat(100 * 1_024)];
      for (const message of sent) a.publish("events", message);
      await waitFor(() => heard.length === sent.length, { what: "all three arrived" });
      assert.deepEqual(heard, sent);
    });

    test("a reader runs after the publisher's turn, and harms no other by throwing", async (t) => {
      const node = await installation(t);
      const errors: string[] = [];
      const a = await node({ ...quiet, error: (_, message) => void errors.push(message) });
      a.subscribe("events", () => {
        throw new Error("a reader's mistake");
      });
      const heard = listen(a);
      a.publish("events", "one");
      assert.deepEqual(heard, []);
      await waitFor(() => heard.length === 1, { what: "the second reader heard" });
      assert.deepEqual(errors, ["a subscriber of the bus threw"]);
    });

    test("a closed node is silent and deaf, the others go on", async (t) => {
      const node = await installation(t);
      const [a, b] = [await node(), await node()];
      const [byA, byB] = [listen(a), listen(b)];
      a.publish("events", "before");
      await waitFor(() => byB.length === 1, { what: "the message before" });
      await a.close();
      assert.deepEqual([a.connected(), b.connected()], [false, true]);
      a.publish("events", "from the closed");
      b.publish("events", "after");
      await waitFor(() => byB.length === 2, { what: "the message after" });
      assert.deepEqual([byA, byB], [["before"], ["before", "after"]]);
      await a.close();
    });
  });
}

busSuite("in memory", inMemory, { skip: false });
busSuite("RabbitMQ", onRabbit, { skip: AMQP_URL ? false : NO_BROKER });

describe("the RabbitMQ bus and its network", { skip: AMQP_URL ? false : NO_BROKER }, () => {
  const broker = new URL(AMQP_URL ?? "amqp://127.0.0.1");
  const target = { host: broker.hostname, port: Number(broker.port || 5_672) };

  async function behindProxy(t: TestContext) {
    const proxy = await createTcpProxy(target);
    const installation = await rabbitInstallation(t);
    t.after(() => proxy.close());
    const url = new URL(broker);
    url.hostname = "127.0.0.1";
    url.port = String(proxy.port);
    return { proxy, url: url.href, ...installation };
  }

  test("a cut connection is made again, and nothing published meanwhile is lost", async (t) => {
    const { proxy, url, connect } = await behindProxy(t);
    const [a, b] = [await connect(url), await connect(AMQP_URL ?? "")];
    const [byA, byB] = [listen(a), listen(b)];
    const sent = Array.from({ length: 300 }, (_, i) => `${i}`);
    for (const message of sent.slice(0, 100)) a.publish("events", message);
    proxy.cut();
    for (const message of sent.slice(100, 200)) a.publish("events", message);
    await waitFor(() => !a.connected(), { what: "the cut is noticed" });
    for (const message of sent.slice(200)) a.publish("events", message);
    assert.equal(b.connected(), true);
    await waitFor(() => new Set(byB).size === sent.length, { what: "the other node heard all" });
    await waitFor(() => a.connected(), { what: "the bus is connected again" });
    // What was in flight may come twice, as a whole run; without repeats the order is kept.
    assert.deepEqual([...new Set(byB)], sent);
    assert.deepEqual(byA, sent, "a node hears itself through any outage, each message once");
    b.publish("events", "to the one who was away");
    await waitFor(() => byA.at(-1) === "to the one who was away", {
      what: "its queue is declared and bound again",
    });
  });

  test("an outage of any length is outlived, and a start without a broker", async (t) => {
    const { proxy, url, start, connect } = await behindProxy(t);
    proxy.down();
    const a = start(url);
    const b = await connect(AMQP_URL ?? "");
    const byB = listen(b);
    a.publish("events", "said before the first connection");
    assert.equal(a.connected(), false);
    proxy.up();
    await waitFor(() => byB.length === 1, { what: "the early message arrives" });
    for (const message of ["second", "third"]) {
      await waitFor(() => a.connected(), { what: "connected" });
      proxy.down();
      await waitFor(() => !a.connected(), { what: "cut off" });
      a.publish("events", message);
      proxy.up();
      await waitFor(() => byB.includes(message), { what: `${message} arrives` });
    }
    assert.deepEqual(byB, ["said before the first connection", "second", "third"]);
  });

  test("closing waits for confirmations", async (t) => {
    const { proxy, url, connect } = await behindProxy(t);
    const [a, b] = [await connect(url), await connect(AMQP_URL ?? "")];
    const byB = listen(b);
    proxy.pause();
    a.publish("events", "last words");
    const closed = a.close();
    proxy.resume();
    await closed;
    await waitFor(() => byB.includes("last words"), { what: "the last words arrive" });
    await waitFor(() => proxy.connections() === 0, { what: "no connection is left" });
  });

  test("closing gives up on a silent network, and has nothing to wait for without a broker", async (t) => {
    const { proxy, url, connect, start } = await behindProxy(t);
    const clock = createManualClock(0);
    const silent = await connect(url, quiet, clock);
    proxy.pause();
    silent.publish("events", "into the void");
    let closed = false;
    const closing = silent.close().then(() => {
      closed = true;
    });
    for (let waits = 0; !closed && waits < 2; waits++) {
      await waitFor(() => closed || clock.pending() > 0, { what: "a bounded wait" });
      clock.advance(2_000);
    }
    await closing;
    assert.equal(silent.connected(), false);

    proxy.down();
    const alone = start(url, quiet, clock);
    alone.publish("events", "into the void");
    await alone.close();
  });

  test("a closed bus keeps no process alive", async (t) => {
    const { proxy, url, exchange } = await behindProxy(t);
    const script = `
      import { createLog } from ${source("../log/pino.ts")};
      import { systemClock as clock } from ${source("../system/clock.ts")};
      import { systemRandom as random } from ${source("../system/random.ts")};
      import { createRabbitBus } from ${source("./rabbitmq.ts")};
      const [, url, exchange, wait] = process.argv;
      const log = createLog({ level: "silent" });
      const bus = createRabbitBus({ url, exchange, clock, random, log });
      bus.publish("events", "x");
      if (wait) while (!bus.connected()) await new Promise(setImmediate);
      await bus.close();
      console.log("closed");`;
    const run = promisify(execFile);
    const exits = async (...args: string[]) => {
      const parameters = ["--input-type=module", "-e", script, ...args];
      const { stdout } = await run(process.execPath, parameters, { timeout: 5_000 });
      assert.equal(stdout, "closed\n");
    };
    await exits(url, exchange, "wait");
    proxy.down();
    await exits(url, exchange);
  });

  test("a message beyond the limit is refused and harms no other", async (t) => {
    const { url, connect } = await behindProxy(t);
    const [a, b] = [await connect(url), await connect(AMQP_URL ?? "")];
    const byB = listen(b);
    a.publish("events", "x".repeat(2 * 1_048_576));
    a.publish("events", "small");
    await waitFor(() => byB.length === 1, { what: "the small one arrives" });
    assert.deepEqual(byB, ["small"]);
  });
});
