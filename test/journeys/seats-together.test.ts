import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { CallError, callHttp } from "../../client/index.ts";
import { startTestApp, type TestApp } from "../support/app.ts";
import { callWithin, newPersonOf, operatorOf } from "../support/in-process.ts";
import { createStage, type Stage } from "../support/stage.ts";
import { type Visitor, visit } from "../support/visitor.ts";
import { waitFor } from "../support/wait-for.ts";

/** Two people, and one who only looks, in front of the same screening. */

let running: TestApp;
let stage: Stage;

before(async () => {
  running = await startTestApp();
  const { token } = await operatorOf(running.app);
  stage = await createStage(callWithin(running.app, token));
});
after(() => running?.[Symbol.asyncDispose]());

async function signIn(): Promise<Visitor> {
  const { token } = await newPersonOf(running.app);
  return visit(() => running.url, token);
}

describe("two people and one screening", () => {
  it("see each other take, lose and give back seats, and so does whoever looks on", async () => {
    using ada = await signIn();
    using ben = await signIn();
    using passerBy = visit(() => running.url);
    const { screeningId, seatIds } = stage;
    const [one = "", two = "", three = ""] = seatIds;
    const views = [ada, ben, passerBy].map((visitor) => visitor.watch(screeningId));
    const [adas, bens, theirs] = views as [(typeof views)[0], (typeof views)[0], (typeof views)[0]];
    await waitFor(() => views.every(({ states }) => states === 1), { what: "three seat maps" });
    assert.equal(theirs.you, null);
    assert.notEqual(adas.you, bens.you);

    const seenByAll = (what: string, fits: (seats: (typeof adas)["seats"]) => boolean) =>
      waitFor(() => views.every(({ seats }) => fits(seats)), { what });

    await ada.client.call("cinema.hold", { screeningId, seatIds: [one, two] });
    await seenByAll("ada's hold", (seats) => seats[two]?.state === "held");
    assert.equal(bens.seats[one]?.by, adas.you, "it has her name in this screening");

    const late = ben.client.call("cinema.hold", { screeningId, seatIds: [two, three] });
    await assert.rejects(late, (error) => {
      assert.ok(error instanceof CallError);
      assert.equal(error.code, "SEAT_TAKEN");
      assert.deepEqual(error.data["seatIds"], [two]);
      return true;
    });
    assert.equal(bens.seats[three], undefined, "all of them or none");

    await ben.client.call("cinema.hold", { screeningId, seatIds: [three] });
    await ada.client.call("cinema.release", { screeningId, seatIds: [two] });
    await ada.client.call("cinema.book", { screeningId });
    await seenByAll("the end of it", (seats) => {
      const states = [one, two, three].map((id) => seats[id]?.state);
      return JSON.stringify(states) === JSON.stringify(["booked", null, "held"]);
    });
    const { seats } = await callHttp(running.url, "cinema.getScreening", { screeningId });
    for (const view of views) {
      assert.deepEqual(view.seats, seats, "every map is the server's own");
      assert.deepEqual([view.states, view.errors], [1, []]);
    }
  });

  it("run for the same seat: one gets it, the other is told", async () => {
    using ada = await signIn();
    using ben = await signIn();
    const { screeningId, seatIds } = stage;
    for (const seatId of seatIds.slice(6, 16)) {
      const tries = [ada, ben].map(({ client }) =>
        client.call("cinema.hold", { screeningId, seatIds: [seatId] }).then(
          () => "OK",
          (error: CallError) => error.code,
        ),
      );
      assert.deepEqual((await Promise.all(tries)).toSorted(), ["OK", "SEAT_TAKEN"], seatId);
      await Promise.all(
        [ada, ben].map(({ client }) => client.call("cinema.release", { screeningId })),
      );
    }
  });
});
