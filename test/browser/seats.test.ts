import assert from "node:assert/strict";
import { test } from "node:test";
import { closeClean, openSite, seat, seatIs } from "../support/browser.ts";
import { gridPlan } from "../support/cinema-fixture.ts";

test("what one holds, the other sees at once; booked, it is there after a reload", async () => {
  const site = await openSite();
  const screening = await site.newScreening();
  const ada = await site.visit({ as: await site.newPerson() });
  const ben = await site.visit({ as: await site.newPerson() });
  await ada.goto(`#/screenings/${screening.id}`);
  await ben.goto(`#/screenings/${screening.id}`);

  await seat(ada.page, "B3").click();
  await seat(ada.page, "B4").click();
  await ada.page.getByRole("button", { name: "Hold 2 seats" }).click();
  await seatIs(ada.page, "B3", "mine");
  await seatIs(ben.page, "B3", "held");
  await seatIs(ben.page, "B4", "held");
  assert.match(await ada.page.getByRole("timer").innerText(), /^(10:00|9:5\d)$/);

  await ada.page.getByRole("button", { name: "Release B4" }).click();
  await seatIs(ben.page, "B4", "free");

  await ada.page.getByRole("button", { name: "Book 1 seat" }).click();
  const dialog = ada.page.getByRole("dialog");
  const reference = await dialog.locator(".reference").innerText();
  await seatIs(ben.page, "B3", "booked");

  await ada.page.reload();
  await seatIs(ada.page, "B3", "booked-mine");
  await ada.goto("#/bookings");
  await ada.page.getByText(reference).waitFor();
  await closeClean(ada, ben);
});

test("a hold outlives its window, and goes on with the same clock", async () => {
  const site = await openSite();
  const screening = await site.newScreening();
  const ada = await site.newPerson();
  await site.call("cinema.hold", { screeningId: screening.id, seatIds: ["A1"] }, ada);
  const visit = await site.visit({ as: ada });
  await visit.goto(`#/screenings/${screening.id}`);
  await visit.page.getByRole("heading", { name: "1 seat held for you" }).waitFor();
  await visit.page.getByRole("button", { name: "More time" }).click();
  await visit.page.getByRole("button", { name: "Release", exact: true }).click();
  await seatIs(visit.page, "A1", "free");
  await closeClean(visit);
});

test("who comes too late is told which seats are lost, and keeps the others", async () => {
  const site = await openSite();
  const screening = await site.newScreening();
  const visit = await site.visit({ as: await site.newPerson() });
  await visit.goto(`#/screenings/${screening.id}`);
  for (const seatId of ["C1", "C2", "C3"]) await seat(visit.page, seatId).click();
  const seatIds = ["C2"];
  await site.call("cinema.hold", { screeningId: screening.id, seatIds }, await site.newPerson());
  await seatIs(visit.page, "C2", "held");
  await visit.page.getByText("C2 was just taken by somebody else.").first().waitFor();
  await visit.page.getByText("C2 is no longer free.").waitFor();
  await visit.page.getByRole("button", { name: "Hold 2 seats" }).click();
  await seatIs(visit.page, "C1", "mine");
  await seatIs(visit.page, "C3", "mine");
  await closeClean(visit);
});

test("a conflict that no push foretold holds nothing, and names what is lost", async () => {
  const site = await openSite();
  const screening = await site.newScreening();
  const visit = await site.visit({ as: await site.newPerson() });
  const { page } = visit;
  let isDeaf = true;
  await page.routeWebSocket(/\/socket$/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => {
      if (!isDeaf || !message.includes('"type":"cinema.seats"')) socket.send(message);
    });
  });
  await visit.goto(`#/screenings/${screening.id}`);
  for (const seatId of ["C1", "C2"]) await seat(page, seatId).click();
  const seatIds = ["C2"];
  await site.call("cinema.hold", { screeningId: screening.id, seatIds }, await site.newPerson());
  await page.getByRole("button", { name: "Hold 2 seats" }).click();
  await page.getByText("C2 is no longer free.").waitFor();
  assert.deepEqual(await page.locator(".chip strong").allInnerTexts(), ["C1"]);
  isDeaf = false;
  await page.getByRole("button", { name: "Hold 1 seat" }).click();
  await seatIs(page, "C1", "mine");
  await closeClean(visit);
});

test("whoever is not signed in keeps the selection on the way through the door", async () => {
  const site = await openSite();
  const screening = await site.newScreening();
  const visit = await site.visit();
  await visit.goto(`#/screenings/${screening.id}`);
  await seat(visit.page, "D2").click();
  await visit.page.getByRole("button", { name: "Sign in to hold them" }).click();
  await visit.page.getByRole("button", { name: "Ada" }).click();
  await seatIs(visit.page, "D2", "selected");
  await visit.page.getByRole("button", { name: "Hold 1 seat" }).click();
  await seatIs(visit.page, "D2", "mine");
  await visit.page.getByRole("button", { name: "Release", exact: true }).click();
  await seatIs(visit.page, "D2", "free");
  await closeClean(visit);
});

test("the best seats are found, shown and held", async () => {
  const site = await openSite();
  const screening = await site.newScreening(gridPlan(8, 10));
  const visit = await site.visit({ as: await site.newPerson() });
  await visit.goto(`#/screenings/${screening.id}`);
  await visit.page.getByRole("button", { name: "More" }).click();
  await visit.page.getByRole("button", { name: "Find the best seats" }).click();
  await visit.page.getByRole("button", { name: "Hold 3 seats" }).click();
  await visit.page.locator(".seat.mine").nth(2).waitFor();
  await closeClean(visit);
});

test("who waits for a full house is offered what comes free", async () => {
  const site = await openSite();
  const screening = await site.newScreening(gridPlan(1, 2));
  const { id: screeningId } = screening;
  const ben = await site.newPerson();
  await site.call("cinema.hold", { screeningId, seatIds: ["A1", "A2"] }, ben);
  const { id: bookingId } = await site.call("cinema.book", { screeningId }, ben);
  const visit = await site.visit({ as: await site.newPerson() });
  await visit.goto(`#/screenings/${screeningId}`);
  await visit.page.getByRole("button", { name: "Join the waiting list" }).click();
  await visit.page.getByText("number 1", { exact: true }).waitFor();
  await site.call("cinema.cancelBooking", { bookingId }, ben);
  await visit.page.getByRole("heading", { name: "Offered to you" }).waitFor();
  await visit.page.getByRole("button", { name: "Book 1 seat" }).click();
  await visit.page.getByRole("dialog").getByText("Enjoy the film").waitFor();
  await closeClean(visit);
});

test("the counts of a cinema follow without a reload", async () => {
  const site = await openSite();
  const screening = await site.newScreening(gridPlan(4, 5));
  const visit = await site.visit();
  await visit.goto(`#/cinemas/${screening.cinemaId}`);
  await visit.page.getByText("20 seats free").waitFor();
  const seatIds = ["A1", "A2", "A3"];
  await site.call("cinema.hold", { screeningId: screening.id, seatIds }, await site.newPerson());
  await visit.page.getByText("17 seats free").waitFor();
  await closeClean(visit);
});
