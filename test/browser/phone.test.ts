import assert from "node:assert/strict";
import { test } from "node:test";
import { closeClean, openSite, seat, seatIs } from "../support/browser.ts";
import { gridPlan } from "../support/cinema-fixture.ts";
import { waitFor } from "../support/wait-for.ts";
import { fitsTheScreen } from "./fingers.ts";

test("a seat of a large hall comes near at the first tap and is chosen by the second", async () => {
  const site = await openSite();
  const screening = await site.newScreening(gridPlan(26, 40));
  const visit = await site.visit({ as: await site.newPerson(), on: "phone" });
  const { page } = visit;
  await visit.goto(`#/screenings/${screening.id}`);
  await seat(page, "M20").tap();
  await page.locator(".map-stage.zoomed").waitFor();
  assert.equal(await page.locator(".seat.selected").count(), 0);
  await page.locator(".numbers text").first().waitFor();
  await seat(page, "M20").tap();
  await seatIs(page, "M20", "selected");
  await fitsTheScreen(visit);
  await page.getByRole("button", { name: "Hold 1 seat" }).tap();
  await seatIs(page, "M20", "mine");
  await page.getByRole("button", { name: "Show the whole hall" }).tap();
  await page.locator(".map-stage:not(.zoomed)").waitFor();
  await page.getByRole("button", { name: "Book 1 seat" }).tap();
  await page.getByRole("dialog").getByText("Enjoy the film").waitFor();
  await fitsTheScreen(visit);
  await closeClean(visit);
});

test("two fingers spread the hall, one moves it", async () => {
  const site = await openSite();
  const screening = await site.newScreening(gridPlan(20, 30));
  const visit = await site.visit({ on: "phone" });
  const { page } = visit;
  await visit.goto(`#/screenings/${screening.id}`);
  await seatIs(page, "A1", "free");
  const box = await page.locator(".map-stage").boundingBox();
  assert.ok(box);
  const x = box.x + box.width / 2;
  const y = box.y + box.height / 2;
  const fingers = await page.context().newCDPSession(page);
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", ...apart: readonly number[]) =>
    fingers.send("Input.dispatchTouchEvent", {
      type,
      touchPoints: apart.map((shift, id) => ({ x: x + shift, y, id })),
    });
  await touch("touchStart", -20, 20);
  for (const apart of [40, 60, 80, 100]) await touch("touchMove", -apart, apart);
  await touch("touchEnd");
  await page.locator(".map-stage.zoomed").waitFor();
  const before = await seat(page, "J15").boundingBox();
  await touch("touchStart", 0);
  for (const shift of [15, 30, 45, 60]) await touch("touchMove", shift);
  await touch("touchEnd");
  assert.ok(before);
  const follows = async () => {
    const after = await seat(page, "J15").boundingBox();
    return after !== null && Math.abs(after.x - before.x - 60) < 8;
  };
  await waitFor(follows, { what: "the hall has followed the finger" });
  assert.equal(await page.locator(".seat.selected").count(), 0, "a drag chooses nothing");
  await closeClean(visit);
});

test("every page fits a phone, with room for fingers", async () => {
  const site = await openSite();
  const screening = await site.newScreening();
  const visit = await site.visit({ as: site.operator, on: "phone" });
  const { page } = visit;
  const pages = [
    ["#/", "Take your seats."],
    [`#/cinemas/${screening.cinemaId}`, "The Long Crossing"],
    ["#/bookings", "My bookings"],
    ["#/account", "Where you are signed in"],
    [`#/operator/${screening.cinemaId}/screenings`, "The Long Crossing"],
    [`#/operator/${screening.cinemaId}/halls`, "Blue hall"],
    [`#/operator/${screening.cinemaId}/report`, "Report"],
    [`#/operator/seats/${screening.id}`, "Seats on sale"],
  ] as const;
  for (const [hash, heading] of pages) {
    await visit.goto(hash);
    await page.getByRole("heading", { name: heading, exact: true }).first().waitFor();
    await fitsTheScreen(visit);
  }
  await closeClean(visit);
});
