import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { TOTP } from "otpauth";
import { closeClean, newName, openSite, PASSWORD, type Site } from "../support/browser.ts";
import { waitFor } from "../support/wait-for.ts";

/** The page that the newest mail to somebody leads to. */
async function linkInMail(site: Site, to: string): Promise<string> {
  const folder = join(site.app.config.dataFolder, "mail");
  const find = async () => {
    const names = await readdir(folder).catch(() => []);
    const mails = await Promise.all(
      names.sort().map((name) => readFile(join(folder, name), "utf8")),
    );
    // Quoted-printable breaks long lines with "=" and writes "=" itself as "=3D".
    const texts = mails.map((mail) => mail.replaceAll(/=\r?\n/g, "").replaceAll("=3D", "="));
    const mail = texts.findLast((text) => text.includes(to) && text.includes("/app/#/"));
    return /\/app\/(#\/[\w-]+\/[\w-]{43})/.exec(mail ?? "")?.[1];
  };
  const hash = await waitFor(find, { what: `a mail to ${to}`, timeoutMs: 15_000 });
  assert.ok(hash);
  return hash;
}

test("name and address are changed, and the address is confirmed by mail", async () => {
  const site = await openSite();
  const visit = await site.visit({ as: await site.newPerson() });
  const { page } = visit;
  const email = `${newName()}@stoa.test`;
  await visit.goto("#/account");
  await page.getByLabel("Name shown to others").fill("Nora of the Third Row");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("link", { name: "Nora of the Third Row" }).waitFor();

  await page.getByText("Add an address").click();
  await page.getByLabel("Email address").fill(email);
  await page.getByRole("button", { name: "Add the address" }).click();
  await page.getByText("A link is on its way").waitFor();
  await visit.goto(await linkInMail(site, email));
  await page.getByRole("button", { name: "Confirm the address" }).click();
  await page.getByText("The address is confirmed.").waitFor();
  await visit.goto("#/account");
  await page.getByText(email).waitFor();
  await page.getByText("Confirmed", { exact: true }).waitFor();
  await closeClean(visit);
});

test("a forgotten password is replaced through the mailbox", async () => {
  const site = await openSite();
  const email = `${newName()}@stoa.test`;
  await site.call("auth.register", { email, password: PASSWORD });
  const visit = await site.visit();
  const { page } = visit;
  await visit.goto(await linkInMail(site, email));
  await page.getByRole("button", { name: "Confirm the address" }).click();
  await page.getByText("The address is confirmed.").waitFor();

  await visit.goto("#/forgot-password");
  await page.getByLabel("Email").fill(email);
  await page.getByRole("button", { name: "Send the link" }).click();
  await page.getByText("is on its way").waitFor();
  const isReset = async () => (await linkInMail(site, email)).startsWith("#/reset-password");
  await waitFor(isReset, { what: "the mail with the link", timeoutMs: 15_000 });
  await visit.goto(await linkInMail(site, email));
  await page.getByLabel("New password").fill("another seat by the aisle");
  await page.getByRole("button", { name: "Set the password" }).click();
  await page.getByText("Your password is set").waitFor();
  await page.getByRole("link", { name: "Sign in" }).last().click();
  await page.getByRole("button", { name: "Use a password instead" }).click();
  await page.getByLabel("Username or email").fill(email);
  await page.getByLabel("Password").fill("another seat by the aisle");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("link", { name: "My bookings" }).waitFor();
  await closeClean(visit);
});

test("an address is changed by the mail to the former one, which takes the change back", async () => {
  const site = await openSite();
  const [former, next] = [`${newName()}@stoa.test`, `${newName()}@stoa.test`];
  const { token } = await site.call("auth.register", { email: former, password: PASSWORD });
  const person = { username: former, bearer: token };
  const visit = await site.visit({ as: person });
  const { page } = visit;
  const linkTo = async (to: string, place: string) => {
    const isThere = async () => (await linkInMail(site, to)).startsWith(`#/${place}/`);
    await waitFor(isThere, { what: `the mail that leads to ${place}`, timeoutMs: 15_000 });
    return linkInMail(site, to);
  };
  await site.call("auth.requestEmailChange", {}, person);
  await visit.goto(await linkTo(former, "change-email"));
  await page.getByLabel("New email address").fill(next);
  await page.getByLabel("Current password").fill(PASSWORD);
  await page.getByRole("button", { name: "Change the address" }).click();
  await page.getByText("Open the link that we mailed").waitFor();
  await visit.goto("#/account");
  await page.getByText("Not confirmed").waitFor();
  await visit.goto(await linkTo(next, "confirm-email"));
  await page.getByRole("button", { name: "Confirm the address" }).click();
  await page.getByText("The address is confirmed.").waitFor();

  const elsewhere = await site.visit();
  await elsewhere.goto(await linkTo(former, "undo-email-change"));
  await elsewhere.page.getByRole("button", { name: "It was not me" }).click();
  await elsewhere.page.getByText("its former address again").waitFor();
  await page.getByRole("link", { name: "Sign in" }).first().waitFor();
  await elsewhere.goto(await linkTo(former, "reset-password"));
  await elsewhere.page.getByLabel("New password").fill("another seat by the aisle");
  await elsewhere.page.getByRole("button", { name: "Set the password" }).click();
  await elsewhere.page.getByText("Your password is set").waitFor();
  await closeClean(visit, elsewhere);
});

test("a code app is set up beside the password, and then asked for", async () => {
  const site = await openSite();
  const person = await site.newPerson();
  const visit = await site.visit({ as: person });
  const { page } = visit;
  await visit.goto("#/account");
  await page.getByRole("button", { name: "Set up a code app" }).click();
  await page.getByText("I cannot scan it").click();
  const secret = (await page.locator(".secret code").innerText()).replaceAll(" ", "");
  await page.getByLabel("Type the six digits").fill(new TOTP({ secret }).generate());
  await page.getByRole("button", { name: "Turn it on" }).click();
  await page.getByLabel("I have kept them").check();
  const [recoveryCode = ""] = await page.locator(".codes code").allInnerTexts();
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByText("10 recovery codes").waitFor();
  await page.getByText("Code app set up").waitFor();

  const elsewhere = await site.visit();
  await elsewhere.goto("#/sign-in");
  await elsewhere.page.getByRole("button", { name: "Use a password instead" }).click();
  await elsewhere.page.getByLabel("Username or email").fill(person.username);
  await elsewhere.page.getByLabel("Password").fill(PASSWORD);
  await elsewhere.page.getByRole("button", { name: "Sign in" }).click();
  await elsewhere.page.getByLabel("Code of your authenticator app").fill(recoveryCode);
  await elsewhere.page.getByRole("button", { name: "Sign in" }).click();
  await elsewhere.page.getByRole("link", { name: "My bookings" }).waitFor();
  await elsewhere.context.close();
  await closeClean(visit);
});

test("a session that is ended elsewhere is over at once, also in its open window", async () => {
  const site = await openSite();
  const person = await site.newPerson();
  const here = await site.visit({ as: person });
  const { token } = await site.call("auth.login", {
    username: person.username,
    secret: PASSWORD,
  });
  const there = await site.visit({ as: { username: person.username, bearer: token } });
  await there.goto("#/bookings");
  await there.page.getByRole("heading", { name: "My bookings" }).waitFor();
  await here.goto("#/account");
  await here.page.getByRole("button", { name: "End", exact: true }).first().click();
  await there.page.getByRole("heading", { name: "Sign in or join" }).waitFor();
  await here.page.getByRole("button", { name: "Sign out everywhere" }).click();
  await here.page.getByRole("link", { name: "Sign in" }).waitFor();
  await closeClean(here, there);
});
