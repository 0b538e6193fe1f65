import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { must, newEmail } from "../support/auth-harness.ts";
import { type MailedApp, startMailedApp } from "../support/mailed-app.ts";

/** Whether an address is somebody's is told by no answer of document 002, and by no time. */

const PASSWORD = "VerySecurePassword1!";
const PEOPLE = 4;
const ROUNDS = 3;

describe("an address that nobody has", () => {
  let house: MailedApp;
  const known: string[] = [];
  before(async () => {
    house = await startMailedApp();
    for (let made = 0; made < PEOPLE; made += 1) {
      const email = newEmail();
      await house.ask("POST", "/chat/auth/register", { email, password: PASSWORD });
      known.push(email);
    }
  });
  after(() => house[Symbol.asyncDispose]());

  const questions: Readonly<Record<string, (email: string) => [path: string, body: object]>> = {
    "asking for a reset": (email) => ["/chat/auth/password/request", { email }],
    "a wrong password": (email) => ["/chat/auth/login", { email, password: "not the password" }],
    "a wrong password and code": (email) => [
      "/chat/auth/login",
      { email, password: "not the password", otp: "000000" },
    ],
  };

  for (const [what, question] of Object.entries(questions)) {
    test(`is answered like any other, and as fast: ${what}`, async () => {
      const seen: Record<"known" | "unknown", { times: number[]; answers: Set<string> }> = {
        known: { times: [], answers: new Set() },
        unknown: { times: [], answers: new Set() },
      };
      const put = async (sort: "known" | "unknown", email: string) => {
        const [path, body] = question(email);
        const startedMs = performance.now();
        const { status, headers, body: answer } = await house.ask("POST", path, body);
        seen[sort].times.push(performance.now() - startedMs);
        const { requestId: _, instance: __, ...rest } = answer;
        seen[sort].answers.add(JSON.stringify([status, [...headers.keys()].sort(), rest]));
      };
      // Interleaved, so that whatever else the machine does falls on both.
      for (let round = 0; round < ROUNDS / (what === "asking for a reset" ? 1 : 3); round += 1) {
        for (const email of known) {
          await put("known", email);
          await put("unknown", newEmail());
        }
      }
      assert.deepEqual([...seen.known.answers], [...seen.unknown.answers]);
      assert.equal(seen.known.answers.size, 1);
      const ratio = median(seen.known.times) / median(seen.unknown.times);
      // Work that is left out changes the time tenfold; noise does not change a median threefold.
      assert.ok(ratio > 1 / 3 && ratio < 3, `${what}: ${ratio}`);
    });
  }
});

function median(values: readonly number[]): number {
  return must([...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]);
}
