import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page, WebSocketRoute } from "playwright-core";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { closeClean, openSite, seat, seatIs, startSite } from "../support/browser.ts";

const HOLD_MS = 10 * 60_000;
/** As the service says it when it is about to start again. */
const RESTARTING = 1012;
/** Scripts of the first view, compressed. */
const FIRST_SCRIPTS_BYTES_MAX = 60_000;

/** Stands between the page and the service, and can be cut. */
async function cutter(page: Page) {
  const open = new Set<WebSocketRoute>();
  let isCut = false;
  await page.routeWebSocket(/\/socket$/, (socket) => {
    if (isCut) {
      void socket.close({ code: RESTARTING });
      return;
    }
    socket.connectToServer();
    open.add(socket);
  });
  return {
    async cut() {
      isCut = true;
      for (const socket of open) await socket.close({ code: RESTARTING });
      open.clear();
    },
    mend() {
      isCut = false;
    },
  };
}

test("a lost connection is told, and what was missed is there when it is back", async () => {
  const site = await openSite();
  const screening = await site.newScreening();
  const visit = await site.visit();
  const { page } = visit;
  const line = await cutter(page);
  await visit.goto(`#/screenings/${screening.id}`);
  await seatIs(page, "A1", "free");
  await line.cut();
  const banner = page.getByText("Connection lost.");
  await banner.waitFor();
  const seatIds = ["A1", "A2"];
  await site.call("cinema.hold", { screeningId: screening.id, seatIds }, await site.newPerson());
  await seatIs(page, "A1", "free");
  line.mend();
  await seatIs(page, "A1", "held");
  await seatIs(page, "A2", "held");
  await banner.waitFor({ state: "detached" });
  await closeClean(visit);
});

test("a hold that has run out is taken back, and its holder is told", async () => {
  let aheadMs = 0;
  const clock = { ...systemClock, nowMs: () => systemClock.nowMs() + aheadMs };
  await using site = await startSite({ clock });
  const screening = await site.newScreening();
  const visit = await site.visit({ as: await site.newPerson() });
  await visit.goto(`#/screenings/${screening.id}`);
  await seat(visit.page, "A1").click();
  await visit.page.getByRole("button", { name: "Hold 1 seat" }).click();
  await seatIs(visit.page, "A1", "mine");
  aheadMs = HOLD_MS;
  await seatIs(visit.page, "A1", "free");
  await visit.page.getByText("Your hold has ended: A1.").first().waitFor();
  await closeClean(visit);
});

test("the lights of the house stay as they were set", async () => {
  const site = await openSite();
  const visit = await site.visit();
  const { page } = visit;
  await visit.goto("#/");
  const theme = () => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
  assert.equal(await theme(), "light dark", "the system decides until one chooses");
  await page.getByRole("button", { name: "Turn the house lights off" }).click();
  assert.equal(await theme(), "dark");
  await page.reload();
  await page.getByRole("button", { name: "Turn the house lights on" }).waitFor();
  assert.equal(await theme(), "dark");
  await closeClean(visit);
});

test("the first view is small", async () => {
  const site = await openSite();
  const visit = await site.visit();
  const { page } = visit;
  const sizes: Promise<number>[] = [];
  page.on("response", (response) => {
    if (response.request().resourceType() !== "script") return;
    sizes.push(
      response
        .request()
        .sizes()
        .then(({ responseBodySize }) => responseBodySize),
    );
  });
  await visit.goto("#/");
  await page.getByRole("heading", { name: "Take your seats." }).waitFor();
  const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  assert.ok(bytes > 0 && bytes <= FIRST_SCRIPTS_BYTES_MAX, `${bytes} bytes of script`);
  await closeClean(visit);
});
