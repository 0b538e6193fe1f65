import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createLog } from "../../src/adapters/log/pino.ts";
import { WAYS } from "../conformance/ways.ts";
import { startTestApp, type TestApp } from "../support/app.ts";
import { must, newName, PASSWORD } from "../support/auth-harness.ts";

/**
 * What the operators of an installation can read about attacks on it: every failed sign-in and
 * every forbidden call, when, from where and aimed at whom, and never what was typed
 * (OWASP ASVS 16.2.1, 16.3.1, 16.3.2).
 */

interface Line {
  readonly time: string;
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

const WARN = 40;

describe("the log of an installation", () => {
  let running: TestApp;
  const lines: Line[] = [];
  before(async () => {
    const write = (line: string) => void lines.push(JSON.parse(line) as Line);
    running = await startTestApp({ ports: { log: createLog({ level: "info", write }) } });
  });
  after(() => running?.[Symbol.asyncDispose]());

  for (const way of ["/api", "socket"] as const) {
    test(`tells of failed sign-ins and of forbidden calls, over ${way}`, async () => {
      await using transport = must(WAYS[way])(running);
      const username = newName();
      const made = await transport.call("auth.register", { username, password: PASSWORD });
      const { account, token } = made.body as { account: { id: string }; token: string };
      lines.length = 0;
      for (let guess = 0; guess < 6; guess += 1) {
        await transport.call("auth.login", { username, secret: `canary guess ${guess}` });
      }
      const cinema = { name: "Rex", city: "Ghent", address: "" };
      const refused = await transport.call("cinema.saveCinema", cinema, token);
      assert.equal(refused.code, "FORBIDDEN");

      const of = (message: string) => lines.filter(({ msg }) => msg === message);
      const failed = of("an attempt to prove an account failed");
      assert.deepEqual(
        failed.map(({ accountId, failures }) => [accountId, failures]),
        [1, 2, 3, 4, 5].map((failures) => [account.id, failures]),
      );
      const early = must(of("an attempt came too early")[0]);
      const forbidden = must(of("a call was forbidden")[0]);
      assert.equal(forbidden["accountId"], account.id);
      assert.equal(forbidden["operation"], "cinema.saveCinema");
      assert.match(String(forbidden["requestId"]), /^[0-9a-f-]{36}$/);
      for (const line of [...failed, early, forbidden]) {
        assert.equal(line.level, WARN);
        assert.equal(line["address"], "127.0.0.1");
        assert.match(line.time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
      }
      const told = JSON.stringify(lines);
      for (const secret of ["canary", PASSWORD, token, username]) assert.ok(!told.includes(secret));
    });
  }
});
