import assert from "node:assert/strict";
import { test } from "node:test";
import { freshDatabase } from "../../../../test/support/database.ts";
import { createHarness, newPerson } from "../../../../test/support/module-harness.ts";
import { waitFor } from "../../../../test/support/wait-for.ts";
import { JobRunner } from "../../../core/jobs.ts";
import { type Remote, type RemoteAnswer, RemoteUnavailable } from "../../../core/remote.ts";
import { createLocalShards, createWallet } from "../index.ts";

/** A program that keeps everybody waiting until it listens. */
function slowProgram() {
  const bodies: string[] = [];
  const program = { bodies, listens: false };
  const remote: Remote = {
    ask({ body, signal }) {
      bodies.push(body);
      if (program.listens) return Promise.resolve({ status: 204, body: "" });
      return new Promise<RemoteAnswer>((_, reject) => {
        signal?.addEventListener("abort", () => reject(new RemoteUnavailable("It was stopped.")));
      });
    },
    close() {},
  };
  return { program, remote };
}

test("a stop does not wait for the program's answer; what it was told comes again", async () => {
  const { program, remote } = slowProgram();
  await using place = await freshDatabase();
  const database = await place.open();
  await using _closing = { [Symbol.asyncDispose]: () => database.close() };
  await using harness = await createHarness({
    database,
    modules: (given) => {
      const shards = createLocalShards(database, 2, given);
      const webhook = { remote, secret: "unused" };
      const parts = { ...given, shards, production: false, webhook };
      return [{ ...createWallet(parts, async () => new Map()), rest: [] }];
    },
  });
  const { clock, ids, log } = harness.ports;
  const [wallet] = harness.registry.modules;
  await using _started = await wallet?.start?.();
  const startJobs = () => {
    const jobs = new JobRunner(clock, { work: harness.work, log });
    jobs.start(wallet?.jobs ?? []);
    return jobs;
  };
  const first = startJobs();
  // What a new wallet is given is a transfer that ends.
  await harness.call("wallet.create", { walletId: "6" }, newPerson(ids, clock));
  await waitFor(() => program.bodies.length === 1, { what: "the program is told" });
  let isStopped = false;
  const stopping = first.stop().then(() => {
    isStopped = true;
  });
  await waitFor(() => isStopped, { what: "the jobs have stopped" });
  await stopping;

  program.listens = true;
  const second = startJobs();
  await waitFor(() => program.bodies.length > 1, { what: "the program is told again" });
  await second.stop();
  assert.equal(program.bodies[1], program.bodies[0]);
});
