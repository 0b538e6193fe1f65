import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { closeClean, openSite, seat, seatIs } from "../support/browser.ts";
import { gridPlan } from "../support/cinema-fixture.ts";

/** Gives a file to the page, as if a person had chosen it. */
async function choose(page: Page, name: string, content: string): Promise<void> {
  const buffer = Buffer.from(content);
  await page
    .locator('input[type="file"]')
    .setInputFiles({ name, mimeType: "application/json", buffer });
}

async function downloaded(page: Page, press: () => Promise<void>): Promise<string> {
  const download = page.waitForEvent("download");
  await press();
  return readFile(await (await download).path(), "utf8");
}

test("a hall comes in by file, its mistakes named, and goes out the same", async () => {
  const site = await openSite();
  const cinemaId = await site.newCinema();
  const visit = await site.visit({ as: site.operator });
  const { page } = visit;
  await visit.goto(`#/operator/${cinemaId}/halls`);
  await page.getByRole("heading", { name: "No hall yet" }).waitFor();
  await page.getByRole("button", { name: "Import a hall" }).click();
  const alert = page.getByRole("alert");

  await choose(page, "broken.json", '{"name": "Sun hall", "plan": ');
  await alert.getByText("Line 1, column 30").waitFor();

  const plan = gridPlan(3, 4);
  const unplaced = structuredClone(plan) as unknown as {
    sections: { rows: { seats: { x: unknown }[] }[] }[];
  };
  const second = unplaced.sections[0]?.rows[1]?.seats[1];
  assert.ok(second);
  second.x = "left";
  await choose(page, "unplaced.json", JSON.stringify({ name: "Sun hall", plan: unplaced }));
  await alert.getByText("row “B”, seat “B2”, x").waitFor();

  const twice = JSON.stringify({ name: "Sun hall", plan }).replace('"id":"C4"', '"id":"A1"');
  await choose(page, "twice.json", twice);
  await page.getByRole("button", { name: "Save the hall" }).click();
  await alert.getByText("row “C”, seat “A1”").waitFor();
  const before = await site.call("cinema.getOne", { id: cinemaId });
  assert.deepEqual(before.halls, [], "a plan that contradicts itself is not saved");

  await choose(page, "good.json", JSON.stringify({ name: "Sun hall", plan }));
  await page.getByText("12 seats in Stalls").waitFor();
  await page.getByRole("button", { name: "Save the hall" }).click();
  await page.getByRole("heading", { name: "Sun hall" }).waitFor();
  const text = await downloaded(page, () => page.getByRole("button", { name: "Export" }).click());
  assert.deepEqual(JSON.parse(text), { name: "Sun hall", plan });

  const isRefusal = (problem: string) => /status of 400/.test(problem);
  assert.equal(visit.problems.filter(isRefusal).length, 1);
  await visit.context.close();
  assert.deepEqual(
    visit.problems.filter((problem) => !isRefusal(problem)),
    [],
  );
});

test("a screening that is added stands in the cinema at once, and is changed", async () => {
  const site = await openSite();
  const cinemaId = await site.newCinema();
  const hall = { cinemaId, name: "Blue hall", plan: gridPlan(2, 3) };
  await site.call("cinema.saveHall", hall, site.operator);
  const visit = await site.visit({ as: site.operator });
  const guest = await site.visit();
  const { page } = visit;
  await guest.goto(`#/cinemas/${cinemaId}`);
  await guest.page.getByText("Nothing is announced yet").waitFor();

  await visit.goto(`#/operator/${cinemaId}/screenings`);
  await page.getByRole("button", { name: "Add a screening" }).click();
  await page.getByLabel("Film", { exact: true }).fill("Salt");
  await page.getByLabel("Standard").fill("twelve");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("is no amount, such as 12.50").waitFor();
  await page.getByLabel("Standard").fill("12,50");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await guest.page.getByText("from €12.50").waitFor();

  await page.getByRole("button", { name: "Edit Salt" }).click();
  await page.getByLabel("Film", { exact: true }).fill("Salt and Pepper");
  await page.getByRole("button", { name: "Save" }).click();
  await guest.page.getByRole("heading", { name: "Salt and Pepper" }).waitFor();
  await closeClean(visit, guest);
});

test("seats taken off sale are so for everybody, and the report counts", async () => {
  const site = await openSite();
  const screening = await site.newScreening(gridPlan(3, 4));
  const { id: screeningId, cinemaId } = screening;
  const visit = await site.visit({ as: site.operator });
  const guest = await site.visit();
  const { page } = visit;
  await guest.goto(`#/screenings/${screeningId}`);
  await visit.goto(`#/operator/seats/${screeningId}`);
  await seatIs(page, "A1", "free");
  await page.locator('[data-row-of="B1"]').click();
  await seat(page, "A4").click();
  await page.getByRole("button", { name: "Take 5 seats off sale" }).click();
  await seatIs(guest.page, "B4", "blocked");
  await seatIs(guest.page, "A4", "blocked");
  await seat(page, "A4").click();
  await page.getByRole("button", { name: "Put 1 seat on sale" }).click();
  await seatIs(guest.page, "A4", "free");

  const ben = await site.newPerson();
  await site.call("cinema.hold", { screeningId, seatIds: ["C1", "C2"] }, ben);
  await site.call("cinema.book", { screeningId }, ben);
  await visit.goto(`#/operator/${cinemaId}/report`);
  await page.getByRole("row", { name: /The Long Crossing.*€20\.00/ }).waitFor();
  const csv = await downloaded(page, () =>
    page.getByRole("button", { name: "Export CSV" }).click(),
  );
  const [, line = ""] = csv.split("\r\n");
  assert.match(line, /,The Long Crossing,Blue hall,12,6,0,2,4,1,2000,EUR$/);
  await closeClean(visit, guest);
});

test("whoever is no operator is told so, and sees no way there", async () => {
  const site = await openSite();
  const visit = await site.visit({ as: await site.newPerson() });
  await visit.goto("#/operator");
  await visit.page.getByRole("heading", { name: "This page is for operators" }).waitFor();
  assert.equal(await visit.page.getByRole("link", { name: "Operator" }).count(), 0);
  await closeClean(visit);
});
