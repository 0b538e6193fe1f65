import assert from "node:assert/strict";
import { test } from "node:test";
import jsQR from "jsqr";
import { TOTP, URI } from "otpauth";
import type { Locator, Page } from "playwright-core";
import { closeClean, newName, openSite, PASSWORD } from "../support/browser.ts";

const STEP_MS = 30_000;

/** What is seen of an element, as pixels: decoded by the browser, which reads pictures anyway. */
async function pixelsOf(element: Locator, page: Page) {
  const picture = (await element.screenshot()).toString("base64");
  return page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext("2d");
    if (context === null) throw new Error("There is no canvas.");
    context.drawImage(bitmap, 0, 0);
    const { data, width, height } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    return { data: [...data], width, height };
  }, picture);
}

async function scan(element: Locator, page: Page): Promise<TOTP> {
  const { data, width, height } = await pixelsOf(element, page);
  const code = jsQR.default(Uint8ClampedArray.from(data), width, height);
  assert.ok(code, "the picture holds no QR code");
  const key = URI.parse(code.data);
  assert.ok(key instanceof TOTP);
  return key;
}

test("a stranger joins by QR code, leaves, and comes back with the next code", async () => {
  const site = await openSite();
  const visit = await site.visit();
  const { page } = visit;
  const username = newName();
  await visit.goto("#/sign-in");
  await page.getByLabel("Username").fill(username);
  await page.getByRole("button", { name: "Continue" }).click();

  const key = await scan(page.getByRole("img", { name: "QR code" }), page);
  assert.equal(key.label.includes(username), true);
  await page.getByText("I cannot scan it").click();
  const typed = (await page.locator(".secret code").innerText()).replaceAll(" ", "");
  assert.equal(typed, key.secret.base32, "the key for typing is the one in the picture");
  await page.getByLabel("Type the six digits").fill(key.generate());
  await page.getByRole("button", { name: "Join" }).click();

  await page.getByRole("heading", { name: "Keep these codes safe" }).waitFor();
  const codes = await page.locator(".codes code").allInnerTexts();
  assert.equal(new Set(codes).size, 10);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download" }).click();
  assert.equal((await download).suggestedFilename(), "stoa-recovery-codes.txt");
  await page.getByLabel("I have kept them").check();
  await page.getByRole("button", { name: "Go on" }).click();

  await page.getByRole("link", { name: username }).click();
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await page.getByRole("link", { name: "Sign in" }).click();
  await page.getByLabel("Username").fill(username);
  await page.getByRole("button", { name: "Continue" }).click();
  // The enrolment used up the present code; the one after it is taken already.
  const next = key.generate({ timestamp: Date.now() + STEP_MS });
  await page.getByLabel("Code").fill(next);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("link", { name: username }).waitFor();
  await closeClean(visit);
});

test("a recovery code opens the door once, when the phone is lost", async () => {
  const site = await openSite();
  const visit = await site.visit();
  const { page } = visit;
  const username = newName();
  const started = await site.call("auth.start", { username });
  assert.ok(started.status === "candidate");
  const code = new TOTP({ secret: started.secret }).generate();
  const { challenge } = started;
  const { recoveryCodes = [] } = await site.call("auth.confirm", { username, code, challenge });
  await visit.goto("#/sign-in");
  await page.getByLabel("Username").fill(username);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByLabel("Code").fill(recoveryCodes[0] ?? "");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("link", { name: username }).click();
  await page.getByText("9 recovery codes").waitFor();
  await closeClean(visit);
});

test("one joins with a password, and a wrong one is answered with a sentence", async () => {
  const site = await openSite();
  const visit = await site.visit();
  const { page } = visit;
  const username = newName();
  await visit.goto("#/sign-in?next=%23%2Fbookings");
  await page.getByRole("button", { name: "Use a password instead" }).click();
  await page.getByRole("button", { name: "Join with a password" }).click();
  await page.getByLabel("Username").fill(username);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Join", exact: true }).click();
  await page.getByRole("heading", { name: "My bookings" }).waitFor();

  await page.getByRole("link", { name: username }).click();
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await page.getByRole("link", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Use a password instead" }).click();
  await page.getByLabel("Username or email").fill(username);
  await page.getByLabel("Password").fill("something else");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("The name or the password is wrong.").waitFor();
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("link", { name: username }).waitFor();
  // The browser itself writes every refused request to the console.
  const isRefusal = (problem: string) => /status of 401/.test(problem);
  assert.equal(visit.problems.filter(isRefusal).length, 1);
  await visit.context.close();
  assert.deepEqual(
    visit.problems.filter((problem) => !isRefusal(problem)),
    [],
  );
});

test("pages for those who are signed in lead to the door and back", async () => {
  const site = await openSite();
  const visit = await site.visit();
  await visit.goto("#/account");
  await visit.page.getByRole("heading", { name: "Sign in or join" }).waitFor();
  await visit.page.getByRole("button", { name: "Ben" }).click();
  await visit.page.getByRole("heading", { name: "Your account", exact: true }).waitFor();
  await closeClean(visit);
});
