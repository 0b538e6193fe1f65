import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { test } from "node:test";
import { closeClean, openSite } from "../support/browser.ts";
import { waitFor } from "../support/wait-for.ts";
import { newWalletNumber } from "../support/wallet-funds.ts";
import {
  changeAnswers,
  fillTransfer,
  newPurses,
  pressSend,
  showsBalance,
  spoken,
} from "./purses.ts";

test("operators issue money, freeze a wallet, and have everything added up", async () => {
  const { site, ada, ben, visit: owner, open } = await newPurses();
  const visit = await site.visit({ as: site.operator });
  const { page } = visit;
  await owner.goto("#/operator/wallets");
  await owner.page.getByRole("heading", { name: "This page is for operators" }).waitFor();
  await open();
  await showsBalance(owner.page, "1,000.00");

  await visit.goto("#/operator");
  await page.getByRole("navigation", { name: "Desks" }).getByText("Wallets").click();
  await page.getByLabel("Wallet number").fill(newWalletNumber());
  await page.getByLabel("Amount").fill("250.5");
  await page.getByRole("button", { name: "Issue", exact: true }).click();
  await page.getByText("There is no wallet of this number.").waitFor();
  await page.getByLabel("Wallet number").fill(ada.walletId);
  await page.getByRole("button", { name: "Issue", exact: true }).click();
  await showsBalance(owner.page, "1,250.50");

  await page.getByLabel("How far below zero").fill("100");
  await page.getByRole("button", { name: "Set the overdraft" }).click();
  await spoken(page, /may go 100 below zero\.$/).waitFor();
  await owner.page.locator(".figures.large").getByText("1,350.50").waitFor();
  await page.getByRole("button", { name: "Freeze", exact: true }).click();
  await spoken(owner.page, /^This wallet is frozen: it neither pays nor takes\./).waitFor();
  await owner.page.locator(".wallet-head").getByText("Frozen").waitFor();
  const send = owner.page.getByRole("button", { name: "Send", exact: true });
  await waitFor(() => send.isDisabled(), { what: "nothing can be sent" });
  const why = await send.getAttribute("aria-describedby");
  assert.match(await owner.page.locator(`[id="${why}"]`).innerText(), /^This wallet is frozen/);
  await fillTransfer(owner.page, ben.walletId, "1");
  await owner.page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Unfreeze" }).click();
  await spoken(owner.page, "This wallet is open: it pays and takes.").waitFor();
  await owner.page.locator(".wallet-head").getByText("Open").waitFor();
  assert.equal(await owner.page.locator(".transaction").count(), 2, "nothing was sent");
  await pressSend(owner.page);
  await showsBalance(owner.page, "1,249.50");

  await site.call(
    "wallet.hold",
    { fromId: ada.walletId, toId: ben.walletId, amount: "77.00" },
    ada.as,
  );
  const flight = page.getByRole("region", { name: "Transfers in flight", exact: true });
  await flight.getByText("77.00 COIN").waitFor();
  const shards = page.getByRole("region", { name: "Shards", exact: true });
  assert.equal(await shards.getByText("Answers").count(), 2);
  await page.getByRole("button", { name: "Run the audit" }).click();
  await page.locator(".notice.good").getByText("Everything adds up.").waitFor();
  await closeClean(owner, visit);
});

test("what an audit finds is told", async () => {
  const site = await openSite();
  const visit = await site.visit({ as: site.operator });
  const { page } = visit;
  const findings = ["Shard 0 does not sum to zero.", "A transfer was posted on one side."];
  await changeAnswers(page, "wallet.audit", ({ data, ...frame }) => ({
    ...frame,
    data: { ...data, ok: false, findings },
  }));
  await visit.goto("#/operator/wallets");
  await page.getByRole("button", { name: "Run the audit" }).click();
  await spoken(page, "2 things do not add up.").waitFor();
  const shown = await page.locator(".notice.bad li").allInnerTexts();
  assert.deepEqual(shown, findings);
  await closeClean(visit);
});

test("operators define assets and issue them; amounts have their digits everywhere", async () => {
  const { site, visit: owner, page, ben } = await newPurses();
  const desk = await site.visit({ as: site.operator });
  const code = `Z${randomInt(10 ** 8)}`;
  await desk.goto("#/operator/wallets");
  const define = async (digits: string) => {
    await desk.page.getByRole("button", { name: "Define an asset" }).click();
    await desk.page.getByLabel("Code").fill(code.toLowerCase());
    await desk.page.getByLabel("Name").fill("Grains");
    await desk.page.getByLabel("Digits behind the point").selectOption(digits);
    await desk.page.getByRole("button", { name: "Define it" }).click();
  };
  await define("3");
  await spoken(desk.page, `Grains (${code}) can be kept in wallets.`).waitFor();
  const row = desk.page.getByRole("row", { name: new RegExp(code) });
  await row.getByText("0.001").waitFor();
  await define("2");
  await desk.page.getByText("The scale of an asset cannot be changed").waitFor();
  await desk.page.keyboard.press("Escape");

  await owner.goto("#/wallets");
  await page.getByRole("button", { name: "Open a wallet" }).first().click();
  await page.getByLabel("Kind of money").selectOption(code);
  await page.getByRole("button", { name: "Open it" }).click();
  await page.locator(".figures.large").getByText("100.000").first().waitFor();
  const number = await page.locator(".wallet-head .wallet-number").innerText();

  await desk.page.getByLabel("Wallet number").fill(ben.walletId);
  await desk.page.getByLabel("Asset", { exact: true }).selectOption(code);
  await desk.page.getByLabel(`Amount in ${code}`).fill("0.0001");
  const issue = desk.page.getByRole("button", { name: "Issue", exact: true });
  await issue.click();
  await desk.page.getByText(`${code} has 3 digits behind the point.`).waitFor();
  await desk.page.getByLabel(`Amount in ${code}`).fill("2.5");
  await issue.click();
  await desk.page.getByText("The wallet of this number keeps another asset.").waitFor();
  await desk.page.getByLabel("Wallet number").fill(number);
  await issue.click();
  await spoken(desk.page, new RegExp(`^2\\.500 ${code} issued to `)).waitFor();
  await showsBalance(page, "102.500");

  await page.getByLabel("To wallet number").fill(ben.walletId);
  await page.getByLabel(`Amount in ${code}`).fill("1.25");
  await pressSend(page);
  await page.locator(".notice.bad").getByText(`1.250 ${code} to`).waitFor();
  await page.getByText("That wallet keeps another kind of money.").first().waitFor();
  await page.getByRole("link", { name: "Statement" }).click();
  await page.locator(".statement").getByText("+2.500").waitFor();
  await closeClean(owner, desk);
});
