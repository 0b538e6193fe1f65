import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { hash } from "@node-rs/argon2";
import { countingHasher } from "../../../../test/support/auth-harness.ts";
import { createSeededRandom } from "../../../../test/support/seeded-random.ts";
import { waitFor } from "../../../../test/support/wait-for.ts";
import { StoaError } from "../../../core/errors.ts";
import { argon2Hasher } from "./hasher.ts";
import { Passwords } from "./passwords.ts";
import { newRecoveryCodes, normaliseRecoveryCode } from "./recovery-codes.ts";
import { WorkQueue } from "./work-queue.ts";

const random = createSeededRandom("passwords");

describe("argon2", () => {
  test("hashes with OWASP's parameters, every time with another salt", async () => {
    const passwords = new Passwords({ random });
    const [one, two] = await Promise.all([passwords.hash("ein Wort"), passwords.hash("ein Wort")]);
    assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    assert.notEqual(one, two);
    assert.equal(await passwords.verify(one, "ein Wort"), true);
    assert.equal(await passwords.verify(one, "ein wort"), false);
    assert.equal(passwords.isOutdated(one), false);
  });

  test("every byte of a long password counts", async () => {
    const passwords = new Passwords({ random });
    const long = "ü".repeat(128);
    const hashed = await passwords.hash(long);
    assert.equal(await passwords.verify(hashed, long), true);
    assert.equal(await passwords.verify(hashed, `${long.slice(0, -1)}u`), false);
  });

  test("nobody's hash is a hash like any other, and no password is right", async () => {
    const passwords = new Passwords({ random });
    assert.equal(await passwords.verify(null, ""), false);
    assert.equal(await argon2Hasher.verify(argon2Hasher.nobodys, "anything"), false);
    assert.equal(argon2Hasher.isOutdated(argon2Hasher.nobodys), false);
  });

  test("weaker parameters are outdated", async () => {
    const weak = await hash("word", { memoryCost: 8_192, timeCost: 2, parallelism: 1 });
    assert.equal(argon2Hasher.isOutdated(weak), true);
  });
});

describe("the queue", () => {
  test("runs so much at once, lets so much wait, and refuses the rest", async () => {
    const queue = new WorkQueue({ workersMax: 2, waitingMax: 3 });
    let running = 0;
    let peak = 0;
    const gates: Array<() => void> = [];
    const job = async () => {
      running += 1;
      peak = Math.max(peak, running);
      await new Promise<void>((resolve) => gates.push(resolve));
      running -= 1;
    };
    const jobs = Array.from({ length: 5 }, () => queue.run(job));
    await assert.rejects(queue.run(job), (error: unknown) => {
      return (
        error instanceof StoaError && error.code === "UNAVAILABLE" && error.retryAfterMs === 1_000
      );
    });
    for (let done = 0; done < 5; done += 1) {
      await waitFor(() => gates.length > done, { what: "the next job runs" });
      gates[done]?.();
    }
    await Promise.all(jobs);
    assert.equal(peak, 2);
    const again = queue.run(async () => "free again");
    assert.equal(await again, "free again");
  });

  test("a failed job gives its place back, and a caller who has gone costs nothing", async () => {
    const queue = new WorkQueue({ workersMax: 1, waitingMax: 3 });
    const failing = queue.run(() => Promise.reject(new Error("no")));
    let ran = false;
    const gone = queue.run(async () => {
      ran = true;
    }, AbortSignal.abort());
    const last = queue.run(async () => "last");
    await assert.rejects(failing, /no/);
    await assert.rejects(gone, (error: unknown) => error instanceof StoaError);
    assert.equal(ran, false);
    assert.equal(await last, "last");
  });
});

describe("recovery codes", () => {
  test("are ten, readable, and hashed in one go", async () => {
    const hasher = countingHasher();
    const passwords = new Passwords({ random, hasher });
    const signal = new AbortController().signal;
    const { codes, hashed } = await newRecoveryCodes(random, passwords, signal);
    assert.equal(new Set(codes).size, 10);
    for (const code of codes)
      assert.match(code, /^[0-9a-hj-km-np-tv-z]{5}-[0-9a-hj-km-np-tv-z]{5}$/);
    assert.equal(hasher.calls.derive, 10);
    const typed = normaliseRecoveryCode((codes[3] ?? "").toUpperCase().replace("-", ""));
    const derived = await passwords.derive(typed, hashed.salt);
    assert.ok(hashed.hashes.some((hash) => Buffer.compare(hash, derived) === 0));
  });

  test("letters that look like digits are those digits", () => {
    assert.equal(normaliseRecoveryCode("OIl0i-LLo01"), "01101" + "11001");
  });
});
