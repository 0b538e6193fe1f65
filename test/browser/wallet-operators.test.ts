import assert from "node:assert/strict";
import { test } from "node:test";
import { closeClean, openSite } from "../support/browser.ts";
import { newWalletNumber } from "../support/wallet-funds.ts";
import {
  changeAnswers,
  fillTransfer,
  newOwner,
  pressSend,
  showsBalance,
  spoken,
} from "./purses.ts";

test("operators issue money, freeze a wallet, and have everything added up", async () => {
  const site = await openSite();
  const ada = await newOwner(site);
  const ben = await newOwner(site);
  const owner = await site.visit({ as: ada.as });
  const visit = await site.visit({ as: site.operator });
  const { page } = visit;
  await owner.goto(`#/wallets/${ada.walletId}`);
  await owner.goto("#/operator/wallets");
  await owner.page.getByRole("heading", { name: "This page is for operators" }).waitFor();
  await owner.goto(`#/wallets/${ada.walletId}`);
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
  await page.getByRole("button", { name: "Freeze", exact: true }).click();
  await spoken(page, /is frozen\.$/).waitFor();
  await fillTransfer(owner.page, ben.walletId, "1");
  await pressSend(owner.page);
  await spoken(owner.page, /One of the two wallets is frozen\.$/).waitFor();
  await owner.page.getByText("This wallet is frozen").waitFor();
  await page.getByRole("button", { name: "Unfreeze" }).click();
  await spoken(page, /pays and takes again\.$/).waitFor();
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
