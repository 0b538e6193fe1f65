import assert from "node:assert/strict";
import { after, before, describe, type TestContext, test } from "node:test";
import { createMailQueue } from "../../src/adapters/db/index.ts";
import { createLog } from "../../src/adapters/log/pino.ts";
import { createSmtpTransport } from "../../src/adapters/mail/smtp.ts";
import { systemRandom } from "../../src/adapters/system/random.ts";
import type { Database } from "../../src/core/database.ts";
import { createIds } from "../../src/core/ids.ts";
import { createMailDelivery, createMailer } from "../../src/core/mail-delivery.ts";
import { createAuthHarness, newEmail } from "../support/auth-harness.ts";
import { type DatabasePlace, freshDatabase } from "../support/database.ts";

import { createManualClock } from "../support/manual-clock.ts";
import { createSmtpPeer, type SmtpPeer } from "../support/smtp-peer.ts";
import { waitFor } from "../support/wait-for.ts";

const log = createLog({ level: "silent" });
const WRITE = { isolation: "read committed", readOnly: false } as const;
const FIRST_PAUSE_MS_MAX = 30_000;
const LEASE_MS = 180_000;
const REST_MS_MAX = 2_000;

/** As long as a node that stops waits for its deliveries. */
const STOP_MS_MAX = 5_000;

/** The queue has one owner, so these tests have a database of their own. They run one by one. */
let place: DatabasePlace;
let database: Database;
const subjectsOf = (peer: SmtpPeer) =>
  peer.received.map(({ raw }) => /^Subject: (.*)\r$/m.exec(raw)?.[1]).sort();
const messageIdsOf = (peer: SmtpPeer) =>
  new Set(peer.received.map(({ raw }) => /^Message-ID: (.*)\r$/m.exec(raw)?.[1]));

/** An empty queue, a mail server, and nodes that share a clock which the test turns. */
async function installation(t: TestContext) {
  const clock = createManualClock(Date.UTC(2025, 0, 1));
  const queue = createMailQueue();
  const mailer = createMailer({ queue, ids: createIds(clock, systemRandom), clock });
  const peer = await createSmtpPeer();
  const ends: (() => Promise<void>)[] = [];
  await database.single().as<Tables>().deleteFrom("stoa_mails").execute();
  t.after(async () => {
    for (const end of ends) await end();
    await peer.close();
  });

  return {
    clock,
    peer,
    mailer,
    send: (subject: string) =>
      database.transaction(WRITE, (tx) =>
        mailer.send(tx, { to: "ann@example.org", subject, text: "Hello" }),
      ),
    sendAndRollBack: (subject: string) =>
      database.transaction(WRITE, async (tx) => {
        await mailer.send(tx, { to: "ann@example.org", subject, text: "Hello" });
        throw new Error("rolled back");
      }),
    startNode(port = peer.port) {
      const url = `smtp://127.0.0.1:${port}`;
      const transport = createSmtpTransport({ url, from: "stoa@example.org" });
      const parts = { database, queue, transport, clock, random: systemRandom, log };
      const delivery = createMailDelivery(parts);
      delivery.start();
      const node = {
        wake: () => delivery.wake(),
        /** Leaves what is under way as it is; nothing of it is recorded. */
        async kill() {
          const stopped = delivery.stop();
          clock.advance(STOP_MS_MAX);
          await stopped;
        },
      };
      ends.push(async () => {
        await node.kill();
        await transport.close();
      });
      return node;
    },
    async reopenDatabase() {
      await database.close();
      database = await place.open();
    },
    /** What the queue still holds: how often each mail was tried, and how it stands. */
    async queued() {
      const rows = await database
        .single()
        .as<Tables>()
        .selectFrom("stoa_mails")
        .select(["subject", "state", "attempts"])
        .orderBy("subject")
        .execute();
      return rows.map(({ subject, state, attempts }) => `${subject} ${state} ${attempts}`);
    },
  };
}

interface Tables {
  readonly stoa_mails: { subject: string; state: string; attempts: number };
}

type Installation = Awaited<ReturnType<typeof installation>>;

/** Waits for the queue's content, and lets a little time pass for the nodes meanwhile. */
async function untilQueued({ queued, clock }: Installation, expected: string[], stepMs = 0) {
  const holds = async () => {
    clock.advance(stepMs);
    return (await queued()).join() === expected.join();
  };
  await waitFor(holds, { what: `the queue holds ${expected.join() || "nothing"}` });
}

describe("mail", () => {
  before(async () => {
    place = await freshDatabase();
    database = await place.open();
  });
  after(async () => {
    await database.close();
    await place[Symbol.asyncDispose]();
  });

  test("mails go out once committed, each once, however many nodes work the queue", async (t) => {
    const house = await installation(t);
    const subjects = Array.from({ length: 40 }, (_, i) => `mail ${String(i).padStart(2, "0")}`);
    await assert.rejects(house.sendAndRollBack("never"), /rolled back/);
    for (const subject of subjects) await house.send(subject);
    house.startNode();
    house.startNode();
    await untilQueued(house, []);
    assert.deepEqual(subjectsOf(house.peer), subjects);
    const { wake } = house.startNode();
    await house.send("woken");
    wake();
    await untilQueued(house, [], 1);
    assert.equal(house.peer.received.length, subjects.length + 1);
  });

  test("a passing refusal is tried again later, a final one is kept as failed", async (t) => {
    const house = await installation(t);
    house.peer.answer({ at: "RCPT", code: 451 });
    await house.send("greylisted");
    house.startNode();
    await untilQueued(house, ["greylisted queued 1"]);
    await waitFor(() => house.peer.offered() === 1, { what: "the first try" });
    house.peer.answer("accept");
    await waitFor(() => house.clock.pending() === 1, { what: "the node rests" });
    house.clock.advance(REST_MS_MAX);
    await waitFor(() => house.clock.pending() === 1, { what: "the node rests again" });
    assert.equal(house.peer.offered(), 1, "not before its pause is over");
    house.clock.advance(FIRST_PAUSE_MS_MAX);
    await untilQueued(house, [], 100);
    assert.deepEqual(subjectsOf(house.peer), ["greylisted"]);

    house.peer.answer({ at: "DATA", code: 554 });
    await house.send("unwanted");
    await untilQueued(house, ["unwanted failed 1"], 100);
    assert.deepEqual(subjectsOf(house.peer), ["greylisted"]);
  });

  test("a mail server that is down loses no mail and is used when it is back", async (t) => {
    const house = await installation(t);
    const { port } = house.peer;
    await house.peer.close();
    await house.send("one");
    await house.send("two");
    house.startNode(port);
    await untilQueued(house, ["one queued 1", "two queued 1"]);
    await untilQueued(house, ["one queued 3", "two queued 3"], 1_000);
    const back = await createSmtpPeer({ port });
    t.after(() => back.close());
    await untilQueued(house, [], 1_000);
    assert.deepEqual(subjectsOf(back), ["one", "two"]);
  });

  test("a minute without a mail server costs an account none of its mails", async (t) => {
    const house = await installation(t);
    const { clock, mailer, peer } = house;
    await peer.close();
    house.startNode(peer.port);
    await using h = await createAuthHarness({ database, clock, mailer });
    const person = h.client();
    const email = newEmail();
    await person.register({ email });
    await h.client().call("auth.requestPasswordReset", { email });
    await h.runJob("auth.mailResets");
    await person.call("auth.requestEmailChange");
    const tried = ["Change", "Choose", "Confirm"].map((word) => new RegExp(`^${word} .* [1-9]$`));
    const areTried = async () => {
      clock.advance(1_000);
      const rows = await house.queued();
      return rows.length === tried.length && tried.every((row, at) => row.test(rows[at] ?? ""));
    };
    await waitFor(areTried, { what: "each mail was tried in vain" });
    clock.advance(60_000);
    const back = await createSmtpPeer({ port: peer.port });
    t.after(() => back.close());
    await untilQueued(house, [], 1_000);
    assert.deepEqual(subjectsOf(back), [
      "Change your address at Stoa",
      "Choose another password for Stoa",
      "Confirm your address for Stoa",
    ]);
    assert.deepEqual([...new Set(back.received.flatMap(({ to }) => to))], [email]);
  });

  test("the queue outlives a restart, and what was under way is delivered again", async (t) => {
    const house = await installation(t);
    const silent = await createSmtpPeer();
    t.after(() => silent.close());
    silent.answer("never");
    await house.send("under way");
    const dying = house.startNode(silent.port);
    await waitFor(() => silent.offered() === 1, { what: "the first node offers the mail" });
    await house.send("waiting");
    await house.reopenDatabase();
    await dying.kill();
    assert.deepEqual(await house.queued(), ["under way queued 1", "waiting queued 0"]);

    house.startNode();
    await untilQueued(house, ["under way queued 1"]);
    assert.deepEqual(subjectsOf(house.peer), ["waiting"]);
    house.clock.advance(LEASE_MS);
    await untilQueued(house, [], 100);
    assert.deepEqual(subjectsOf(house.peer), ["under way", "waiting"]);
  });

  test("a mail taken by the server whose delivery is not recorded comes again as the same", async (t) => {
    const house = await installation(t);
    await house.send("twice");
    house.peer.answer("accept, say nothing");
    const dying = house.startNode();
    await waitFor(() => house.peer.received.length === 1, {
      what: "the server has taken the mail",
    });
    await dying.kill();
    assert.deepEqual(await house.queued(), ["twice queued 1"]);
    house.peer.answer("accept");
    house.clock.advance(LEASE_MS);
    house.startNode();
    await untilQueued(house, [], 100);
    assert.deepEqual(subjectsOf(house.peer), ["twice", "twice"]);
    assert.equal(messageIdsOf(house.peer).size, 1);
  });
});
