import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { callHttp } from "../../client/index.ts";
import { startTestApp } from "../support/app.ts";
import { callWithin, newPersonOf, operatorOf } from "../support/in-process.ts";
import { createStage } from "../support/stage.ts";
import { visit } from "../support/visitor.ts";
import { waitFor } from "../support/wait-for.ts";

const PATIENCE = { timeoutMs: 20_000 };

describe("a restart", () => {
  it("is nothing to whoever watches, and what was asked meanwhile is done once", async () => {
    await using running = await startTestApp();
    const stage = await createStage(callWithin(running.app, (await operatorOf(running.app)).token));
    const { screeningId, seatIds } = stage;
    const [one = "", two = "", three = ""] = seatIds;
    const [adas, bens] = [await newPersonOf(running.app), await newPersonOf(running.app)];
    const where = { url: running.url };
    using ada = visit(() => where.url, adas.token);
    using passerBy = visit(() => where.url);
    const view = ada.watch(screeningId);
    const idle = passerBy.watch(screeningId);
    await waitFor(() => view.states + idle.states === 2, { what: "two seat maps" });
    await ada.client.call("cinema.hold", { screeningId, seatIds: [one] });
    await waitFor(() => view.seats[one] !== undefined, { what: "her own hold" });

    await running.app.stop();
    const asked = ada.client.call("cinema.hold", { screeningId, seatIds: [two] }, PATIENCE);
    await using again = await running.restart();
    // Something happens before anybody is back.
    await callHttp(
      again.url,
      "cinema.hold",
      { screeningId, seatIds: [three] },
      { bearer: bens.token },
    );
    where.url = again.url;

    assert.deepEqual((await asked).seatIds, [one, two], "asked while nobody was there to answer");
    await waitFor(() => view.seats[three] !== undefined && view.seats[two] !== undefined, {
      what: "what was missed",
      ...PATIENCE,
    });
    await waitFor(() => idle.seats[three] !== undefined && idle.seats[two] !== undefined, {
      what: "what was missed, by one who had seen nothing yet",
      ...PATIENCE,
    });
    const { seats } = await callHttp(again.url, "cinema.getScreening", { screeningId });
    for (const { states, errors, seats: shown } of [view, idle]) {
      assert.deepEqual(shown, seats);
      assert.deepEqual([states, errors], [1, []], "recovered without a second state");
    }
    assert.equal((await ada.client.call("cinema.release", { screeningId })).released.length, 2);
  });
});
