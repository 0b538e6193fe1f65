import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { CallError, type Client, type Input, type Output } from "./index.ts";

/** Never called: the compiler holds these against the wire contracts. */
export async function types(client: Client): Promise<void> {
  const hold = await client.call("cinema.hold", { screeningId: "s", seatIds: ["A1"] });
  hold.untilMs satisfies number;
  // @ts-expect-error there is no such method
  await client.call("cinema.nothing", {});
  // @ts-expect-error ids are text
  await client.call("cinema.hold", { screeningId: 5, seatIds: ["A1"] });
  ({ screeningId: "s" }) satisfies Input<"cinema.joinWaitlist">;
  // @ts-expect-error defaults are optional going in and there coming out
  ({ position: 1 }) satisfies Output<"cinema.joinWaitlist">;
  client.subscribe(
    "cinema.watch",
    { screeningId: "s" },
    {
      onState: ({ you }, { offset }) => [you satisfies string | null, offset satisfies number],
      onEvent(type, data) {
        if (type === "cinema.seats") data.changes satisfies ReadonlyArray<{ seatId: string }>;
        else if (type === "cinema.offer") data.to satisfies string;
        // @ts-expect-error what is left has no such field
        else data.changes;
      },
      onError: (error) => error satisfies CallError,
    },
  );
}

test("the client runs in a browser: of packages and Node it imports nothing but types", () => {
  const files = readdirSync(import.meta.dirname).filter((name) => /(?<!\.test)\.ts$/.test(name));
  assert.ok(files.length > 5);
  for (const file of files) {
    const source = readFileSync(`${import.meta.dirname}/${file}`, "utf8");
    for (const [statement, from] of source.matchAll(/^(?:im|ex)port [^;]*? from "([^"]+)"/gm)) {
      const isOwn = from?.startsWith("./");
      assert.ok(isOwn || statement.startsWith("import type"), `${file} imports ${from}`);
    }
  }
});

test("an error is an Error with a code", () => {
  const error = new CallError("SEAT_TAKEN", "Taken.", { data: { seatIds: ["A1"] } });
  assert.ok(error instanceof Error);
  assert.equal(String(error), "CallError: Taken.");
});
