import assert from "node:assert/strict";
import { test } from "node:test";
import { closeClean, openSite, seatIs } from "../support/browser.ts";
import { gridPlan } from "../support/cinema-fixture.ts";
import { focused, tabTo } from "./tabbing.ts";

test("from the list of cinemas to a booking without a pointer", async () => {
  const site = await openSite();
  const screening = await site.newScreening(gridPlan(4, 6));
  const visit = await site.visit({ as: await site.newPerson() });
  const { page } = visit;
  await visit.goto(`#/cinemas/${screening.cinemaId}`);
  await page.getByText("24 seats free").waitFor();
  await tabTo(page, /Blue hall/);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "The Long Crossing" }).waitFor();

  await tabTo(page, /^A1, free/);
  for (const key of ["ArrowRight", "ArrowRight", "ArrowDown"]) await page.keyboard.press(key);
  assert.match(await focused(page), /^B3, free/);
  await page.keyboard.press("Enter");
  await seatIs(page, "B3", "selected");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Space");
  await seatIs(page, "B4", "selected");
  assert.match(await focused(page), /^B4, selected/, "the focus stays where it was");
  await page.keyboard.press("Space");
  await seatIs(page, "B4", "free");
  await page.keyboard.press("End");
  assert.match(await focused(page), /^B6/);
  await page.keyboard.press("Control+End");
  assert.match(await focused(page), /^D6/);
  await page.keyboard.press("Control+Home");
  assert.match(await focused(page), /^A1/);

  await tabTo(page, /^Hold 1 seat/);
  await page.keyboard.press("Enter");
  await seatIs(page, "B3", "mine");
  await page.waitForFunction(() => document.activeElement?.matches(".hold-card"));
  await tabTo(page, /^Book 1 seat/);
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "Enjoy the film" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await seatIs(page, "B3", "booked-mine");
  await closeClean(visit);
});

test("the hall can be read and chosen from as a list", async () => {
  const site = await openSite();
  const screening = await site.newScreening(gridPlan(3, 4));
  const visit = await site.visit({ as: await site.newPerson() });
  const { page } = visit;
  await visit.goto(`#/screenings/${screening.id}`);
  await tabTo(page, /^List$/);
  await page.keyboard.press("Enter");
  await tabTo(page, /^Row B/);
  await page.keyboard.press("Enter");
  await tabTo(page, /^B2, free/);
  await page.keyboard.press("Space");
  await page.getByRole("button", { name: /^B2, selected/, pressed: true }).waitFor();
  await page.getByText("B2 selected. 1 seat selected.").waitFor({ state: "attached" });
  await closeClean(visit);
});

test("every page begins with a way past the header, and says where one is", async () => {
  const site = await openSite();
  const visit = await site.visit({ as: await site.newPerson() });
  const { page } = visit;
  await visit.goto("#/bookings");
  await page.getByRole("heading", { name: "My bookings" }).waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await focused(page), "Skip to the content");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement?.id), "main");
  assert.equal(await page.title(), "My bookings · Stoa");
  await page.getByRole("link", { name: "Stoa, all cinemas" }).click();
  await page.getByRole("heading", { name: "Take your seats." }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), "H1");
  assert.equal(await page.title(), "Cinemas · Stoa");
  await closeClean(visit);
});
