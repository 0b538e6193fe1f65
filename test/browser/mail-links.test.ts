import assert from "node:assert/strict";
import { test } from "node:test";
import { closeClean, newName, PASSWORD, startSite } from "../support/browser.ts";
import { createSmtpPeer, textOf } from "../support/smtp-peer.ts";
import { waitFor } from "../support/wait-for.ts";

const NEXT_PASSWORD = "another seat by the aisle";

test("the links of mails that a real server received work in the browser", async () => {
  const smtp = await createSmtpPeer();
  const mail = { smtpUrl: `smtp://127.0.0.1:${smtp.port}`, from: "Stoa <stoa@stoa.test>" };
  await using site = await startSite({}, { mail });
  const post = (path: string, body: object, token?: string) =>
    fetch(`${site.url}/chat${path}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
    });
  /** Where the newest mail to somebody leads, as a hash of our page. */
  const linkTo = async (to: string, page: string) => {
    const link = new RegExp(`^${site.url}/app/(#/${page}/[\\w-]{43})$`, "m");
    const find = () => {
      const texts = smtp.received.filter((sent) => sent.to.includes(to)).map(textOf);
      return link.exec(texts.findLast((text) => link.test(text)) ?? "")?.[1];
    };
    await waitFor(() => find() !== undefined, { what: `a mail to ${to} for ${page}` });
    return find() ?? "";
  };

  const [email, next] = [`${newName()}@stoa.test`, `${newName()}@stoa.test`];
  const registered = await post("/auth/register", { email, password: PASSWORD });
  const { auth_token: token } = (await registered.json()) as { auth_token: string };
  const visit = await site.visit();
  const { page } = visit;
  await visit.goto(await linkTo(email, "confirm-email"));
  await page.getByRole("button", { name: "Confirm the address" }).click();
  await page.getByText("The address is confirmed.").waitFor();

  assert.equal((await post("/api/token/email_change", {}, token)).status, 204);
  const mine = await site.visit({ as: { username: email, bearer: token } });
  await mine.goto(await linkTo(email, "change-email"));
  await mine.page.getByLabel("New email address").fill(next);
  await mine.page.getByLabel("Current password").fill(PASSWORD);
  await mine.page.getByRole("button", { name: "Change the address" }).click();
  await mine.page.getByText("Open the link that we mailed").waitFor();
  assert.match(await linkTo(next, "confirm-email"), /confirm-email/);
  await visit.goto(await linkTo(email, "undo-email-change"));
  await page.getByRole("button", { name: "It was not me" }).click();
  await page.getByText("its former address again").waitFor();

  // The way back brings this mail along.
  await visit.goto(await linkTo(email, "reset-password"));
  await page.getByLabel("New password").fill(NEXT_PASSWORD);
  await page.getByRole("button", { name: "Set the password" }).click();
  await page.getByText("Your password is set").waitFor();
  const login = await post("/auth/login", { email, password: NEXT_PASSWORD });
  assert.equal(login.status, 200);
  await closeClean(visit, mine);
  await smtp.close();
});
