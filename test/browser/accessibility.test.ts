import assert from "node:assert/strict";
import { test } from "node:test";
import { closeClean, openSite, type Site, seat, seatIs, type Visit } from "../support/browser.ts";
import { findings } from "./axe.ts";

interface Place {
  readonly what: string;
  open(visit: Visit): Promise<void>;
}

/** Every page, in the states that look different. */
async function placesOf(site: Site): Promise<Place[]> {
  const screening = await site.newScreening();
  const { id, cinemaId } = screening;
  const at = (what: string, hash: string, heading: string): Place => ({
    what,
    async open({ page, goto }) {
      await goto(hash);
      await page.getByRole("heading", { name: heading, exact: true }).first().waitFor();
    },
  });
  const press = async ({ page }: Visit, name: string) =>
    page.getByRole("button", { name, exact: true }).click();
  return [
    at("the cinemas", "#/", "Take your seats."),
    at("a cinema", `#/cinemas/${cinemaId}`, "The Long Crossing"),
    {
      what: "a hall with seats held, selected and booked",
      async open(visit) {
        await visit.goto(`#/screenings/${id}`);
        await seat(visit.page, "A1").click();
        await press(visit, "Hold 1 seat");
        await seatIs(visit.page, "A1", "mine");
        await seat(visit.page, "A2").click();
      },
    },
    {
      what: "the hall as a list",
      async open(visit) {
        await visit.goto(`#/screenings/${id}`);
        await press(visit, "List");
        await visit.page.getByText("Row A").click();
      },
    },
    {
      what: "a booking that is confirmed",
      async open(visit) {
        await visit.goto(`#/screenings/${id}`);
        await press(visit, "Book 1 seat");
        await visit.page.getByRole("dialog").waitFor();
      },
    },
    at("bookings", "#/bookings", "My bookings"),
    {
      what: "the question before a cancellation",
      async open(visit) {
        await visit.goto("#/bookings");
        await visit.page.getByRole("button", { name: "Cancel booking" }).first().click();
        await visit.page.getByRole("dialog").waitFor();
      },
    },
    at("the account", "#/account", "Where you are signed in"),
    at("the desk", `#/operator/${cinemaId}/screenings`, "The Long Crossing"),
    {
      what: "a screening's form",
      async open(visit) {
        await visit.goto(`#/operator/${cinemaId}/screenings`);
        await visit.page.getByRole("button", { name: "Add a screening" }).click();
        await visit.page.getByLabel("Standard").waitFor();
      },
    },
    {
      what: "a hall's import",
      async open(visit) {
        await visit.goto(`#/operator/${cinemaId}/halls`);
        await visit.page.getByRole("button", { name: "Import a hall" }).click();
        await press(visit, "Make it");
        await visit.page.getByLabel("Name of the hall").waitFor();
      },
    },
    at("the report", `#/operator/${cinemaId}/report`, "Report"),
    at("seats on sale", `#/operator/seats/${id}`, "Seats on sale"),
    at("a page that is not there", "#/nowhere", "Nothing here"),
  ];
}

/** Pages of those who are not signed in. */
const OUTSIDE: readonly Place[] = [
  {
    what: "the door",
    async open({ page, goto }) {
      await goto("#/sign-in");
      await page.getByRole("button", { name: "Ada" }).waitFor();
    },
  },
  {
    what: "the door for passwords",
    async open({ page, goto }) {
      await goto("#/sign-in");
      await page.getByRole("button", { name: "Use a password instead" }).click();
    },
  },
  {
    what: "an enrolment",
    async open({ page, goto }) {
      await goto("#/sign-in");
      await page.getByLabel("Username").fill("somebody.else");
      await page.getByRole("button", { name: "Continue" }).click();
      await page.getByRole("img", { name: "QR code" }).waitFor();
    },
  },
  {
    what: "a forgotten password",
    async open({ page, goto }) {
      await goto("#/forgot-password");
      await page.getByLabel("Email").waitFor();
    },
  },
];

for (const light of ["light", "dark"] as const) {
  test(`axe finds nothing serious on any page, ${light}`, async () => {
    const site = await openSite();
    const inside = await site.visit({ as: site.operator, light });
    const outside = await site.visit({ light });
    for (const place of await placesOf(site)) {
      await place.open(inside);
      assert.deepEqual(await findings(inside), [], place.what);
    }
    for (const place of OUTSIDE) {
      await place.open(outside);
      assert.deepEqual(await findings(outside), [], place.what);
    }
    await closeClean(inside, outside);
  });
}
