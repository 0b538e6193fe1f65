import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { keepConnections, prepareRequest } from "./kept-connections.ts";
import { lasting } from "./lasting.ts";
import { Latencies } from "./latencies.ts";
import { closedLoop, countOf, openLoop } from "./open-loop.ts";

describe("latencies", () => {
  it("keep percentiles to three figures", () => {
    const latencies = new Latencies();
    assert.deepEqual(latencies.summary(), { count: 0, meanMs: 0, p50Ms: 0, p99Ms: 0, maxMs: 0 });
    for (let ms = 1; ms <= 1_000; ms += 1) latencies.record(ms);
    const { count, p50Ms, p99Ms, maxMs } = latencies.summary();
    assert.equal(count, 1_000);
    for (const [found, wanted] of [
      [p50Ms, 500],
      [p99Ms, 990],
      [maxMs, 1_000],
    ] as const) {
      assert.ok(Math.abs(found - wanted) / wanted < 0.01, `${found} instead of ${wanted}`);
    }
  });
});

describe("the open loop", () => {
  it("makes every call, counts how they ended, and keeps what they threw", async () => {
    const result = await openLoop({
      rate: 500,
      durationMs: 200,
      call: async (index) => {
        if (index % 4 === 1) throw new Error("no");
        return index % 2 === 0 ? 200 : "SEAT_TAKEN";
      },
    });
    assert.equal(result.started, 100);
    assert.deepEqual(
      [200, "SEAT_TAKEN", "error"].map((status) => countOf(result, status)),
      [50, 25, 25],
    );
    assert.equal(result.latency.count, 100);
    assert.match(String(result.errors[0]), /no/);
    assert.ok(result.elapsedMs >= 190, "at its rate, not at once");
  });

  it("starts calls while others hang, and shows a stall in all that fell into it", async () => {
    const gate = lasting(300);
    let most = 0;
    let running = 0;
    const { latency } = await openLoop({
      rate: 100,
      durationMs: 200,
      call: async () => {
        running += 1;
        most = Math.max(most, running);
        await gate;
        running -= 1;
        return "ok";
      },
    });
    assert.equal(most, 20, "nobody waited for anybody");
    assert.ok(latency.p50Ms > 100 && latency.maxMs > 250, JSON.stringify(latency));
  });

  it("counts the wait for a place from when the call was due", async () => {
    let running = 0;
    const { latency, lateStarts } = await openLoop({
      rate: 1_000,
      durationMs: 20,
      inFlightMax: 1,
      call: async () => {
        running += 1;
        assert.equal(running, 1);
        await lasting(20);
        running -= 1;
        return "ok";
      },
    });
    assert.ok(latency.maxMs > 300, "the last of twenty waited for nineteen others");
    assert.ok(lateStarts >= 15);
  });

  it("ends early when it is told to", async () => {
    const stop = new AbortController();
    const { started } = await openLoop({
      rate: 1_000,
      durationMs: 60_000,
      signal: stop.signal,
      call: async (index) => {
        if (index === 9) stop.abort();
        return "ok";
      },
    });
    assert.ok(started >= 10 && started < 60_000);
  });
});

describe("the closed loop", () => {
  it("asks no faster than it is answered", async () => {
    let [running, most] = [0, 0];
    const { started } = await closedLoop({
      callers: 3,
      durationMs: 100,
      call: async () => {
        most = Math.max(most, ++running);
        await lasting(10);
        running -= 1;
        return "ok";
      },
    });
    assert.equal(most, 3);
    assert.ok(started >= 3 && started <= 33, String(started));
  });
});

describe("kept connections", () => {
  it("carry one request after the other, and go when the server says so", async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      if (request.url === "/last") response.setHeader("connection", "close");
      if (request.url === "/cut") request.socket.destroy();
      else if (request.url === "/nothing") response.writeHead(204).end();
      else request.pipe(response.setHeader("content-length", request.headers["content-length"]!));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    using connections = keepConnections(
      `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    );
    const input = { text: "é".repeat(100_000) };
    const echo = prepareRequest({ path: "/echo", input });
    for (let time = 0; time < 3; time += 1) {
      const { status, body } = await connections.send(echo);
      assert.equal(status, 200);
      assert.deepEqual(JSON.parse(body.toString()), input);
    }
    assert.equal((await connections.send(prepareRequest({ path: "/nothing" }))).status, 204);
    assert.equal(connections.made, 1);
    const last = await connections.send(prepareRequest({ path: "/last", input }));
    assert.ok(last.isLast);
    await Promise.all([connections.send(echo), connections.send(echo)]);
    assert.equal(connections.made, 3);
    await assert.rejects(connections.send(prepareRequest({ path: "/cut", method: "GET" })));
    assert.equal(asked.at(-1), "GET /cut");
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
});
