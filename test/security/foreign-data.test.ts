import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { prepareSample } from "../conformance/prepare-sample.ts";
import { SAMPLES } from "../conformance/samples.ts";
import { WAYS, type Way } from "../conformance/ways.ts";
import { createWorld, type Role, type World } from "../conformance/world.ts";
import { startTestApp, type TestApp } from "../support/app.ts";
import { must, newEmail } from "../support/auth-harness.ts";

/**
 * What is ada's own is told to ada alone: every operation is called on what she owns by everybody
 * else, and nothing of hers is in what they are answered, refusals and snapshots included
 * (OWASP ASVS 8.2.2 and 8.2.3; API1 and API3 of the OWASP API Top 10).
 */

/** What people who talk with each other know of each other. */
const KNOWN_TO_MEMBERS: ReadonlySet<string> = new Set(["her account", "her name"]);

/**
 * What is told on purpose: ben shares the samples' conversation with ada, and document 002 lists
 * everybody's name for whoever is signed in.
 */
function isTold(name: string, role: Role, what: string): boolean {
  const isFellow = role === "ben" && name.startsWith("chat.");
  return (isFellow || name === "chat.users") && role !== "nobody" && KNOWN_TO_MEMBERS.has(what);
}

interface Owned {
  readonly world: World;
  /** Texts that only ada may get to see, each with what it is. */
  readonly secrets: ReadonlyMap<string, string>;
}

describe("what belongs to one person", () => {
  let running: TestApp;
  before(async () => {
    running = await startTestApp();
  });
  after(() => running?.[Symbol.asyncDispose]());

  async function own(way: Way): Promise<Owned> {
    const world = await createWorld(running.app);
    const asAda = async (name: string, input: object) => {
      const { code, body } = await way.call(name, input, world.tokens.ada);
      assert.equal(code, "OK", `${name}: ${JSON.stringify(body)}`);
      return body as {
        readonly account: { readonly id: string; readonly username: string };
        readonly session: { readonly id: string };
        readonly secret: string;
      };
    };
    const email = newEmail();
    await asAda("auth.updateProfile", { displayName: "Canary Ada", description: "canary-about" });
    const { account, session } = await asAda("auth.me", {});
    await asAda("auth.changeEmail", { email, currentPassword: "rosebud in the snow" });
    const { secret } = await asAda("auth.enrolTotp", {});
    const secrets = new Map<string, string>([
      ["her address", email],
      ["her name", "Canary Ada"],
      ["what she says of herself", "canary-about"],
      ["her account", account.id],
      ["her username", account.username],
      ["her session", session.id],
      ["the secret of her app", secret],
      ["her token", world.tokens.ada],
    ]);
    return { world, secrets };
  }

  const STRANGERS: readonly Role[] = ["nobody", "ben", "operator"];
  for (const role of STRANGERS) {
    test(`is in no answer to ${role}`, async () => {
      await using way = must(WAYS["socket"])(running);
      let { world, secrets } = await own(way);
      let answers = 0;
      for (const [name, sample] of Object.entries(SAMPLES)) {
        await prepareSample(running, world, sample);
        const booking = world.kept.get("booking");
        const token = role === "nobody" ? undefined : world.tokens[role];
        const input = sample.input(world);
        const { code, body } = await way.call(name, input, token);
        const text = JSON.stringify(body ?? null);
        for (const [what, secret] of secrets) {
          // What somebody sends, they know.
          if (JSON.stringify(input).includes(secret) || isTold(name, role, what)) continue;
          assert.ok(!text.includes(secret), `${name} tells ${role} ${what}: ${code} ${text}`);
        }
        if (typeof booking === "string" && name !== "cinema.cancelBooking") {
          assert.ok(!text.includes(booking), `${name} tells ${role} of her booking`);
        }
        answers += 1;
        if (sample.endsSession) ({ world, secrets } = await own(way));
      }
      assert.ok(answers > 40);
    });
  }

  test("is all there for herself: the texts looked for are the ones that are answered", async () => {
    await using way = must(WAYS["socket"])(running);
    const { world, secrets } = await own(way);
    const seen = [
      await way.call("auth.me", {}, world.tokens.ada),
      await way.call("auth.subscribe", {}, world.tokens.ada),
      await way.call("auth.listSessions", {}, world.tokens.ada),
    ];
    const text = JSON.stringify(seen);
    const hers = ["her name", "what she says of herself", "her account", "her session"];
    for (const what of hers) assert.ok(text.includes(must(secrets.get(what))), what);
  });
});
