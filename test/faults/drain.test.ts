import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { describe, it } from "node:test";
import WebSocket from "ws";
import { freshDatabase } from "../support/database.ts";
import { startServerProcess } from "../support/server-process.ts";
import { waitFor } from "../support/wait-for.ts";

/** SIGTERM under load: every request is answered, every socket is told to come back. */

const CLIENTS = 8;
const SOCKETS = 40;
const ANSWERS_BEFORE = 100;
/** Supervisors wait so long before they kill. */
const EXIT_MS_MAX = 10_000;

interface Answer {
  readonly status: number;
  /** The server asks the client to take its next request elsewhere. */
  readonly isLast: boolean;
}

function post(url: string, agent: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      `${url}/api/cinema.list`,
      { agent, method: "POST", headers: { "content-type": "application/json" } },
      (response) => {
        response.resume();
        response.once("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            isLast: response.headers.connection === "close",
          }),
        );
      },
    );
    sent.once("error", reject);
    sent.end("{}");
  });
}

describe("SIGTERM under load", () => {
  it("answers every request, sends the sockets away, and exits with 0", async () => {
    await using place = await freshDatabase();
    await using server = await startServerProcess({
      dataFolder: place.dataFolder,
      databaseUrl: place.url,
    });
    const codes: number[] = [];
    for (let index = 0; index < SOCKETS; index += 1) {
      const socket = new WebSocket(`${server.url.replace("http", "ws")}/socket`);
      socket.once("close", (code) => codes.push(code));
      await once(socket, "open");
    }
    const statuses: number[] = [];
    const failures: unknown[] = [];
    /** One keep-alive connection that asks until it is sent away, as a balancer's does. */
    const keepAsking = async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      try {
        for (;;) {
          const { status, isLast } = await post(server.url, agent);
          statuses.push(status);
          if (isLast) return;
        }
      } catch (error) {
        failures.push(error);
      } finally {
        agent.destroy();
      }
    };
    const load = Array.from({ length: CLIENTS }, keepAsking);
    await waitFor(() => statuses.length > ANSWERS_BEFORE, { what: "the load to run" });
    const startedMs = performance.now();
    const code = await server.stop();
    const lastedMs = performance.now() - startedMs;
    await Promise.all(load);
    assert.equal(code, 0, server.output());
    assert.ok(lastedMs < EXIT_MS_MAX, `it took ${lastedMs} ms`);
    assert.deepEqual(failures, []);
    assert.deepEqual(new Set(statuses), new Set([200]));
    assert.equal(codes.length, SOCKETS);
    assert.deepEqual(new Set(codes), new Set([1012]));
  });
});
