import assert from "node:assert/strict";
import { test } from "node:test";
import { freshDatabase } from "../../../../test/support/database.ts";
import { createHarness, newPerson } from "../../../../test/support/module-harness.ts";
import { waitFor } from "../../../../test/support/wait-for.ts";
import { JobRunner } from "../../../core/jobs.ts";
import { createLocalShards, createWallet } from "../index.ts";
import type { ShardLink } from "../shard/protocol.ts";

/** A shard that is asked and says nothing. */
function silent(link: ShardLink): ShardLink & { asked: number } {
  const shard = {
    asked: 0,
    take: link.take.bind(link),
    send() {
      shard.asked += 1;
      return new Promise<never>(() => {});
    },
  };
  return shard;
}

test("a chore of a shard that does not answer holds up neither other shards nor the stop", async () => {
  await using place = await freshDatabase();
  const database = await place.open();
  await using _closing = { [Symbol.asyncDispose]: () => database.close() };
  let mute: ReturnType<typeof silent> | undefined;
  await using harness = await createHarness({
    database,
    modules: (given) => {
      const [first, second] = createLocalShards(database, 2, given);
      if (first === undefined || second === undefined) throw new Error("There are two.");
      mute = silent(second.link);
      const shards = [first, { ...second, link: mute }];
      const parts = { ...given, shards, production: true };
      return [{ ...createWallet(parts, async () => new Map()), rest: [] }];
    },
  });
  const { clock, ids, log } = harness.ports;
  const [wallet] = harness.registry.modules;
  const owner = newPerson(ids, clock);
  // Nobody leads yet, so that it is the sweep that finds the chore.
  await harness.call("wallet.create", { walletId: "71" }, owner);
  const started = await wallet?.start?.();
  const jobs = new JobRunner(clock, { work: harness.work, log });
  jobs.start(wallet?.jobs ?? []);
  await waitFor(() => (mute?.asked ?? 0) > 0, { what: "the silent shard is asked" });
  await harness.call("wallet.create", { walletId: "70" }, owner);
  const isOpen = async () => {
    const { state } = (await harness.call("wallet.balance", { walletId: "70" }, owner)) as {
      state: string;
    };
    return state === "open";
  };
  await waitFor(isOpen, { what: "a wallet of the other shard is open" });
  let isStopped = false;
  const stopping = jobs.stop().then(() => {
    isStopped = true;
  });
  await waitFor(() => isStopped, { what: "the jobs have stopped" });
  await stopping;
  await started?.[Symbol.asyncDispose]();
  assert.ok(isStopped);
});
